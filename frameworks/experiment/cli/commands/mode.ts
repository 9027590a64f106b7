import { problem } from '../../problems.ts'
import { isMode } from '../../mturk/mode.ts'
import type { Session } from '../session.ts'

/** `psiturk mode [sandbox|live]`: toggles without a word. */
export async function mode(session: Session, words: readonly string[]): Promise<number> {
  const wanted = words[0] ?? (session.mode === 'live' ? 'sandbox' : 'live')
  if (!isMode(wanted)) throw problem('argument_invalid', `mode ${wanted} is not recognized.`)
  if (wanted === session.mode) session.print(`mode is already ${wanted}`)
  else {
    session.mode = wanted
    session.print(`Entered ${wanted} mode`)
  }
  return 0
}
