/** Columns of help texts; not the terminal's, so that the documents show the same lines. */
const WIDTH = 88
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

function breakLine(line: string, width: number): string[] {
  const lines: string[] = []
  let rest = line
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width)
    const end = at > 0 ? at : rest.length
    lines.push(rest.slice(0, end))
    rest = rest.slice(end + 1)
  }
  return [...lines, rest]
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
