import { problem } from '../problems.ts'
import type { Session } from './session.ts'

/** Runs a command with the words behind its name; answers with the exit code. */
export type Command = (session: Session, words: readonly string[]) => Promise<number>

type Entry = Readonly<{
  /** One line of `help`. */
  help: string
  /** Loads the command's file only when it is asked for: the shell starts at once. */
  load: () => Promise<Command>
}>

export const COMMANDS: Readonly<Record<string, Entry>> = {
  serve: {
    help: 'serve: run the study in the foreground',
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  server: {
    help: 'server on | off | restart | status | log: run the study in the background',
    load: async () => (await import('./commands/server.ts')).server,
  },
  check: {
    help: 'check: what is wrong or worth knowing about the study',
    load: async () => (await import('./commands/check.ts')).check,
  },
  status: {
    help: 'status: whether the server runs, and how many HITs there are',
    load: async () => (await import('./commands/status.ts')).status,
  },
  debug: {
    help: 'debug [-p]: open the ad as a made-up participant',
    load: async () => (await import('./commands/debug.ts')).debug,
  },
  open: {
    help: 'open [folder]: show the study in the file browser',
    load: async () => (await import('./commands/debug.ts')).open,
  },
  download_datafiles: {
    help: 'download_datafiles: write trialdata.csv, questiondata.csv, eventdata.csv',
    load: async () => (await import('./commands/download-datafiles.ts')).downloadDatafiles,
  },
  hit: {
    help: 'hit create | extend | expire | delete | list: HITs on Mechanical Turk',
    load: async () => (await import('./commands/hit.ts')).hit,
  },
  worker: {
    help: 'worker approve | reject | unreject | bonus | list: who took part',
    load: async () => (await import('./commands/worker.ts')).worker,
  },
  amt_balance: {
    help: 'amt_balance: what the account holds',
    load: async () => (await import('./commands/account.ts')).amtBalance,
  },
  qualifications: {
    help: 'qualifications list: qualification types of the account',
    load: async () => (await import('./commands/account.ts')).qualifications,
  },
  migrate: {
    help: 'migrate db: take HITs of earlier participants into the list of HITs',
    load: async () => (await import('./commands/account.ts')).migrate,
  },
  demo: {
    help: 'demo: rehearse the study with a marketplace on this machine',
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  config: {
    help: 'config print | reload: show or read again the configuration',
    load: async () => (await import('./commands/config.ts')).config,
  },
  mode: {
    help: 'mode [sandbox | live]: switch between Mechanical Turk and its sandbox',
    load: async () => (await import('./commands/mode.ts')).mode,
  },
}

/** Words that follow a command. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  config: ['print', 'reload', 'help'],
  debug: ['--print-only'],
  hit: ['create', 'extend', 'expire', 'delete', 'list', 'help'],
  migrate: ['db'],
  mode: ['sandbox', 'live'],
  qualifications: ['list'],
  server: ['on', 'off', 'restart', 'status', 'log', 'help'],
  worker: ['approve', 'reject', 'unreject', 'bonus', 'list', 'help'],
}

/** How a line of the shell that was begun may go on, each with a space behind it. */
export function completions(line: string): string[] {
  const begun = /^\s*(\S*)(?:\s+(\S*))?$/.exec(line)
  if (begun === null) return []
  const [, command = '', rest] = begun
  if (rest === undefined) {
    const names = [...Object.keys(COMMANDS), 'setup_example', 'version', 'help', 'quit']
    return names.filter((name) => name.startsWith(command)).map((name) => `${name} `)
  }
  const actions = Object.hasOwn(ACTIONS, command) ? (ACTIONS[command] ?? []) : []
  return actions.filter((name) => name.startsWith(rest)).map((name) => `${command} ${name} `)
}

/**
 * Runs one command line of the shell, already split into words.
 *
 * @throws Problem `command_unknown`
 */
export async function runCommand(session: Session, words: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = words
  if (name === 'help') return printHelp(session, rest[0])
  // At a prompt these leave the shell; as a command of its own there is nothing to leave.
  if (name === 'quit' || name === 'exit') return 0
  if (name === 'version' || name === 'psiturk_status') {
    const { versionLine } = await import('./commands/version.ts')
    session.print(versionLine())
    return 0
  }
  if (name === 'setup_example') {
    const { setupExample } = await import('./commands/setup-example.ts')
    await setupExample(process.cwd(), session.print)
    return 0
  }
  const command = await find(name).load()
  return command(session, rest)
}

/** @throws Problem `command_unknown` */
function find(name: string): Entry {
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (entry !== undefined) return entry
  throw problem('command_unknown', `There is no command ${name}.`, {
    hint: 'psiturk help lists them.',
  })
}

async function printHelp(session: Session, name: string | undefined): Promise<number> {
  if (name === undefined || name === 'help') {
    session.print('Commands of psiturk:\n')
    for (const { help } of Object.values(COMMANDS)) session.print(`  ${help}`)
    for (const line of OTHERS) session.print(`  ${line}`)
    return 0
  }
  session.print(find(name).help)
  return WITH_HELP.has(name) ? runCommand(session, [name, 'help']) : 0
}

/** Commands that have words of their own to explain. */
const WITH_HELP: ReadonlySet<string> = new Set(['hit', 'worker', 'server', 'config'])

/** What the shell itself knows. */
const OTHERS = [
  'setup_example: make the folder psiturk-example with the stroop study',
  'version, psiturk_status: which psiTurk this is',
  'help [command], quit, exit',
] as const
