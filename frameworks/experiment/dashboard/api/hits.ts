import * as z from 'zod'
import type { HIT } from '../../mturk/marketplace.ts'
import {
  approve,
  deleteHit,
  expireHit,
  isDeletable,
  isExpired,
  isOpen,
  listHits,
  submittedIds,
  waitingFor,
  type Market,
  type Outcome,
} from '../../mturk/operations.ts'
import { problem } from '../../problems.ts'
import { sendJson } from '../../http/answers.ts'
import type { Route } from '../../http/routes.ts'
import { runAll } from '../background.ts'
import { httpDate, idOf, type Api, type Call } from './guard.ts'

export function hitRoutes(api: Api): Route[] {
  const list = (isMeant: (hit: HIT) => boolean) => async (call: Call) =>
    (await listHits(await api.market(call.visitor))).filter(isMeant).map(hitJson)
  const all = (act: (market: Market) => Promise<object[]>) => async (call: Call) =>
    sendJson(call.reply, await act(await api.market(call.visitor)), 201)
  return [
    ...(['/hits', '/hits/'] as const).map((path) =>
      api.route(
        'GET',
        path,
        list(() => true),
      ),
    ),
    api.route('GET', '/hits/active', list(isOpen)),
    // The original changes things by GET; both work, and neither for another site's pages.
    ...(['GET', 'POST'] as const).flatMap((method) => [
      api.route(method, '/hits/action/expire_all', all(expireAll)),
      api.route(method, '/hits/action/delete_all', all(deleteAll)),
      api.route(method, '/hits/action/approve_all', all(approveAll)),
    ]),
    api.route('PATCH', '/hit/:id', (call) => changeHit(api, call)),
    api.route('DELETE', '/hit/:id', async ({ request, reply, visitor }) => {
      orRefused(await deleteHit(await api.market(visitor), idOf(request)))
      return reply.code(204).send()
    }),
  ]
}

/** Ids of the study's HITs that an action on all of them concerns. */
export const idsOf = async (market: Market, isMeant: (hit: HIT) => boolean): Promise<string[]> =>
  (await listHits(market)).filter(isMeant).map((hit) => hit.HITId ?? '')

const expireAll = async (at: Market): Promise<object[]> =>
  runAll(await idsOf(at, isOpen), (id) => expireHit(at, id))
const deleteAll = async (at: Market): Promise<object[]> =>
  runAll(await idsOf(at, isDeletable), (id) => deleteHit(at, id))
const approveAll = async (at: Market): Promise<object[]> =>
  runAll(await submittedIds(at), (id) => approve(at, id))

const HitChange = z.union(
  [z.object({ is_expired: z.literal(true) }), z.object({ action: z.literal('approve_all') })],
  'Say {"is_expired": true} or {"action": "approve_all"}.',
)

async function changeHit(api: Api, { request, body, reply, visitor }: Call): Promise<unknown> {
  const change = HitChange.parse(body)
  const hitId = idOf(request)
  const at = await api.market(visitor)
  if ('is_expired' in change) orRefused(await expireHit(at, hitId))
  else await runAll(await submittedIds(at, [hitId]), (id) => approve(at, id))
  const hit = await at.marketplace.hit(hitId)
  if (hit === undefined) throw problem('hit_not_found', `There is no HIT ${hitId}.`)
  return sendJson(reply, hitJson(hit), 201)
}

function orRefused(outcome: Outcome): void {
  if (!outcome.isSuccess) throw problem('mturk_refused', outcome.exception ?? '')
}

const hitJson = (hit: HIT): { options: Record<string, unknown> } => ({
  options: {
    hitid: hit.HITId,
    title: hit.Title,
    status: hit.HITStatus,
    max_assignments: hit.MaxAssignments,
    number_assignments_completed: hit.NumberOfAssignmentsCompleted,
    number_assignments_pending: hit.NumberOfAssignmentsPending,
    number_assignments_available: hit.NumberOfAssignmentsAvailable,
    creation_time: httpDate(hit.CreationTime),
    expiration: httpDate(hit.Expiration),
    is_expired: isExpired(hit),
    duration_in_seconds: hit.AssignmentDurationInSeconds,
    reward: hit.Reward,
    description: hit.Description,
    number_submissions_needing_action: waitingFor(hit),
  },
})
