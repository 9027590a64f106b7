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

/**
 * Runs one command line of the shell, already split into words.
 *
 * @throws Problem `command_unknown`
 */
export async function runCommand(session: Session, words: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = words
  if (name === 'help') return printHelp(session, rest[0])
  if (name === 'version') {
    const { versionLine } = await import('./commands/version.ts')
    session.print(versionLine())
    return 0
  }
  if (name === 'setup_example') {
    const { setupExample } = await import('./commands/setup-example.ts')
    await setupExample(process.cwd(), session.print)
    return 0
  }
  const entry = COMMANDS[name]
  if (entry === undefined) {
    throw problem('command_unknown', `There is no command ${name}.`, {
      hint: 'psiturk help lists them.',
    })
  }
  const command = await entry.load()
  return command(session, rest)
}

function printHelp(session: Session, name: string | undefined): number {
  const entry = name === undefined ? undefined : COMMANDS[name]
  if (entry !== undefined) session.print(entry.help)
  else {
    session.print('Commands of psiturk:\n')
    for (const { help } of Object.values(COMMANDS)) session.print(`  ${help}`)
    session.print('  setup_example, version, help [command], quit')
  }
  return 0
}
