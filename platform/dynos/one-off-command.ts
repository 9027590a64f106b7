/**
 * A one-off's command with a process type at its beginning replaced by what that type runs, so
 * that `heroku run worker` runs the worker. The rest stays, e.g. what the CLI appends for `-x`.
 *
 * @returns the command and the type that it names, whose size it takes over
 */
export function expandCommand(
  command: string,
  processTypes: Readonly<Record<string, string>>,
): { command: string; type: string | null } {
  const [, first = '', rest = ''] = /^\s*(\S*)([^]*)$/.exec(command) ?? []
  const known = Object.hasOwn(processTypes, first) ? processTypes[first] : undefined
  if (known !== undefined) return { command: known + rest, type: first }
  return { command: withoutRunOfClient(command), type: null }
}

/**
 * Of `heroku run npm run build` the official CLI sends `run npm run build`: it looks for the words of
 * the command among its own, and finds `run` twice.
 */
const withoutRunOfClient = (command: string): string =>
  /^run\s[^]*\srun(\s|$)/.test(command) ? command.slice('run '.length) : command

/**
 * A name for a new one-off, like `run.4711`.
 *
 * @param taken names in use
 * @param random from 0 to 1
 */
export function oneOffName(kind: string, taken: ReadonlySet<string>, random: number): string {
  const start = Math.floor(random * NUMBERS)
  for (let i = 0; i < NUMBERS; i++) {
    const name = `${kind}.${FIRST_NUMBER + ((start + i) % NUMBERS)}`
    if (!taken.has(name)) return name
  }
  throw new RangeError(`all ${NUMBERS} names of ${kind} dynos are in use`)
}

/** Four digits, none of them with leading zeros. */
const FIRST_NUMBER = 1000
const NUMBERS = 9000
