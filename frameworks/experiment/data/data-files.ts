import { cellText, csvRow } from './csv.ts'
import type { Exported } from './export.ts'
import { dumps, loads, type PythonValue } from '../documents/python-json.ts'

/** The three files of the original, without header rows. */
export type DataFile = 'trialdata.csv' | 'questiondata.csv' | 'eventdata.csv'

export const DATA_FILES: readonly DataFile[] = [
  'trialdata.csv',
  'eventdata.csv',
  'questiondata.csv',
]

/** A participant's rows in one file, and what is wrong with the document, if anything. */
export type Rows = Readonly<{ text: string; complaint?: string }>

/**
 * A participant's rows in each file, byte for byte those of the original: one malformed entry drops
 * the participant from that file, with a complaint.
 */
export function rowsOf(participant: Exported): Readonly<Record<DataFile, Rows>> {
  const document = readDocument(participant)
  const file = (write: (document: Map<string, PythonValue>) => string): Rows => {
    if (document === undefined) return none(participant)
    try {
      return { text: write(document) }
    } catch (error) {
      if (error instanceof MissingPart) return none(participant)
      return { text: '', complaint: `Error reading record: ${participant.uniqueid}` }
    }
  }
  const { uniqueid } = participant
  return {
    'trialdata.csv': file((parts) => trialRows(uniqueid, parts)),
    'questiondata.csv': file((parts) => questionRows(uniqueid, parts)),
    'eventdata.csv': file((parts) => eventRows(uniqueid, parts)),
  }
}

const none = ({ uniqueid }: Exported): Rows => ({
  text: '',
  complaint: `No trial data found in record: ${uniqueid}`,
})

class MissingPart extends Error {}

function readDocument({ datastring }: Exported): Map<string, PythonValue> | undefined {
  if (datastring === null || datastring === '') return undefined
  try {
    const value = loads(datastring)
    return value instanceof Map ? value : undefined
  } catch {
    return undefined
  }
}

function trialRows(uniqueid: string, document: ReadonlyMap<string, PythonValue>): string {
  return entriesOf(document, 'data')
    .map((trial) => {
      const trialdata = dumps(need(trial, 'trialdata'))
      const [number, time] = [need(trial, 'current_trial'), need(trial, 'dateTime')]
      return csvRow([uniqueid, cellText(number), cellText(time), trialdata])
    })
    .join('')
}

function eventRows(uniqueid: string, document: ReadonlyMap<string, PythonValue>): string {
  return entriesOf(document, 'eventdata')
    .map((event) =>
      csvRow([
        uniqueid,
        ...['eventtype', 'interval', 'value', 'timestamp'].map((name) =>
          cellText(need(event, name)),
        ),
      ]),
    )
    .join('')
}

function questionRows(uniqueid: string, document: ReadonlyMap<string, PythonValue>): string {
  const answers = document.get('questiondata')
  if (answers === undefined) throw new MissingPart()
  if (!(answers instanceof Map)) throw new TypeError('questiondata is not an object')
  return [...answers].map(([field, value]) => csvRow([uniqueid, field, cellText(value)])).join('')
}

function entriesOf(document: ReadonlyMap<string, PythonValue>, part: string): PythonValue[] {
  const entries = document.get(part)
  if (entries === undefined) throw new MissingPart()
  if (!Array.isArray(entries)) throw new TypeError(`${part} is not a list`)
  return entries
}

function need(entry: PythonValue, name: string): PythonValue {
  const value = entry instanceof Map ? entry.get(name) : undefined
  if (value === undefined) throw new TypeError(`an entry has no ${name}`)
  return value
}
