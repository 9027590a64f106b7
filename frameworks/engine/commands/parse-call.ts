import { parseArgs } from 'node:util'
import { problem } from '../problems.ts'
import type { Call, Command, OptionsConfig } from './command.ts'
import { COMMON_OPTIONS, OPTIONS, type OptionName, SHORT_FORMS } from './options.ts'

/** Words and options of a command line, before it is known whose they are. */
export type Words = Readonly<{
  argv: readonly string[]
  words: readonly string[]
  options: Call['options']
  sparkArguments: readonly string[]
  driverArguments: readonly string[]
}>

/**
 * Splits a command line at its `--`s and reads the options of the first part, wherever they stand.
 *
 * @throws Problem `command_invalid` for an unknown option or a missing value
 */
export function parseWords(argv: readonly string[]): Words {
  const [own, spark, driver] = splitAtDashes(argv)
  try {
    const { values, positionals } = parseArgs({
      args: own.map((word) => longForm(word)),
      options: PARSE_OPTIONS,
      allowPositionals: true,
    })
    return {
      argv,
      words: positionals,
      options: values as Call['options'],
      sparkArguments: spark,
      driverArguments: driver,
    }
  } catch (error) {
    throw problem('command_invalid', explain(error))
  }
}

/** `-ed` → `--engine-dir`; all other words stay, also an app's name like `constructor`. */
const longForm = (word: string): string =>
  Object.hasOwn(SHORT_FORMS, word) ? `--${SHORT_FORMS[word]}` : word

const PARSE_OPTIONS: OptionsConfig = Object.fromEntries(
  Object.entries(OPTIONS).map(([name, kind]) => [
    name,
    { type: kind === 'text' ? ('string' as const) : ('boolean' as const) },
  ]),
)

function splitAtDashes(argv: readonly string[]): [string[], string[], string[]] {
  const first = indexOfDashes(argv, 0)
  const second = indexOfDashes(argv, first + 1)
  return [argv.slice(0, first), argv.slice(first + 1, second), argv.slice(second + 1)]
}

function indexOfDashes(argv: readonly string[], from: number): number {
  const at = argv.indexOf('--', from)
  return at < 0 ? argv.length : at
}

function explain(error: unknown): string {
  const { message } = error as Error
  const unknown = /^Unknown option '([^']+)'/.exec(message)
  if (unknown !== null) return `Unknown option ${unknown[1]}`
  const missing = /^Option '(?:-\w, )?(--[\w-]+) <value>' argument (?:missing|is ambiguous)/.exec(
    message,
  )
  return missing === null ? message : `Missing value after ${missing[1]}`
}

/**
 * Checks that a command gets the options and arguments that it takes.
 *
 * @throws Problem `command_invalid`
 */
export function checkCall(command: Command, words: Words, given: readonly string[]): Call {
  const allowed = new Set<string>([...command.options, ...COMMON_OPTIONS])
  const stranger = Object.keys(words.options).find((name) => !allowed.has(name))
  if (stranger !== undefined) throw problem('command_invalid', `Unknown option --${stranger}`)
  const required = command.arguments.filter((name) => !name.startsWith('['))
  const missing = required[given.length]
  if (missing !== undefined) throw problem('command_invalid', `Missing argument ${missing}`)
  const takesAll = command.arguments.at(-1)?.includes('...') === true
  const extra = takesAll ? undefined : given[command.arguments.length]
  if (extra !== undefined) throw problem('command_invalid', `Unknown argument '${extra}'`)
  return { ...words, arguments: given }
}

/** @throws Problem `command_invalid` */
export function integerOption(
  call: Call,
  name: OptionName,
  range: Readonly<{ min: number; max: number }>,
): number | undefined {
  const text = call.options[name]
  if (text === undefined) return undefined
  const value = Number(text)
  if (
    typeof text === 'string' &&
    /^-?\d+$/.test(text) &&
    value >= range.min &&
    value <= range.max
  ) {
    return value
  }
  throw problem(
    'command_invalid',
    `Option --${name} takes a whole number from ${range.min} to ${range.max}, not '${text}'`,
  )
}
