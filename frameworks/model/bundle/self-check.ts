import { Problem } from '@hokku/kit/problem'
import * as z from 'zod'
import type { Observation } from '../frames/build-frame.ts'
import { scoreEach, type Model, type Outcome } from './model.ts'

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
  return { distance: 0, message: `should be ${JSON.stringify(wanted)}, is ${JSON.stringify(got)}` }
}
