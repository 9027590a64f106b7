import { rememberParticipantsHits } from '../../store/hits.ts'
import { openStudyDatabase } from '../../store/open-database.ts'
import { withMarket } from '../market.ts'
import { psiturkCommand } from '../host.ts'

export const balance = psiturkCommand({
  summary: 'Prints the balance of the Mechanical Turk account in dollars.',
  run: async (session) => {
    session.print(await withMarket(session, ({ marketplace }) => marketplace.balance()))
    return 0
  },
})

export const qualifications = psiturkCommand({
  summary: 'Lists the active qualification types of the account.',
  run: (session) =>
    withMarket(session, async ({ marketplace }) => {
      for await (const one of marketplace.qualifications()) {
        if (one.QualificationTypeStatus !== 'Active') continue
        session.print(
          `Name: ${one.Name}\nDescription: ${one.Description}\nQualificationTypeId: ${one.QualificationTypeId}\n`,
        )
      }
      return 0
    }),
})

/** HITs of studies that were run before HITs were kept apart. */
export const migrate = psiturkCommand({
  summary: 'Adds the HITs of earlier participants to the list of HITs in the database.',
  run: async (session) => {
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
  },
})
