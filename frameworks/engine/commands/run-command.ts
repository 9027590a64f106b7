import { Problem } from '@hokku/kit/problem'
import { COMMAND_NAMES, loadCommand } from './catalogue.ts'
import type { Command, Context } from './command.ts'
import { commandHelp, mainHelp } from './help.ts'
import { checkCall, parseWords, type Words } from './parse-call.ts'

/**
 * Runs one call of `pio` and gives its exit code.
 *
 * Wrong calls are told on standard error, with the command's help; failures are logged where
 * everything else is, on standard output, because scripts read them there.
 */
export async function runCommand(argv: readonly string[], context: Context): Promise<number> {
  let name = ''
  let command: Command | undefined
  try {
    const words = parseWords(argv)
    if (words.words[0] === 'help' || words.words.length === 0) {
      return await help(words.words.slice(1), context)
    }
    name = nameOf(words)
    command = await loadCommand(name)
    if (command === undefined) return unknownCommand(name, context)
    if (words.options.help === true) return await help([name], context)
    const call = checkCall(command, words, words.words.slice(name.split(' ').length))
    return await command.run(call, context)
  } catch (error) {
    const guessed = name === '' ? guessName(argv) : name
    const called = command ?? (await loadCommand(guessed))
    return report(error, { name: guessed, command: called }, context)
  }
}

/** `app new` takes two words, `train` one. */
function nameOf({ words }: Pick<Words, 'words'>): string {
  const [first = '', second = ''] = words
  const both = `${first} ${second}`
  return COMMAND_NAMES.includes(both) ? both : first
}

/** Which command was meant by words that could not be parsed. */
const guessName = (argv: readonly string[]): string =>
  nameOf({ words: argv.filter((word) => !word.startsWith('-')) })

async function help(words: readonly string[], context: Context): Promise<number> {
  const name = words.join(' ')
  if (name === '') {
    context.write(mainHelp(COMMAND_NAMES))
    return 0
  }
  const family = COMMAND_NAMES.filter((one) => one === name || one.startsWith(`${name} `))
  if (family.length === 0) {
    context.writeError(`Help is unavailable for ${name}.\n`)
    return 1
  }
  for (const one of family) {
    const loaded = await loadCommand(one)
    if (loaded !== undefined) context.write(commandHelp(one, loaded))
  }
  return 0
}

function unknownCommand(name: string, context: Context): number {
  const family = COMMAND_NAMES.filter((one) => one.startsWith(`${name} `))
  const hint =
    family.length > 0
      ? `pio ${name} needs one of: ${family.join(', ')}`
      : `Unknown command '${name}'`
  context.writeError(`Error: ${hint}\nTry 'pio help'.\n`)
  return 1
}

type Called = Readonly<{ name: string; command: Command | undefined }>

function report(error: unknown, { name, command }: Called, context: Context): number {
  if (!(error instanceof Problem)) {
    if (context.signal.aborted) {
      context.log.error(componentOf(name), 'Interrupted.')
      return 1
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    context.log.error('Pio$', text)
    return 1
  }
  if (error.code === 'command_invalid') {
    const help = command === undefined ? `Try 'pio help'.\n` : commandHelp(name, command)
    context.writeError(`Error: ${error.message}\n${help}`)
    return 1
  }
  context.log.error(componentOf(name), error.message)
  if (error.hint !== undefined) context.log.error(componentOf(name), error.hint)
  const { errors } = error.details
  return Array.isArray(errors) ? Math.min(errors.length, 125) : 1
}

/** The names that upstream's log has: `App$` for `pio app …`. */
function componentOf(name: string): string {
  if (name.startsWith('app ')) return 'App$'
  if (name.startsWith('accesskey ')) return 'AccessKey$'
  return 'Pio$'
}
