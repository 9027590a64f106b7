import { problem } from '../problems.ts'
import { parseJson } from '../bundle/exact-json.ts'
import type { Observation } from '../frames/build-frame.ts'
import type { ObservationId } from '../store/prediction.ts'

/** An observation to score; with an id it is recorded. `raw` is what the record keeps. */
export type Item = Readonly<{
  id: ObservationId | undefined
  observation: Observation
  raw: string
}>

/** What POST /predict was given: one observation, or many that are answered one by one. */
export type PredictRequest =
  | Readonly<{ shape: 'one'; item: Item }>
  | Readonly<{ shape: 'array' | 'lines' | 'records'; items: readonly (Item | Error)[] }>

/**
 * Reads a body: an object with an `observation` object is an envelope, any other object is the
 * observation itself, an array or a line each holds many of either.
 *
 * @throws Problem `request_invalid`
 */
export function readPredictRequest(body: string, isLines: boolean): PredictRequest {
  if (isLines) return { shape: 'lines', items: readLines(body) }
  const value = parseJson(body)
  if (value === undefined) throw problem('request_invalid', 'The body is not valid JSON.')
  if (Array.isArray(value)) {
    requireCount(value.length)
    return {
      shape: 'array',
      items: value.map((item: unknown, i) =>
        attempt(() => readItem(item, undefined, `Element ${i}`)),
      ),
    }
  }
  const records = recordsOf(value)
  if (records !== undefined) {
    requireCount(records.length)
    return {
      shape: 'records',
      items: records.map((observation) => ({ id: undefined, observation, raw: '' })),
    }
  }
  return { shape: 'one', item: readItem(value, body, 'The body') }
}

/** Most observations in one request; more belong into several, or into `model-server score`. */
const ITEMS_MAX = 10_000

function requireCount(count: number): void {
  if (count <= ITEMS_MAX) return
  throw problem('request_invalid', `One request may hold ${ITEMS_MAX} observations, not ${count}.`)
}

function readLines(body: string): (Item | Error)[] {
  const lines = body.split('\n')
  requireCount(lines.length - 1)
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return []
    const value = parseJson(line)
    if (value === undefined) {
      return [problem('request_invalid', `Line ${i + 1} is not valid JSON.`)]
    }
    return [attempt(() => readItem(value, line.trim(), `Line ${i + 1}`))]
  })
}

function readItem(value: unknown, raw: string | undefined, where: string): Item {
  if (!isRecord(value)) throw problem('request_invalid', `${where} is not a JSON object.`)
  const { observation } = value
  if (!isRecord(observation)) {
    refuseHalfEnvelope(value, where)
    return { id: undefined, observation: value, raw: raw ?? '' }
  }
  const given = value['id'] ?? value['observation_id']
  return { id: readId(given, where), observation, raw: raw ?? stringifyExactly(value) }
}

/** `{"id": 1, "observation": "oops"}` is no observation with two odd columns. */
function refuseHalfEnvelope(value: Record<string, unknown>, where: string): void {
  if (!('observation' in value) || !('id' in value)) return
  throw problem('request_invalid', `${where} has an observation that is not a JSON object.`)
}

/** @throws Problem unless the id is an integer or a text of reasonable length */
export function readId(value: unknown, where: string): ObservationId {
  if (value === undefined || value === null) {
    throw problem('request_invalid', `${where} has an observation but no id.`, {
      hint: 'Send {"id": 1, "observation": {…}}, or the observation alone if nothing is to be recorded.',
    })
  }
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) {
    const text = String(value)
    if (text.length <= ID_LENGTH_MAX) return { text, isInteger: true }
  }
  // PostgreSQL keeps no NUL, and nobody can type one.
  const isText = typeof value === 'string' && value !== '' && !value.includes('\0')
  if (isText && value.length <= ID_LENGTH_MAX && value.isWellFormed()) {
    return { text: value, isInteger: false }
  }
  throw problem(
    'request_invalid',
    `${where} has an id that is no integer and no text of at most ${ID_LENGTH_MAX} characters.`,
  )
}

const ID_LENGTH_MAX = 256

/** `dataframe_records` and `dataframe_split`, as MLflow's servers take them. */
function recordsOf(value: unknown): Observation[] | undefined {
  if (!isRecord(value)) return undefined
  const { dataframe_records: records, dataframe_split: split } = value
  if (Array.isArray(records)) {
    return records.map((record: unknown, i) => {
      if (isRecord(record)) return record
      throw problem('request_invalid', `Record ${i} is not a JSON object.`)
    })
  }
  if (!isRecord(split) || !Array.isArray(split['columns']) || !Array.isArray(split['data']))
    return undefined
  const columns = split['columns'].map(String)
  return split['data'].map((row: unknown, i) => {
    if (!Array.isArray(row) || row.length !== columns.length) {
      throw problem('request_invalid', `Row ${i} does not have ${columns.length} values.`)
    }
    return Object.fromEntries(columns.map((name, c) => [name, row[c] as unknown]))
  })
}

/** JSON in which integers beyond 2^53 keep their digits. */
export const stringifyExactly = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? (JSON as unknown as RawJson).rawJSON(String(item)) : item,
  )

type RawJson = { rawJSON: (text: string) => unknown }

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function attempt<T>(work: () => T): T | Error {
  try {
    return work()
  } catch (error) {
    return error as Error
  }
}
