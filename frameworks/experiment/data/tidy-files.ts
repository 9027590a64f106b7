import { csvRow, cellText } from './csv.ts'
import type { Exported } from './export.ts'
import { rewriteJson } from '../documents/json-rewriter.ts'
import { dumps, loads, type PythonValue } from '../documents/python-json.ts'

/** One line of JSON a participant: the row, and the whole document under `document`. */
export function jsonLine(participant: Exported): string {
  const { datastring, parameters, has_two_pages, ...row } = participant
  const more = {
    ...(parameters ? { parameters } : {}),
    ...(has_two_pages === true ? { has_two_pages } : {}),
  }
  const head = JSON.stringify({ ...row, ...more }).slice(0, -1)
  return `${head},"document":${datastring ? documentJson(datastring) : 'null'}}\n`
}

/** On one line; as text if it is not JSON. */
function documentJson(datastring: string): string {
  try {
    return rewriteJson(datastring, 'stored').bytes.toString()
  } catch {
    return JSON.stringify(datastring)
  }
}

/** Columns of the tidy file that come from the participant's row. */
const ROW_COLUMNS = [
  'uniqueid',
  'workerid',
  'assignmentid',
  'hitid',
  'codeversion',
  'mode',
  'cond',
  'counterbalance',
  'status',
  'bonus',
  'beginhit',
  'endhit',
] as const

const TRIAL_COLUMNS = ['current_trial', 'dateTime'] as const

/** More names of measures than any study has; a study that makes names from data ends here. */
const MEASURES_MAX = 2000

/** Collects the names of all measures, in the order of their first appearance. */
export function collectMeasures(measures: Set<string>, participant: Exported): void {
  for (const trial of trialsOf(participant)) {
    for (const name of measuresOf(trial).keys()) {
      if (measures.size < MEASURES_MAX) measures.add(name)
    }
  }
}

/** The header row; measures that are named like a column of the row get a prefix. */
export function tidyHeader(measures: ReadonlySet<string>): string {
  const taken: readonly string[] = [...ROW_COLUMNS, ...TRIAL_COLUMNS]
  const names = [...measures].map((name) => (taken.includes(name) ? `trial.${name}` : name))
  return csvRow([...taken, ...names])
}

/** One row a trial: who, when, and each measure in its own column. */
export function tidyRows(measures: ReadonlySet<string>, participant: Exported): string {
  const row = ROW_COLUMNS.map((name) => String(participant[name] ?? ''))
  return trialsOf(participant)
    .map((trial) => {
      const values = measuresOf(trial)
      const number = TRIAL_COLUMNS.map((name) => cellText(trial.get(name) ?? null))
      return csvRow([
        ...row,
        ...number,
        ...[...measures].map((name) => measureText(values.get(name))),
      ])
    })
    .join('')
}

function trialsOf({ datastring }: Exported): ReadonlyMap<string, PythonValue>[] {
  try {
    const document = loads(datastring ?? '')
    const data = document instanceof Map ? document.get('data') : undefined
    return Array.isArray(data) ? data.filter((trial) => trial instanceof Map) : []
  } catch {
    return []
  }
}

/** What a trial measured; one that is not an object is a single measure. */
function measuresOf(trial: ReadonlyMap<string, PythonValue>): ReadonlyMap<string, PythonValue> {
  const trialdata = trial.get('trialdata')
  if (trialdata instanceof Map) return trialdata
  return trialdata === undefined ? new Map() : new Map([['trialdata', trialdata]])
}

/** Plain values as they are, `true` and `false` as other programs write them, the rest as JSON. */
function measureText(value: PythonValue | undefined): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : dumps(value)
}
