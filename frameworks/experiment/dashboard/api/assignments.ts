import * as z from 'zod'
import { approve, candidates, payBonus, submittedIds } from '../../mturk/operations.ts'
import { STATUS } from '../../participants/status.ts'
import { sendJson } from '../../http/answers.ts'
import type { Route } from '../../http/routes.ts'
import { listParticipants, type Participant } from '../../store/participants.ts'
import { runAll } from '../background.ts'
import { httpDate, type Api } from './guard.ts'

export const Reason = z.object({ reason: z.string().trim().min(1, 'A bonus needs a reason.') })

export const assignmentRoutes = (api: Api): Route[] => [
  api.route('GET', '/assignments', async () => {
    const { pool, tables } = api.server
    return (await listParticipants(pool, tables, { withoutDebug: true })).map(participantJson)
  }),
  api.route('POST', '/assignments/action/approve_all', async ({ visitor }) => {
    const at = await api.market(visitor)
    return runAll(await submittedIds(at), (id) => approve(at, id))
  }),
  api.route('POST', '/assignments/action/bonus_all', async ({ visitor, body, reply }) => {
    const { reason } = Reason.parse(body)
    const at = await api.market(visitor)
    const credited = await candidates(at, { status: [STATUS.credited] })
    const wishes = { amount: undefined, reason, again: false }
    return sendJson(reply, await runAll(credited, (one) => payBonus(at, one, wishes)), 201)
  }),
]

const participantJson = (one: Participant): object => ({
  ...one,
  beginhit: httpDate(one.beginhit),
  beginexp: httpDate(one.beginexp),
  endhit: httpDate(one.endhit),
})
