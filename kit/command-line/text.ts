/** Columns of help texts: those of most terminals, so that the documents show the same lines. */
const WIDTH = 80
/** A term that is longer stands on a line above its meaning. */
const TERM_MAX = 32

/** Breaks a text into lines, each after `indent`. Line ends in the text stay. */
export function wrapped(text: string, indent = ''): string {
  if (text === '') return ''
  return text
    .split('\n')
    .flatMap((line) => breakLine(line, WIDTH - indent.length))
    .map((line) => indent + line)
    .join('\n')
}

/** Breaks a line between its words, but not within brackets; later lines after `columns` blanks. */
export function hanging(line: string, columns: number): string {
  const kept = line.replaceAll(/[[(][^\])]*[\])]/g, (group) => group.replaceAll(' ', '\u00A0'))
  const [first = '', ...rest] = breakLine(kept, WIDTH)
  const more = rest.length === 0 ? [] : wrapped(rest.join(' '), ' '.repeat(columns)).split('\n')
  return [first, ...more].join('\n').replaceAll('\u00A0', ' ')
}

function breakLine(line: string, width: number): string[] {
  if (line.length <= width) return [line]
  const before = line.lastIndexOf(' ', width)
  // A word that is longer than a line stands whole.
  const at = before > 0 ? before : line.indexOf(' ')
  return at < 0 ? [line] : [line.slice(0, at), ...breakLine(line.slice(at + 1), width)]
}

/** Terms with their meanings beside them, in two columns. */
export function definitions(rows: readonly (readonly [term: string, meaning: string])[]): string {
  const width = Math.min(TERM_MAX, Math.max(...rows.map(([term]) => term.length)))
  const indent = ' '.repeat(width === 0 ? 2 : width + 4)
  return rows
    .map(([term, meaning]) => {
      const lines = wrapped(meaning, indent)
      if (term === '') return lines
      if (term.length > width) return `  ${term}\n${lines}`
      return `  ${term.padEnd(width)}${lines.slice(2 + width)}`.trimEnd()
    })
    .join('\n')
}
