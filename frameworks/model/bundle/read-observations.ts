import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import { Problem } from '@hokku/kit/problem'
import { isRecord } from '@hokku/kit/record'
import { problem } from '../problems.ts'
import type { Observation } from '../frames/build-frame.ts'
import type { ColumnFacts } from './column-facts.ts'
import { createCsvReader, observationOfCells } from './csv.ts'
import { parseJson } from '../frames/parse-json.ts'

/** An observation with the id its caller gave, or its place in the file from 0. */
export type Numbered = Readonly<{ id: unknown; observation: Observation }>
export type Chunk = Readonly<{ rows: Numbered[]; bytesRead: number }>

/**
 * Reads observations from a CSV file, a JSON array or JSON lines (of observations, or of
 * `{id, observation}`), some at a time.
 *
 * @throws Problem `request_invalid` that names the line
 */
export async function* readObservations(
  path: string,
  facts: readonly ColumnFacts[],
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  const kind = extname(path).toLowerCase()
  const rows =
    kind === '.csv'
      ? csvRows(path, facts, signal)
      : kind === '.json'
        ? jsonRows(path)
        : lineRows(path, signal)
  if (!['.csv', '.json', '.jsonl', '.ndjson'].includes(kind)) {
    throw problem('usage_invalid', `${path} is not a .csv, .json, .jsonl or .ndjson file.`)
  }
  let chunk: Numbered[] = []
  let bytesRead = 0
  let failure: unknown
  try {
    for await (const [row, at] of withReadErrors(path, rows)) {
      chunk.push(row)
      bytesRead = at
      if (chunk.length >= ROWS_AT_ONCE) {
        yield { rows: chunk, bytesRead }
        chunk = []
      }
    }
  } catch (error) {
    failure = error
  }
  // What came before a line that cannot be read is answered, then the line is named.
  if (chunk.length > 0) yield { rows: chunk, bytesRead }
  if (failure !== undefined) throw failure
}

/** Enough for the passes over columns to pay, little enough to stay in the cache. */
const ROWS_AT_ONCE = 1000

type Placed = [row: Numbered, bytesRead: number]

async function* withReadErrors<T>(path: string, rows: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* rows
  } catch (error) {
    if (error instanceof Problem || !(error instanceof Error) || !('code' in error)) throw error
    throw problem('request_invalid', `${path} cannot be read: ${error.message}.`, { cause: error })
  }
}

async function* csvRows(
  path: string,
  facts: readonly ColumnFacts[],
  signal: AbortSignal,
): AsyncGenerator<Placed> {
  const stream = createReadStream(path, { encoding: 'utf8', signal })
  const reader = createCsvReader()
  let header: string[] | undefined
  let count = 0
  const place = (cells: string[]): Placed | undefined => {
    if (header === undefined) {
      header = cells
      return undefined
    }
    const { id, observation } = observationOfCells(header, cells, facts)
    return [{ id: id ?? count++, observation }, stream.bytesRead]
  }
  for await (const text of stream) {
    for (const cells of reader.push(String(text))) {
      const row = place(cells)
      if (row !== undefined) yield row
    }
  }
  for (const cells of reader.finish()) {
    const row = place(cells)
    if (row !== undefined) yield row
  }
}

async function* jsonRows(path: string): AsyncGenerator<Placed> {
  const { size } = await stat(path)
  if (size > JSON_BYTES_MAX) {
    throw problem('request_invalid', `${path} is too large to be read as one JSON value.`, {
      hint: 'Write one observation per line and name the file .jsonl.',
    })
  }
  const value = parseJson(await readFile(path, 'utf8'))
  if (!Array.isArray(value)) throw problem('request_invalid', `${path} does not hold a JSON array.`)
  for (const [i, item] of value.entries()) {
    yield [numbered(item, i, `element ${i}`), Math.round((size * (i + 1)) / value.length)]
  }
}

/** What fits one string of the engine. */
const JSON_BYTES_MAX = 500_000_000

async function* lineRows(path: string, signal: AbortSignal): AsyncGenerator<Placed> {
  const stream = createReadStream(path, { encoding: 'utf8', signal })
  let line = 0
  let count = 0
  for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) {
    line += 1
    if (text.trim() === '') continue
    const value = parseJson(text)
    if (value === undefined) throw problem('request_invalid', `Line ${line} is not valid JSON.`)
    yield [numbered(value, count++, `line ${line}`), stream.bytesRead]
  }
}

/** `{id, observation}` or a bare observation. */
function numbered(value: unknown, place: number, where: string): Numbered {
  if (!isRecord(value)) throw problem('request_invalid', `${where} is not an object.`)
  const { observation } = value
  if (!isRecord(observation)) return { id: place, observation: value }
  return { id: value['id'] ?? place, observation }
}
