import { isRecord } from '@hokku/kit/record'
import { problem } from '../problems.ts'
import { stringifyExactly } from '@hokku/kit/exact-json'
import { parseJson } from '../frames/parse-json.ts'
import type { ColumnFacts } from '../bundle/column-facts.ts'
import { createCsvReader, observationOfCells } from '../bundle/csv.ts'
import type { Observation } from '../frames/build-frame.ts'
import type { ObservationId } from '../store/prediction.ts'
import { errorOf } from '@hokku/kit/problem'

/** An observation to score; with an id it is recorded. `raw` is what the record keeps. */
export type Item = Readonly<{
  id: ObservationId | undefined
  observation: Observation
  raw: string
}>

/** What POST /predict was given: one observation, or many that are answered one by one. */
export type PredictRequest =
  | Readonly<{ shape: 'one'; item: Item }>
  | Readonly<{ shape: 'array' | 'lines'; items: readonly (Item | Error)[] }>
  /** `plain`: as TensorFlow's and MLflow's servers answer, with values alone. */
  | Readonly<{ shape: 'records'; items: readonly Item[]; isPlain: boolean }>

/** The media type of a body, as far as it matters. */
export type BodyKind = 'json' | 'lines' | 'csv'

/**
 * Reads a body. An object with an `observation` (or `data`) object is an envelope, any other object
 * is the observation itself, with an id beside its columns if it has one; a list is an observation
 * too, its values in the order of the columns. An array or a line each holds many of them.
 *
 * @throws Problem `request_invalid`
 */
export function readPredictRequest(
  body: string,
  kind: BodyKind,
  facts: readonly ColumnFacts[],
): PredictRequest {
  const columns = facts.map(({ name }) => name)
  if (kind === 'csv') return { shape: 'records', items: bare(csvRows(body, facts)), isPlain: true }
  if (kind === 'lines') {
    const items = readLines(body, (line, where, text) => readItem(line, text, where, columns))
    return { shape: 'lines', items }
  }
  const value = parseJson(body)
  if (value === undefined) throw problem('request_invalid', 'The body is not valid JSON.')
  const row = onlyRow(value, columns)
  if (row !== undefined) return { shape: 'one', item: readItem(row, body, 'The body', columns) }
  if (Array.isArray(value)) {
    const items = readElements(value, (item, where) => readItem(item, undefined, where, columns))
    return { shape: 'array', items }
  }
  const records = recordsOf(value, columns)
  if (records === undefined) {
    return { shape: 'one', item: readItem(value, body, 'The body', columns) }
  }
  return { shape: 'records', items: bare(records.rows), isPlain: records.isPlain }
}

/** `[3, "male", 22]` and `{"features": [3, "male", 22]}`: the values of one observation. */
function onlyRow(value: unknown, columns: readonly string[]): readonly unknown[] | undefined {
  const [key, ...others] = isRecord(value) ? Object.keys(value) : []
  const isWrapped = key !== undefined && others.length === 0 && ROW_KEYS.has(key)
  const row = isWrapped && !columns.includes(key) && isRecord(value) ? value[key] : value
  const isRow = Array.isArray(row) && row.length > 0 && row.every((cell) => !isNested(cell))
  return isRow ? row : undefined
}

const ROW_KEYS: ReadonlySet<string> = new Set(['features', 'data', 'input', 'values'])
const isNested = (value: unknown): boolean => typeof value === 'object' && value !== null

function bare(rows: readonly Observation[]): Item[] {
  requireCount(rows.length)
  return rows.map((observation) => ({ id: undefined, observation, raw: '' }))
}

function csvRows(body: string, facts: readonly ColumnFacts[]): Observation[] {
  const reader = createCsvReader()
  const [header, ...rows] = [...reader.push(body), ...reader.finish()]
  if (header === undefined) throw problem('request_invalid', 'The CSV has no line of column names.')
  const known = facts.filter(({ name }) => header.includes(name))
  const empty = Object.fromEntries(known.map(({ name }) => [name, null]))
  // A cell without text is a missing value, not a missing column.
  return rows.map((cells) => ({
    ...empty,
    ...observationOfCells(header, cells, facts).observation,
  }))
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

function readItem(
  value: unknown,
  raw: string | undefined,
  where: string,
  columns: readonly string[],
): Item {
  if (Array.isArray(value)) {
    return { id: undefined, observation: rowOf(value, columns, where), raw: raw ?? '' }
  }
  if (!isRecord(value)) throw problem('request_invalid', `${where} is not a JSON object.`)
  const observation = ['observation', 'data']
    .filter((key) => key === 'observation' || (!columns.includes(key) && 'observation_id' in value))
    .map((key) => value[key])
    .find((inner) => isRecord(inner))
  if (observation !== undefined && isRecord(observation)) {
    const id = readId(value, where, ENVELOPE_HINT)
    return { id, observation, raw: raw ?? stringifyExactly(value) }
  }
  refuseHalfEnvelope(value, where)
  return readFlat(value, raw, where, columns)
}

/** `{"id": 1, "Age": 22}`: a key that is no column and ends as ids do is the id of the record. */
function readFlat(
  value: Record<string, unknown>,
  raw: string | undefined,
  where: string,
  columns: readonly string[],
): Item {
  const ids = Object.keys(value).filter((key) => /^(.*_)?id$/i.test(key) && !columns.includes(key))
  const [key] = ids
  if (key === undefined || ids.length > 1)
    return { id: undefined, observation: value, raw: raw ?? '' }
  const { [key]: id, ...observation } = value
  return {
    id: readId({ id }, where, ENVELOPE_HINT),
    observation,
    raw: raw ?? stringifyExactly(value),
  }
}

function rowOf(values: readonly unknown[], columns: readonly string[], where: string): Observation {
  if (values.length === columns.length) {
    return Object.fromEntries(columns.map((name, c) => [name, values[c]]))
  }
  throw problem(
    'request_invalid',
    `${where} has ${values.length} values; the model takes ${columns.length}: ${columns.slice(0, 20).join(', ')}.`,
  )
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

type Records = Readonly<{ rows: Observation[]; isPlain: boolean }>

/** `dataframe_records`, `dataframe_split`, `instances` and `inputs`, as MLflow's servers take them. */
function recordsOf(value: unknown, columns: readonly string[]): Records | undefined {
  if (!isRecord(value)) return undefined
  const keys = RECORD_KEYS.filter((key) => key in value && !columns.includes(key))
  const [key] = keys
  if (key === undefined) return undefined
  if (keys.length > 1) {
    throw problem('request_invalid', `The body has ${keys.join(' and ')}: send one of them.`)
  }
  const isPlain = key === 'instances' || key === 'inputs'
  const given = value[key]
  if (key === 'dataframe_split') return { rows: splitRows(given), isPlain }
  if (Array.isArray(given)) {
    const rows = given.map((row: unknown, i) => {
      if (isRecord(row)) return row
      if (isPlain) return rowOf(Array.isArray(row) ? row : [row], columns, `Row ${i}`)
      throw problem('request_invalid', `Record ${i} is not a JSON object.`)
    })
    return { rows, isPlain }
  }
  if (key === 'inputs' && isRecord(given)) return { rows: columnRows(given), isPlain }
  throw problem('request_invalid', `${key} is not a list of rows.`)
}

const RECORD_KEYS = ['dataframe_records', 'dataframe_split', 'instances', 'inputs'] as const

function splitRows(split: unknown): Observation[] {
  if (!isRecord(split) || !Array.isArray(split['columns']) || !Array.isArray(split['data'])) {
    throw problem('request_invalid', 'dataframe_split needs the lists columns and data.')
  }
  const columns = split['columns'].map(String)
  return split['data'].map((row: unknown, i) => {
    if (!Array.isArray(row) || row.length !== columns.length) {
      throw problem('request_invalid', `Row ${i} does not have ${columns.length} values.`)
    }
    return Object.fromEntries(columns.map((name, c): [string, unknown] => [name, row[c]]))
  })
}

/** `{"Age": [22, 38], "Sex": ["male", "female"]}`: a list for each column. */
function columnRows(lists: Record<string, unknown>): Observation[] {
  const columns = Object.entries(lists).map(([name, list]): [string, unknown[]] => [
    name,
    Array.isArray(list) ? list : [list],
  ])
  const rows = columns[0]?.[1].length ?? 0
  const other = columns.find(([, list]) => list.length !== rows)
  if (other !== undefined) {
    throw problem(
      'request_invalid',
      `inputs has ${rows} rows, but ${other[1].length} of ${other[0]}.`,
    )
  }
  return Array.from({ length: rows }, (_, r) =>
    Object.fromEntries(columns.map(([name, list]): [string, unknown] => [name, list[r]])),
  )
}

function attempt<T>(work: () => T): T | Error {
  try {
    return work()
  } catch (error) {
    return errorOf(error)
  }
}
