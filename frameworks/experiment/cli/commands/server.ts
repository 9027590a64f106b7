import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { problem } from '../../problems.ts'
import { launcher } from '../launcher.ts'
import { serverState, startServer, stopServer } from '../server-process.ts'
import { psiturkCommand } from '../host.ts'
import type { Session } from '../session.ts'
import { addressOf } from './serve.ts'

export const on = psiturkCommand({
  summary: 'Starts the study in the background.',
  run: turnOn,
})

export const off = psiturkCommand({
  summary: 'Stops the study in the background.',
  run: turnOff,
})

export const restart = psiturkCommand({
  summary: 'Stops and starts the study in the background.',
  run: restartServer,
})

export const status = psiturkCommand({
  summary: 'Shows whether the study runs in the background.',
  run: async (session) => {
    session.print(STATE_WORD[await serverState(session.study)])
    return 0
  },
})

export const log = psiturkCommand({
  summary: "Prints the last lines of the server's log.",
  run: async (session) => {
    printLog(session)
    return 0
  },
})

export async function restartServer(session: Session): Promise<number> {
  await turnOff(session)
  return await turnOn(session)
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

async function turnOff(session: Session): Promise<number> {
  const pid = await stopServer(session.study)
  session.print(
    pid === undefined
      ? 'Your server is already off.'
      : `Shutting down experiment server at pid ${pid}...`,
  )
  return 0
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
