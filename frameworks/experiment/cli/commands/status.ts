import { Problem } from '@hokku/kit/problem'
import { listHits } from '../../mturk/operations.ts'
import { withMarket } from '../market.ts'
import { serverState } from '../server-process.ts'
import { psiturkCommand } from '../host.ts'
import type { Session } from '../session.ts'
import { STATE_WORD } from './server.ts'

export const command = psiturkCommand({
  summary: 'Shows whether the server is on and how many HITs are available.',
  run: showStatus,
})

async function showStatus(session: Session): Promise<number> {
  session.print(STATE_WORD[await serverState(session.study)])
  const hits = await countHits(session)
  session.print(
    hits === undefined
      ? `AMT worker site - ${session.mode}: not connected`
      : `AMT worker site - ${session.mode}: ${hits} HITs available`,
  )
  return 0
}

/** HITs of this study in the current mode; undefined where Mechanical Turk cannot be asked. */
export async function countHits(session: Session): Promise<number | undefined> {
  const { aws_access_key_id, mturk_endpoint } = session.study.settings.aws
  if (aws_access_key_id === '' && mturk_endpoint === '') return undefined
  try {
    return (await withMarket(session, (market) => listHits(market))).filter(
      (hit) => hit.HITStatus === 'Assignable',
    ).length
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}
