import { problem } from '../../problems.ts'
import type { Route } from '../../http/routes.ts'
import { anonymizeParticipant, deleteParticipant } from '../../store/remove-participant.ts'
import { idOf, type Api } from './guard.ts'

/** One participant's right to be forgotten. */
export function participantRoutes(api: Api): Route[] {
  const { pool, tables, saves, log } = api.server
  return [
    api.route('DELETE', '/participants/:id', async ({ request, reply, visitor }) => {
      const id = idOf(request)
      if (!(await deleteParticipant(pool, tables, id))) throw notFound()
      saves.forget(id)
      log.info(`${visitor.user} deleted a participant`)
      return reply.code(204).send()
    }),
    api.route('POST', '/participants/:id/anonymize', async ({ request, visitor }) => {
      const id = idOf(request)
      const uniqueid = await anonymizeParticipant(pool, tables, id)
      if (uniqueid === undefined) throw notFound()
      saves.forget(id)
      log.info(`${visitor.user} anonymized a participant`)
      return { uniqueid }
    }),
  ]
}

const notFound = (): Error =>
  problem('participant_not_found', 'There is no such participant. It may be deleted already.')
