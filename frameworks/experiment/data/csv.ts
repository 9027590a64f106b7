import type { PythonValue } from '../documents/python-json.ts'
import { pythonText } from '../documents/python-text.ts'

/** One row in the dialect of Python's `csv` ("excel"): minimal quotes, CRLF at the end. */
export const csvRow = (cells: readonly string[]): string => {
  // A lone empty cell would read as a blank line, so Python quotes it.
  const only = cells.length === 1 && cells[0] === ''
  return only ? '""\r\n' : `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A value as Python's writer puts it into a cell: `None` is empty. */
export const cellText = (value: PythonValue): string => (value === null ? '' : pythonText(value))
