import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '@hokku/kit/problem'
import * as z from 'zod'
import { problem } from '../problems.ts'
import type { Observation } from '../frames/build-frame.ts'
import { scoreEach, type Model, type Outcome } from './model.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'

const Requests = z.array(
  z.object({ id: z.unknown().optional(), observation: z.record(z.string(), z.unknown()) }),
)
const Expected = z.array(
  z.object({
    id: z.unknown().optional(),
    predict_proba: z.array(z.number()).optional(),
    predict: z.unknown().optional(),
    error: z.unknown().optional(),
  }),
)
type Wanted = z.infer<typeof Expected>[number]

export type Mismatch = Readonly<{ id: unknown; message: string }>
export type CheckResult = Readonly<{ rows: number; worst: number; mismatches: readonly Mismatch[] }>

/** Scores `requests.json` and compares with the answers of scikit-learn in `expected.json`. */
export function checkAnswers(
  model: Model,
  requests: unknown,
  expected: unknown,
  tolerance: number,
): CheckResult {
  const sent = Requests.parse(requests)
  const wanted = Expected.parse(expected)
  const outcomes = scoreEach(
    model,
    sent.map(({ observation }): Observation => observation),
  )
  const rows = wanted.map((row, i) => compare(row, outcomes[i], tolerance))
  return {
    rows: wanted.length,
    worst: Math.max(0, ...rows.map((row) => row.distance)),
    mismatches: rows.flatMap(({ message }, i) =>
      message === undefined ? [] : [{ id: wanted[i]!.id, message }],
    ),
  }
}

/**
 * Compares with `requests.json` and `expected.json` of a model folder.
 *
 * @throws Problem `model_invalid` if they are missing or are not what a check needs
 */
export async function checkFolder(
  directory: string,
  model: Model,
  tolerance = toleranceOf(model),
): Promise<CheckResult> {
  const [requests, expected] = await Promise.all(
    CHECK_FILES.map((file) => readJson(join(directory, file))),
  )
  try {
    return checkAnswers(model, requests, expected, tolerance)
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error
    throw problem(
      'model_invalid',
      'requests.json or expected.json do not have the shape of a check.',
      { cause: error },
    )
  }
}

/** How far probabilities may be from scikit-learn's: boosters in single precision have fewer digits. */
const toleranceOf = ({ estimator }: Model): number => (estimator.isSingle === true ? 1e-6 : 1e-9)
export const CHECK_FILES = ['requests.json', 'expected.json'] as const

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown
  } catch (error) {
    throw problem('model_invalid', `${path} cannot be read as JSON.`, {
      cause: error,
      hint: 'The folder needs requests.json and expected.json beside the model.',
    })
  }
}

type Comparison = Readonly<{ distance: number; message?: string }>

function compare(wanted: Wanted, got: Outcome | undefined, tolerance: number): Comparison {
  if (got === undefined) return { distance: 0, message: 'has no request' }
  if (wanted.error !== undefined) {
    return got instanceof Problem ? { distance: 0 } : { distance: 0, message: 'should be refused' }
  }
  if (got instanceof Problem) return { distance: 0, message: `is refused: ${got.message}` }
  if (wanted.predict_proba === undefined)
    return compareValue(wanted.predict, got.predict, tolerance)
  const distance = Math.max(
    ...wanted.predict_proba.map((p, k) => Math.abs(p - (got.proba?.[k] ?? Infinity))),
  )
  if (!(distance <= tolerance)) {
    return {
      distance,
      message: `should be ${wanted.predict_proba.join(' ')}, is ${got.proba?.join(' ')}`,
    }
  }
  return { ...compareValue(wanted.predict, got.predict, tolerance), distance }
}

function compareValue(wanted: unknown, got: unknown, tolerance: number): Comparison {
  if (typeof wanted === 'number' && typeof got === 'number') {
    const distance = Math.abs(wanted - got) / Math.max(1, Math.abs(wanted))
    return distance <= tolerance
      ? { distance }
      : { distance, message: `should be ${wanted}, is ${got}` }
  }
  if (wanted === got) return { distance: 0 }
  return {
    distance: 0,
    message: `should be ${stringifyExactly(wanted)}, is ${stringifyExactly(got)}`,
  }
}
