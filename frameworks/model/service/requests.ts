import { isRecord } from '@hokku/kit/record'
import { problem } from '../problems.ts'
import { parseJson, stringifyExactly } from '../frames/exact-json.ts'
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
  if (isLines) {
    const items = readLines(body, (line, where, text) => readItem(line, text, where))
    return { shape: 'lines', items }
  }
  const value = parseJson(body)
  if (value === undefined) throw problem('request_invalid', 'The body is not valid JSON.')
  if (Array.isArray(value)) {
    const items = readElements(value, (item, where) => readItem(item, undefined, where))
    return { shape: 'array', items }
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

/** Each line as `read` understands it; a failure names the line as an editor counts it. */
export function readLines<T>(
  body: string,
  read: (value: unknown, where: string, text: string) => T,
): (T | Error)[] {
  const lines = body
    .split('\n')
    .map((line, i) => ({ text: line.trim(), where: `Line ${i + 1}` }))
    .filter(({ text }) => text !== '')
  requireCount(lines.length)
  return lines.map(({ text, where }) => {
    const value = parseJson(text)
    if (value === undefined) return problem('request_invalid', `${where} is not valid JSON.`)
    return attempt(() => read(value, where, text))
  })
}

/** Each element as `read` understands it. */
export function readElements<T>(
  values: readonly unknown[],
  read: (value: unknown, where: string) => T,
): (T | Error)[] {
  requireCount(values.length)
  return values.map((value, i) => attempt(() => read(value, `Element ${i}`)))
}

function readItem(value: unknown, raw: string | undefined, where: string): Item {
  if (!isRecord(value)) throw problem('request_invalid', `${where} is not a JSON object.`)
  const { observation } = value
  if (!isRecord(observation)) {
    refuseHalfEnvelope(value, where)
    return { id: undefined, observation: value, raw: raw ?? '' }
  }
  const id = readId(value, where, ENVELOPE_HINT)
  return { id, observation, raw: raw ?? stringifyExactly(value) }
}

const ENVELOPE_HINT =
  'Send {"id": 1, "observation": {…}}, or the observation alone if nothing is to be recorded.'

/** `{"id": 1, "observation": "oops"}` and `{"id": 1}` are not observations with odd columns. */
function refuseHalfEnvelope(value: Record<string, unknown>, where: string): void {
  const keys = Object.keys(value)
  const ids = keys.filter((key) => ID_KEYS.includes(key))
  if (ids.length === 0) return
  const isWrong = 'observation' in value
  if (!isWrong && ids.length < keys.length) return
  const what = isWrong ? 'an observation that is not a JSON object' : 'no observation'
  throw problem('request_invalid', `${where} has ${what}.`, { hint: ENVELOPE_HINT })
}

const ID_KEYS = ['id', 'observation_id']

/** @throws Problem unless there is an id, an integer or a text of reasonable length */
export function readId(
  record: Readonly<Record<string, unknown>>,
  where: string,
  hint: string,
): ObservationId {
  const value = record['id'] ?? record['observation_id']
  if (value === undefined || value === null) {
    throw problem('request_invalid', `${where} has no id.`, { hint })
  }
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))) {
    const text = String(value)
    if (text.length <= ID_LENGTH_MAX) return { text, isInteger: true }
  }
  // PostgreSQL keeps no NUL, and no one can type one.
  const isText = typeof value === 'string' && value !== '' && !value.includes('\0')
  if (isText && value.length <= ID_LENGTH_MAX && value.isWellFormed()) {
    return { text: value, isInteger: false }
  }
  throw problem(
    'request_invalid',
    `${where} has an id that is neither an integer nor a text of at most ${ID_LENGTH_MAX} characters.`,
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
  if (!isRecord(split)) return undefined
  if (!Array.isArray(split['columns']) || !Array.isArray(split['data'])) {
    throw problem('request_invalid', 'dataframe_split needs the lists columns and data.')
  }
  const columns = split['columns'].map(String)
  return split['data'].map((row: unknown, i) => {
    if (!Array.isArray(row) || row.length !== columns.length) {
      throw problem('request_invalid', `Row ${i} does not have ${columns.length} values.`)
    }
    return Object.fromEntries(columns.map((name, c) => [name, row[c] as unknown]))
  })
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work()
  } catch (error) {
    return error as Error
  }
}
