import type { Argument, Command, Declaration, Option } from './declaration.ts'
import { bold } from './color.ts'
import { placeholderOf } from './parse-call.ts'
import { type Commands, commandsOf, type Program } from './program.ts'
import { oneOf, rangeOf } from './read-value.ts'
import { definitions, hanging, wrapped } from './text.ts'

/** The help of one command: usage, what it does, and a sentence for every argument and option. */
export function commandHelp(program: string, name: string, command: Declaration): string {
  const call = [program, name].filter(Boolean).join(' ')
  return joined([
    hanging(`Usage: ${usageOf(call, command)}`, 7),
    wrapped(sentences([command.summary, command.details ?? ''])),
    section('Arguments', Object.entries(command.arguments).map(explainArgument)),
    ...optionSections(command),
    command.afterDashes ? section('After --', [['', command.afterDashes]]) : '',
    list('Examples', command.examples),
  ])
}

/** The help of the whole program, or of one family of its commands. */
export async function programHelp<Context>(
  program: Program<Context>,
  family = '',
): Promise<string> {
  if (family !== '') return await familyHelp(program, family)
  const { name, summary, usage = [], groups, notes = '' } = program
  const bare = (await program.bare?.())?.command
  if (bare !== undefined && Object.keys(groups).length === 0) return commandHelp(name, '', bare)
  const calls = usage.map(([words, meaning]): Row => [`${name} ${words}`, meaning])
  const sections = Object.entries(groups).map(async ([title, commands]) =>
    section(title, await summaries(commands)),
  )
  return joined([
    wrapped(summary),
    section('Usage', [[`${name} <command>`, 'Runs one of the commands below.'], ...calls]),
    ...(await Promise.all(sections)),
    ...(bare === undefined ? [] : optionSections(bare)),
    wrapped(`'${name} help <command>' explains a command and its options.`),
    wrapped(notes),
  ])
}

async function familyHelp<Context>(program: Program<Context>, family: string): Promise<string> {
  const members = Object.entries(commandsOf(program)).filter(([name]) =>
    name.startsWith(`${family} `),
  )
  const entries = members.map(async ([name, load]) => {
    const { command } = await load()
    const usage = hanging(`  ${usageOf(name, command)}`, 6)
    return `${usage}\n${wrapped(command.summary, ' '.repeat(6))}`
  })
  return joined([
    `Usage: ${program.name} ${family} <command>`,
    `${bold('Commands:')}\n${(await Promise.all(entries)).join('\n')}`,
    wrapped(`'${program.name} ${family} <command> --help' explains a command and its options.`),
  ])
}

const summaries = <Context>(commands: Commands<Context>): Promise<Row[]> =>
  Promise.all(
    Object.entries(commands).map(async ([name, load]): Promise<Row> => {
      return [name, (await load()).command.summary]
    }),
  )

type Row = readonly [term: string, meaning: string]

const joined = (paragraphs: readonly string[]): string =>
  `${paragraphs.filter((one) => one !== '').join('\n\n')}\n`

const section = (title: string, rows: readonly Row[]): string =>
  rows.length === 0 ? '' : `${bold(`${title}:`)}\n${definitions(rows)}`

const list = (title: string, lines: readonly string[] = []): string =>
  lines.length === 0 ? '' : [bold(`${title}:`), ...lines.map((line) => `  ${line}`)].join('\n')

/** `import --appid <n> --input <path> [options]`. */
export function usageOf(call: string, command: Declaration): string {
  const options = Object.entries(command.options)
  const required = options.filter(([, option]) => isRequired(option))
  const optional = options.some(([, option]) => !isRequired(option) && option.group === undefined)
  const derived = [
    ...required.map(([name, option]) => `--${name} ${placeholderOf(name, option)}`),
    ...Object.entries(command.arguments).map(argumentUsage),
    optional ? '[options]' : '',
    command.afterDashes ? '[-- ...]' : '',
  ]
  return [call, command.usage ?? derived.filter(Boolean).join(' ')].filter(Boolean).join(' ')
}

const isRequired = (option: Option): boolean =>
  option.type !== 'boolean' && option.isRequired === true

function argumentUsage([name, argument]: [string, Argument]): string {
  const label = `${placeholderOf(name, argument)}${argument.isRepeated === true ? '...' : ''}`
  return argument.isOptional === true ? `[${label}]` : label
}

const explainArgument = ([name, argument]: [string, Argument]): Row => [
  placeholderOf(name, argument),
  sentences([argument.description, valueNote(argument), defaultNote(argument.defaultText)]),
]

/** The command's own options, then those that it shares with others, each under its heading. */
function optionSections({ options }: Pick<Command<never>, 'options'>): string[] {
  const shown = Object.entries(options).filter(([, { isHidden }]) => isHidden !== true)
  const groups = Map.groupBy(shown, ([, { group }]) => group ?? 'Options')
  const own = (groups.get('Options') ?? []).map(explainOption)
  groups.delete('Options')
  return [
    section('Options', [...own, ['-h, --help', 'Shows this help.']]),
    ...[...groups].map(([title, members]) => section(title, members.map(explainOption))),
  ]
}

function explainOption([name, option]: [string, Option]): Row {
  const short = option.short === undefined ? '' : `-${option.short}, `
  if (option.type === 'boolean') return [`${short}--${name}`, option.description]
  const dots = option.takesMany === true ? '...' : ''
  const notes = [
    option.description,
    valueNote(option),
    option.isRepeated === true ? 'May be given several times.' : '',
    defaultNote(option.defaultText ?? option.default),
  ]
  return [`${short}--${name} ${placeholderOf(name, option)}${dots}`, sentences(notes)]
}

const sentences = (list: readonly string[]): string => list.filter(Boolean).join(' ')

const defaultNote = (value: string | number | undefined): string =>
  value === undefined ? '' : `Default: ${value}.`

function valueNote(kind: Option | Argument): string {
  if (kind.type === 'choice') return `One of ${oneOf(kind.choices)}.`
  if (kind.type !== 'integer' && kind.type !== 'number') return ''
  return `A ${kind.type === 'integer' ? 'whole ' : ''}number ${rangeOf(kind)}.`
}
