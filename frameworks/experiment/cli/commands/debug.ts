import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { adAddress } from '../../configuration/ad-address.ts'
import { psiturkCommand } from '../host.ts'
import type { Session } from '../session.ts'
import { addressOf } from './serve.ts'

export const debug = psiturkCommand({
  summary: 'Opens the ad in a browser, as a participant of a test run.',
  options: {
    'print-only': {
      type: 'boolean',
      short: 'p',
      description: 'Prints the address and opens nothing.',
    },
  },
  run: async (session, { options }) => {
    const url = debugAddress(session)
    if (options['print-only']) {
      session.print(url)
      return 0
    }
    session.print(`Launching browser pointed at your randomized debug link, \n\t${url}`)
    openInBrowser(url)
    return 0
  },
})

function debugAddress(session: Session): string {
  const id = debugId
  return `${baseAddress(session)}?assignmentId=${id()}&hitId=${id()}&workerId=${id()}&mode=debug`
}

/** The public address where one is configured, else the server of this machine. */
function baseAddress(session: Session): string {
  const { hit } = session.study.settings
  const isPublic = hit.ad_url !== undefined || hit.ad_url_domain !== ''
  return isPublic ? adAddress(hit) : `${addressOf(session.study)}/ad`
}

const debugId = (): string =>
  `debug${Array.from({ length: 6 }, () => LETTERS[randomInt(LETTERS.length)]).join('')}`

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

function openInBrowser(target: string): void {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const child = spawn(program, [target], { stdio: 'ignore', detached: true })
  // Without a desktop the address on the screen is all there is.
  child.on('error', () => {})
  child.unref()
}

export const open = psiturkCommand({
  summary: 'Opens a folder in the file browser.',
  arguments: {
    folder: {
      type: 'string',
      isOptional: true,
      description: 'The folder.',
      defaultText: 'the folder of the study',
    },
  },
  run: async (session, call) => {
    openInBrowser(call.arguments.folder ?? session.study.directory)
    return 0
  },
})
