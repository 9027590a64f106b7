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
  const call: Call<Context> = { context, output, name: '', command: undefined }
  try {
    return await dispatch(program, argv, call)
  } catch (error) {
    const failure = { error, name: call.name, command: call.command }
    return program.report?.(failure, context) ?? explain(program, failure, output)
  }
}

/** One call of a program; what was found of its command is known to the report of a failure. */
type Call<Context> = {
  readonly context: Context
  readonly output: Output
  name: string
  command: Command<Context> | undefined
}

async function dispatch<Context>(
  program: Program<Context>,
  argv: readonly string[],
  call: Call<Context>,
): Promise<number> {
  if (argv[0] === COMPLETE) return await printCandidates(program, argv.slice(1), call.output)
  const located = locate(program, argv)
  switch (located.kind) {
    case 'help':
      return await printHelp(program, located.name, call)
    case 'unknown':
      return await passOn(program, located, call)
    case 'bare':
      call.command = (await program.bare?.())?.command
      break
    case 'command':
      call.name = located.name
      call.command = await loadCommand(program, located.name)
  }
  if (call.command === undefined) throw unknownCommand(program, call.name)
  if (!asksForHelp(located.words)) return await call.command.execute(located.words, call.context)
  call.output.write(commandHelp(program.name, call.name, call.command))
  return 0
}

/** Gives words that are not commands to the program; what it does not take is misuse. */
async function passOn<Context>(
  program: Program<Context>,
  { name, words }: Readonly<{ name: string; words: readonly string[] }>,
  call: Call<Context>,
): Promise<number> {
  const taken = program.takeUnknown?.(words, call.context)
  if (taken !== undefined) return await taken
  const [first = ''] = name.split(' ')
  // The family's own help then is the way on.
  if (isFamily(namesOf(program), first)) call.name = first
  throw unknownCommand(program, name)
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
  call: Call<Context>,
): Promise<number> {
  const command = await loadCommand(program, name)
  if (command !== undefined) call.output.write(commandHelp(program.name, name, command))
  else if (name === '' || isFamily(namesOf(program), name)) {
    call.output.write(await programHelp(program, name))
  } else return await passOn(program, { name, words: ['help', ...name.split(' ')] }, call)
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
