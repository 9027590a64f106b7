import { problem } from '../store/index.ts'

/**
 * Splits a Procfile into process types and commands, in file order.
 *
 * Blank lines and lines that start with `#` are skipped; a later entry for the same type wins.
 *
 * @param text whole file, UTF-8; `\r\n` and a byte order mark are accepted
 * @throws Problem `build_rejected` for a line that is not `type: command`
 * @see https://devcenter.heroku.com/articles/procfile
 */
export function parseProcfile(text: string): Record<string, string> {
  const types = new Map<string, string>()
  text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .forEach((line, index) => {
      if (/^\s*(?:#|$)/.test(line)) return
      const match = /^\s*([A-Za-z0-9_-]+)\s*:\s*(\S.*?)\s*$/.exec(line)
      const [, type, command] = match ?? []
      if (type === undefined || command === undefined) throw notAProcessType(line, index + 1)
      if (type.length > TYPE_LENGTH_MAX) throw typeTooLong(type, index + 1)
      types.set(type, command)
    })
  return Object.fromEntries(types)
}

/** Names of dynos end up in host names and log lines. */
const TYPE_LENGTH_MAX = 63

function notAProcessType(line: string, number: number) {
  const shown = line.trim().slice(0, 80)
  return problem('build_rejected', `Procfile, line ${number} is not "type: command": ${shown}`, {
    hint: 'Write one process type per line, e.g. web: npm start',
  })
}

const typeTooLong = (type: string, number: number) =>
  problem(
    'build_rejected',
    `Procfile, line ${number}: the process type ${type.slice(0, 20)}… is longer than ${TYPE_LENGTH_MAX} characters.`,
  )
