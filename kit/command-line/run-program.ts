import { complete } from './complete.ts'
import type { Command } from './declaration.ts'
import { explain } from './explain.ts'
import { commandHelp, programHelp } from './help.ts'
import { isFamily, locate } from './locate.ts'
import { misuse, suggest } from './misuse.ts'
import { loadCommand, namesOf, type Output, type Program } from './program.ts'

/** The word with which the shell's completion asks for candidates. */
export const COMPLETE = '__complete'

/**
 * Runs one call of a program: finds the command, shows help, explains failures.
 *
 * @param argv the words after the program's name
 * @returns exit code
 */
export async function runProgram<Context>(
  program: Program<Context>,
  argv: readonly string[],
  context: Context,
  output: Output = STANDARD,
): Promise<number> {
  const found: { name: string; command?: Command<Context> } = { name: '' }
  try {
    if (argv[0] === COMPLETE) return await printCandidates(program, argv.slice(1), output)
    const located = locate(program, argv)
    if (located.kind === 'help') return await printHelp(program, located.name, context, output)
    if (located.kind === 'unknown') {
      return await (program.takeUnknown?.(located.words, context) ??
        Promise.reject(unknownCommand(program, located.name)))
    }
    found.name = located.kind === 'bare' ? '' : located.name
    const command = await (located.kind === 'bare'
      ? program.bare?.().then((loaded) => loaded.command)
      : loadCommand(program, located.name))
    if (command === undefined) throw unknownCommand(program, located.words[0] ?? '')
    found.command = command
    if (asksForHelp(located.words)) {
      output.write(commandHelp(program.name, found.name, command))
      return 0
    }
    return await command.execute(located.words, context)
  } catch (error) {
    const failure = { error, name: found.name, command: found.command }
    return program.report?.(failure, context) ?? explain(program, failure, output)
  }
}

const STANDARD: Output = {
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
}

/** Behind `--` the words belong to another program. */
function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--')
  return words.some((word, at) => /^(?:--help|-h)$/.test(word) && (end < 0 || at < end))
}

async function printHelp<Context>(
  program: Program<Context>,
  name: string,
  context: Context,
  output: Output,
): Promise<number> {
  const command = await loadCommand(program, name)
  if (command !== undefined) output.write(commandHelp(program.name, name, command))
  else if (name === '' || isFamily(namesOf(program), name)) {
    output.write(await programHelp(program, name))
  } else {
    const words = ['help', ...name.split(' ')]
    return await (program.takeUnknown?.(words, context) ??
      Promise.reject(unknownCommand(program, name)))
  }
  return 0
}

function unknownCommand<Context>(program: Program<Context>, name: string): Error {
  if (name.startsWith('-')) return misuse(`Unknown option ${name}`)
  const names = namesOf(program)
  if (isFamily(names, name)) {
    const family = names.filter((one) => one.startsWith(`${name} `))
    const actions = family.map((one) => one.slice(name.length + 1))
    return misuse(`${program.name} ${name} needs one of: ${actions.join(', ')}`)
  }
  const firsts = names.flatMap((one) => [one, one.split(' ')[0] ?? one])
  return misuse(`Unknown command '${name}'`, suggest(name, firsts))
}

async function printCandidates<Context>(
  program: Program<Context>,
  words: readonly string[],
  { write }: Output,
): Promise<number> {
  const candidates = await complete(program, words)
  write(candidates.map(({ word, meaning }) => `${word}\t${meaning}\n`).join(''))
  return 0
}
