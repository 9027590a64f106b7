import { rememberParticipantsHits } from '../../store/hits.ts'
import { openStudyDatabase } from '../../store/open-database.ts'
import { problem } from '../../problems.ts'
import { withMarket } from '../market.ts'
import type { Session } from '../session.ts'

/** `psiturk amt_balance`. */
export async function amtBalance(session: Session): Promise<number> {
  session.print(await withMarket(session, ({ marketplace }) => marketplace.balance()))
  return 0
}

/** `psiturk qualifications list`. */
export async function qualifications(session: Session, words: readonly string[]): Promise<number> {
  if (words[0] !== 'list') throw problem('command_unknown', 'Only qualifications list is known.')
  return withMarket(session, async ({ marketplace }) => {
    for await (const one of marketplace.qualifications()) {
      if (one.QualificationTypeStatus !== 'Active') continue
      session.print(
        `Name: ${one.Name}\nDescription: ${one.Description}\nQualificationTypeId: ${one.QualificationTypeId}\n`,
      )
    }
    return 0
  })
}

/** `psiturk migrate db`: HITs of studies that were run before HITs were kept apart. */
export async function migrate(session: Session, words: readonly string[]): Promise<number> {
  if (words[0] !== 'db') throw problem('command_unknown', 'Only migrate db is known.')
  const { pool, tables } = await openStudyDatabase(session.study, { connections: 2 })
  try {
    const count = await rememberParticipantsHits(pool, tables)
    session.print(
      `Added ${count} HIT ${count === 1 ? 'id' : 'ids'} from the participants to ${tables.hits}.`,
    )
    return 0
  } finally {
    await pool.end()
  }
}
