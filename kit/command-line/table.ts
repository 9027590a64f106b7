import { stripVTControlCharacters } from 'node:util'

/**
 * Lines up rows in columns two spaces apart, without trailing blanks.
 *
 * @example table([['=== web', 'up'], ['=== worker', 'crashed']])
 */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => width(row[i] ?? ''))),
  )
  return rows
    .map((row) =>
      row.map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - width(cell))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n')
}

const width = (cell: string): number => stripVTControlCharacters(cell).length
