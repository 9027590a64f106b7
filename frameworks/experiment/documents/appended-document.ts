import { dumps, loads, type PythonValue } from './python-json.ts'
import { problem } from '../problems.ts'

/** What a page sends since its last message, and what marks that message. */
export type Addition = Readonly<{
  /** `<page>-<number>`; a message that comes twice is known by it. */
  part: string
  /** JSON text: `{"trials": [{"dateTime": ms, "trialdata": …}], "questions": {…}, "events": […]}`. */
  body: string
}>

/** What a document holds of its participant, before the first trial. */
export type Start = ReadonlyMap<string, PythonValue>

/**
 * The document with what a page adds to it; numbers keep their form.
 *
 * @param text the stored document, null if there is none yet
 * @returns undefined if the message is in it already
 * @throws Problem `body_invalid`
 */
export function appendTo(
  text: string | null,
  { part, body }: Addition,
  start: Start,
): string | undefined {
  const document = new Map<string, PythonValue>([
    ...start,
    ...mapOf(text === null ? null : loads(text)),
  ])
  const data = listOf(document.get('data'))
  if (data.some((trial) => trial instanceof Map && trial.get('part') === part)) return undefined
  const added = read(body)
  const questions = mapOf(document.get('questiondata') ?? null)
  const parts = listOf(document.get('parts'))
  if (parts.includes(part)) return undefined
  const trials = listOf(added.get('trials')).map((trial, i) => {
    const given = mapOf(trial)
    return new Map<string, PythonValue>([
      ['uniqueid', start.get('id') ?? ''],
      ['current_trial', data.length + i],
      ['dateTime', given.get('dateTime') ?? 0],
      ['trialdata', given.get('trialdata') ?? null],
      ['part', part],
    ])
  })
  document.set('data', [...data, ...trials])
  document.set('currenttrial', data.length + trials.length)
  document.set('questiondata', new Map([...questions, ...mapOf(added.get('questions') ?? null)]))
  document.set('eventdata', [...listOf(document.get('eventdata')), ...listOf(added.get('events'))])
  // A message without trials leaves no trial by which it would be known again.
  if (trials.length === 0) document.set('parts', [...parts, part].slice(-PARTS_MAX))
  return dumps(document)
}

/** Messages of one page come one after the other: only the last ones can come twice. */
const PARTS_MAX = 10

function read(body: string): Map<string, PythonValue> {
  let value: PythonValue
  try {
    value = loads(body)
  } catch (cause) {
    throw problem('body_invalid', 'The body must be a JSON object.', { cause })
  }
  if (value instanceof Map) return value
  throw problem('body_invalid', 'The body must be a JSON object.')
}

const mapOf = (value: PythonValue): Map<string, PythonValue> =>
  value instanceof Map ? value : new Map()

const listOf = (value: PythonValue | undefined): PythonValue[] =>
  Array.isArray(value) ? value : []
