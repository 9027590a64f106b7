/**
 * Reads the `KEY=VALUE` lines of a `.env` file. `export ` in front, blank lines and `#` comments
 * are accepted; single and double quotes around a value are taken off, and `\n` inside double ones
 * is a line break.
 */
export function parseDotenv(text: string): Record<string, string> {
  const pairs = text
    .split(/\r\n|\r|\n/)
    .map((line) => /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(.*?)\s*$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => [match[1] ?? '', unquote(match[2] ?? '')] as const)
  return Object.fromEntries(pairs)
}

function unquote(text: string): string {
  const single = /^'([^']*)'/.exec(text)
  if (single !== null) return single[1] ?? ''
  const double = /^"((?:[^"\\]|\\.)*)"/.exec(text)
  if (double !== null) return (double[1] ?? '').replaceAll(/\\(.)/g, unescape)
  return text.replace(/\s+#.*$/, '')
}

const unescape = (whole: string, character: string): string =>
  ({ n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' })[character] ?? whole
