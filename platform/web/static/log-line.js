/**
 * Takes a line of the log apart: `<time> <source>[<process>]: <message>`. Colors of the terminal
 * are left out.
 *
 * @param {string} line
 * @returns {{
 *   time: string | null
 *   process: string
 *   message: string
 *   kind: 'app' | 'router' | 'platform'
 *   isBad: boolean
 * }}
 */
export function parseLine(line) {
  const match = /^(\S+) (app|heroku)\[([^\]]*)\]: (.*)$/s.exec(line)
  const [, time = null, source = '', process = '', text = line] = match ?? []
  // oxlint-disable-next-line no-control-regex -- escape sequences start with one
  const message = text.replaceAll(/\u001B\[[\d;]*[A-Za-z]/g, '')
  return { time, process, message, kind: kindOf(source, process), isBad: isBad(source, message) }
}

/**
 * @param {string} source
 * @param {string} process
 */
function kindOf(source, process) {
  if (process === 'router') return 'router'
  return source === 'app' && process !== 'api' ? 'app' : 'platform'
}

/**
 * What the platform calls an error; an app's own words are its own business.
 *
 * @param {string} source
 * @param {string} message
 */
function isBad(source, message) {
  return source === 'heroku' && /^(at=error|Error [A-Z]\d+|State changed .* crashed)/.test(message)
}
