import type { FastifyReply, FastifyRequest } from '@hokku/kit/http'
import { Problem } from '@hokku/kit/problem'
import * as z from 'zod'
import { standingOf } from '../campaigns/run-task.ts'
import {
  approve,
  candidates,
  deleteHit,
  expireHit,
  listHits,
  payBonus,
  waitingFor,
  type Market,
  type Outcome,
} from '../mturk/operations.ts'
import type { HIT } from '../mturk/marketplace.ts'
import { STATUS } from '../participants/status.ts'
import { problem } from '../problems.ts'
import type { Method, Route } from '../serve/routes.ts'
import { sendJson } from '../serve/answers.ts'
import type { StudyServer } from '../serve/study-server.ts'
import {
  endCampaign,
  findCampaign,
  listCampaigns,
  setGoal,
  startCampaign,
} from '../store/campaigns.ts'
import { listJobs } from '../store/jobs.ts'
import { listParticipants } from '../store/participants.ts'
import { createTask, deleteTask, listTasks, type Task } from '../store/tasks.ts'
import { runAll, startJob } from './background.ts'
import { readVisitor, requireOwnSite, type Visitor } from './login.ts'
import { marketOf } from './market-of.ts'

type Context = Readonly<{
  request: FastifyRequest
  reply: FastifyReply
  visitor: Visitor
  body: unknown
}>
type Handler = (context: Context) => Promise<unknown>

/** The REST API, behind the dashboard's login. */
export function apiRoutes(server: StudyServer, key: string): Route[] {
  const route = (method: Method, path: string, handler: Handler): Route => ({
    method,
    path: `/api${path}`,
    handler: (request, reply) => guard(server, key, handler, request, reply),
  })
  const market = (visitor: Visitor): Promise<Market> => marketOf(server, visitor.mode)
  const everyHit =
    (
      act: (market: Market, hit: string) => Promise<Outcome>,
      isMeant: (hit: HIT) => boolean,
    ): Handler =>
    async ({ visitor, reply }) => {
      const at = await market(visitor)
      const ids = (await listHits(at)).filter(isMeant).map((hit) => hit.HITId ?? '')
      return sendJson(reply, await runAll(ids, (id) => act(at, id)), 201)
    }
  const expireAll = everyHit(expireHit, (hit) => hit.HITStatus === 'Assignable')
  const deleteAll = everyHit(
    deleteHit,
    (hit) => hit.HITStatus === 'Reviewable' && waitingFor(hit) === 0,
  )
  const approveAll: Handler = async ({ visitor, reply }) => {
    const at = await market(visitor)
    return sendJson(reply, await runAll(await submittedIds(at), (id) => approve(at, id)), 201)
  }
  return [
    route('GET', '/services_manager', ({ visitor }) => describeAccount(server, visitor)),
    route('GET', '/assignments', () =>
      listParticipants(server.pool, server.tables, { withoutDebug: true }),
    ),
    route('POST', '/assignments/action/approve_all', async ({ visitor }) => {
      const at = await market(visitor)
      return runAll(await submittedIds(at), (id) => approve(at, id))
    }),
    route('POST', '/assignments/action/bonus_all', (context) => bonusAll(server, context)),
    route('GET', '/hits/', async ({ visitor }) =>
      (await listHits(await market(visitor))).map(hitJson),
    ),
    route('GET', '/hits/active', async ({ visitor }) =>
      (await listHits(await market(visitor)))
        .filter((hit) => hit.HITStatus === 'Assignable')
        .map(hitJson),
    ),
    // The original changes things by GET; both work, and neither for another site's pages.
    ...(['GET', 'POST'] as const).flatMap((method) => [
      route(method, '/hits/action/expire_all', expireAll),
      route(method, '/hits/action/delete_all', deleteAll),
      route(method, '/hits/action/approve_all', approveAll),
    ]),
    route('PATCH', '/hit/:id', (context) => changeHit(server, context)),
    route('DELETE', '/hit/:id', async ({ request, reply, visitor }) => {
      const outcome = await deleteHit(await market(visitor), idOf(request))
      if (!outcome.isSuccess) throw problem('mturk_refused', outcome.exception ?? '')
      return reply.code(204).send()
    }),
    route('GET', '/campaigns', ({ visitor }) => ownCampaigns(server, visitor)),
    route('POST', '/campaigns', (context) => newCampaign(server, context)),
    route('GET', '/campaigns/:id', async ({ request }) => campaign(server, request)),
    route('PATCH', '/campaigns/:id', (context) => changeCampaign(server, context)),
    route('GET', '/tasks', async () => (await listTasks(server.pool, server.tables)).map(taskJson)),
    route('POST', '/tasks', (context) => newTask(server, context)),
    route('DELETE', '/tasks/:id', async ({ request, reply }) => {
      const isUuid = z.uuid().safeParse(idOf(request)).success
      if (isUuid) await deleteTask(server.pool, server.tables, idOf(request))
      return reply.code(204).send()
    }),
    route('POST', '/jobs', (context) => newJob(server, context)),
    route('GET', '/jobs/:id', ({ request }) => describeJob(server, idOf(request))),
  ]
}

async function guard(
  server: StudyServer,
  key: string,
  handler: Handler,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const visitor = readVisitor(request, key)
  if (visitor === undefined) {
    return reply.redirect(`/dashboard/login?next=${encodeURIComponent(request.url)}`, 302)
  }
  try {
    requireOwnSite(request)
    const value = await handler({ request, reply, visitor, body: readBody(request) })
    return reply.sent || value === reply ? reply : sendJson(reply, value)
  } catch (error) {
    if (!(error instanceof Problem)) {
      if (!(error instanceof z.ZodError)) throw error
      return sendJson(reply, { exception: 'ValueError', message: z.prettifyError(error) }, 400)
    }
    const status = error.status === 404 || error.status === 403 ? error.status : 400
    return sendJson(reply, { exception: error.id, message: error.message }, status)
  }
}

function readBody(request: FastifyRequest): unknown {
  if (typeof request.body !== 'string') return request.body ?? {}
  try {
    return JSON.parse(request.body)
  } catch (error) {
    throw problem('body_invalid', 'The body is not valid JSON.', { cause: error })
  }
}

const idOf = (request: FastifyRequest): string =>
  z.object({ id: z.string() }).parse(request.params).id

async function describeAccount(server: StudyServer, visitor: Visitor): Promise<object> {
  const { aws, task } = server.study.settings
  try {
    const { marketplace } = await marketOf(server, visitor.mode)
    return {
      mode: visitor.mode,
      codeversion: task.experiment_code_version,
      amt_balance: await marketplace.balance(),
      aws_access_key_id: aws.aws_access_key_id,
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const none = 'unavailable'
    return {
      mode: visitor.mode,
      codeversion: task.experiment_code_version,
      amt_balance: none,
      aws_access_key_id: none,
    }
  }
}

async function submittedIds(at: Market): Promise<string[]> {
  const submitted = await candidates(at, { status: [STATUS.submitted] })
  return [...new Set(submitted.map((one) => one.assignmentid))]
}

const Reason = z.object({ reason: z.string().trim().min(1, 'A bonus needs a reason.') })

async function bonusAll(server: StudyServer, { body, reply, visitor }: Context): Promise<unknown> {
  const { reason } = Reason.parse(body)
  const at = await marketOf(server, visitor.mode)
  const credited = await candidates(at, { status: [STATUS.credited] })
  const wishes = { amount: undefined, reason, again: false }
  return sendJson(reply, await runAll(credited, (one) => payBonus(at, one, wishes)), 201)
}

const HitChange = z.union([
  z.object({ is_expired: z.literal(true) }),
  z.object({ action: z.literal('approve_all') }),
])

async function changeHit(
  server: StudyServer,
  { request, body, reply, visitor }: Context,
): Promise<unknown> {
  const change = HitChange.parse(body)
  const hitId = idOf(request)
  const at = await marketOf(server, visitor.mode)
  if ('is_expired' in change) {
    const outcome = await expireHit(at, hitId)
    if (!outcome.isSuccess) throw problem('mturk_refused', outcome.exception ?? '')
  } else {
    const submitted = await candidates(at, { status: [STATUS.submitted], hitIds: [hitId] })
    await runAll([...new Set(submitted.map((one) => one.assignmentid))], (id) => approve(at, id))
  }
  const hit = await at.marketplace.hit(hitId)
  if (hit === undefined) throw problem('hit_not_found', `There is no HIT ${hitId}.`)
  return sendJson(reply, hitJson(hit), 201)
}

/** Times as HTTP dates, as the original writes them. */
const httpDate = (time: Date | undefined | null): string | null => time?.toUTCString() ?? null

export function hitJson(hit: HIT): { options: Record<string, unknown> } {
  return {
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
      is_expired: (hit.Expiration?.getTime() ?? 0) <= Date.now(),
      duration_in_seconds: hit.AssignmentDurationInSeconds,
      reward: hit.Reward,
      description: hit.Description,
      number_submissions_needing_action: waitingFor(hit),
    },
  }
}

async function ownCampaigns(server: StudyServer, visitor: Visitor): Promise<object[]> {
  const version = server.study.settings.task.experiment_code_version
  const all = await listCampaigns(server.pool, server.tables)
  return all.filter((one) => one.codeversion === version && one.mode === visitor.mode)
}

const positive = z.coerce.number().positive()
const NewCampaign = z.object({
  goal: z.coerce.number().int().positive(),
  hit_reward: z.coerce.number().min(0).max(1000),
  hit_duration_hours: positive.max(8760),
  assignments_per_round: z.coerce.number().int().positive(),
  minutes_between_rounds: z.coerce.number().int().positive(),
})

async function newCampaign(
  server: StudyServer,
  { body, reply, visitor }: Context,
): Promise<unknown> {
  const wanted = NewCampaign.parse(body)
  const plan = {
    ...wanted,
    codeversion: server.study.settings.task.experiment_code_version,
    mode: visitor.mode,
  }
  const at = await marketOf(server, visitor.mode)
  const { completed } = await standingOf(at, {
    ...plan,
    id: 0,
    is_active: true,
    created: '',
    ended: null,
  })
  if (wanted.goal <= completed) {
    throw problem(
      'campaign_invalid',
      `The goal must be more than the ${completed} who have completed.`,
    )
  }
  return sendJson(reply, await startCampaign(server.pool, server.tables, plan), 201)
}

async function campaign(server: StudyServer, request: FastifyRequest) {
  const id = Number(idOf(request))
  const found = Number.isSafeInteger(id)
    ? await findCampaign(server.pool, server.tables, id)
    : undefined
  if (found === undefined) throw problem('campaign_not_found', 'There is no such campaign.')
  return found
}

const CampaignChange = z.object({
  is_active: z.boolean().optional(),
  goal: z.coerce.number().int().positive().optional(),
})

async function changeCampaign(
  server: StudyServer,
  { request, body, visitor }: Context,
): Promise<unknown> {
  const change = CampaignChange.parse(body)
  const found = await campaign(server, request)
  if (change.goal !== undefined) {
    const { completed } = await standingOf(await marketOf(server, visitor.mode), found)
    if (change.goal <= completed) {
      throw problem(
        'campaign_invalid',
        `The goal must be more than the ${completed} who have completed.`,
      )
    }
    await setGoal(server.pool, server.tables, found.id, change.goal)
  }
  if (change.is_active === false) await endCampaign(server.pool, server.tables, found.id)
  return campaign(server, request)
}

const NewTask = z.object({ name: z.literal('approve_all'), interval: positive.max(8760) })

async function newTask(server: StudyServer, { body, reply, visitor }: Context): Promise<unknown> {
  const { name, interval } = NewTask.parse(body)
  const intervalMinutes = Math.max(Math.trunc(interval * 60), INTERVAL_MINUTES_MIN)
  const task = await createTask(server.pool, server.tables, {
    name,
    mode: visitor.mode,
    intervalMinutes,
  })
  return sendJson(reply, taskJson(task), 201)
}

/** Asking more often than this brings nothing but load. */
const INTERVAL_MINUTES_MIN = 30

const taskJson = (task: Task): object => ({
  id: task.id,
  name: task.name,
  mode: task.mode,
  campaign: task.campaign,
  interval_minutes: task.interval_minutes,
  next_run_time: httpDate(task.next_run_at),
  last_outcome: task.last_outcome,
})

const NewJob = z.discriminatedUnion('name', [
  z.object({ name: z.literal('approve_all') }),
  Reason.extend({ name: z.literal('bonus_all') }),
])

/** The long actions again, in the background: for pages that show progress. */
async function newJob(server: StudyServer, { body, reply, visitor }: Context): Promise<unknown> {
  const wanted = NewJob.parse(body)
  const at = await marketOf(server, visitor.mode)
  const job =
    wanted.name === 'approve_all'
      ? await startJob(server, 'approve all', await submittedIds(at), (id) => approve(at, id))
      : await startJob(
          server,
          'bonus all',
          await candidates(at, { status: [STATUS.credited] }),
          (one) => payBonus(at, one, { amount: undefined, reason: wanted.reason, again: false }),
        )
  return sendJson(reply, { job }, 202)
}

async function describeJob(server: StudyServer, id: string): Promise<object> {
  const job = (await listJobs(server.pool, server.tables, JOBS_MAX)).find((one) => one.id === id)
  if (job === undefined) throw problem('page_not_found', 'There is no such job.')
  const { name, done, total, outcomes, endedAt, isLost } = job
  return { id, name, done, total, outcomes, ended: endedAt !== null, lost: isLost }
}

const JOBS_MAX = 100
