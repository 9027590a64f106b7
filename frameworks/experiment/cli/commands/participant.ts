import { problem } from '../../problems.ts'
import { openStudyDatabase } from '../../store/open-database.ts'
import { anonymizeParticipant, deleteParticipant } from '../../store/remove-participant.ts'
import { psiturkCommand } from '../host.ts'
import type { Session } from '../session.ts'

const ARGUMENTS = {
  id: {
    type: 'string',
    placeholder: 'UNIQUEID',
    description: 'The unique id, as worker list and the data files show it.',
  },
} as const

export const remove = psiturkCommand({
  summary: 'Deletes a participant and all that is kept of them.',
  details: 'Files that were downloaded, backups and logs of the host are not reached.',
  arguments: ARGUMENTS,
  run: (session, { arguments: { id } }) =>
    withStudy(session, id, async ({ pool, tables }) => {
      if (!(await deleteParticipant(pool, tables, id))) return undefined
      return `${id} is deleted.`
    }),
})

export const anonymize = psiturkCommand({
  summary: 'Keeps the data of a participant under a new name, without ids and address.',
  details: 'Answers in free text stay as they are, except for the ids in them.',
  arguments: ARGUMENTS,
  run: (session, { arguments: { id } }) =>
    withStudy(session, id, async ({ pool, tables }) => {
      const renamed = await anonymizeParticipant(pool, tables, id)
      return renamed && `The participant is ${renamed} now.`
    }),
})

async function withStudy(
  { study, print }: Session,
  id: string,
  work: (database: Awaited<ReturnType<typeof openStudyDatabase>>) => Promise<string | undefined>,
): Promise<number> {
  const database = await openStudyDatabase(study, { connections: 1 })
  try {
    const said = await work(database)
    if (said === undefined)
      throw problem('participant_not_found', `There is no participant ${id}.`, {
        hint: 'psiturk worker list shows them.',
      })
    print(said)
    return 0
  } finally {
    await database.pool.end()
  }
}
