import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { problem } from '../../problems.ts'
import { launcher } from '../launcher.ts'
import { serverState, startServer, stopServer } from '../server-process.ts'
import type { Session } from '../session.ts'
import { addressOf } from './serve.ts'

/** `psiturk server on|off|restart|status|log|help`. */
export async function server(session: Session, words: readonly string[]): Promise<number> {
  const [action = 'help'] = words
  const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
  if (act === undefined) {
    throw problem('command_unknown', `server ${action} is not known.`, { hint: USAGE })
  }
  return (await act(session)) ?? 0
}

const USAGE = 'server on | off | restart | status | log | help'

const ACTIONS: Readonly<Record<string, (session: Session) => Promise<number | void>>> = {
  on: turnOn,
  launch: turnOn,
  off: turnOff,
  shutdown: turnOff,
  restart: async (session) => {
    await turnOff(session)
    await turnOn(session)
  },
  status: async (session) => session.print(STATE_WORD[await serverState(session.study)]),
  log: async (session) => printLog(session),
  help: async (session) => session.print(USAGE),
}

/** What `status` says of a server. */
export const STATE_WORD = {
  yes: 'Server: currently online',
  no: 'Server: currently offline',
  maybe: 'Server: status unknown',
  blocked: 'Server: blocked',
} as const

async function turnOn(session: Session): Promise<number> {
  const { study } = session
  const state = await serverState(study)
  if (state === 'yes' || state === 'maybe') {
    session.print(`Your server is already on: ${addressOf(study)}`)
    return 0
  }
  if (state === 'blocked') {
    throw problem(
      'server_unavailable',
      `Port ${study.settings.server.port} is used by another program.`,
      {
        hint: 'Set another port in [Server Parameters] of config.txt.',
      },
    )
  }
  session.print('Experiment server launching...')
  await startServer(study, [...launcher(), 'serve'])
  session.print(`Now serving on ${addressOf(study)}`)
  return 0
}

async function turnOff(session: Session): Promise<void> {
  const pid = await stopServer(session.study)
  session.print(
    pid === undefined
      ? 'Your server is already off.'
      : `Shutting down experiment server at pid ${pid}...`,
  )
}

function printLog(session: Session): void {
  const { logfile } = session.study.settings.server
  if (logfile === '-') {
    session.print('The log goes to standard output.')
    return
  }
  try {
    const lines = readFileSync(resolve(session.study.directory, logfile), 'utf8')
      .trimEnd()
      .split('\n')
    session.print(lines.slice(-LINES_MAX).join('\n'))
  } catch {
    session.print(`There is no log yet (${logfile}).`)
  }
}

const LINES_MAX = 200
