import { serverState } from '../server-process.ts'
import type { Session } from '../session.ts'
import { STATE_WORD } from './server.ts'

/** `psiturk status`. */
export async function status(session: Session): Promise<number> {
  session.print(STATE_WORD[await serverState(session.study)])
  return 0
}

/** HITs of this study in the current mode; undefined where Mechanical Turk cannot be asked. */
export async function countHits(_session: Session): Promise<number | undefined> {
  return undefined
}
