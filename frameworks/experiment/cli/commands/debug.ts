import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { adAddress } from '../../configuration/ad-address.ts'
import type { Session } from '../session.ts'
import { addressOf } from './serve.ts'

/** `psiturk debug [-p]`: the ad for a made-up participant, in a browser or as an address. */
export async function debug(session: Session, words: readonly string[]): Promise<number> {
  const url = debugAddress(session)
  if (words.includes('-p') || words.includes('--print-only')) {
    session.print(url)
    return 0
  }
  session.print(`Launching browser pointed at your randomized debug link, \n\t${url}`)
  openInBrowser(url)
  return 0
}

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

/** `psiturk open [folder]`: the study's folder in the file browser. */
export async function open(session: Session, words: readonly string[]): Promise<number> {
  openInBrowser(words[0] ?? session.study.directory)
  return 0
}
