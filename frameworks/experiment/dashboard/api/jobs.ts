import * as z from 'zod'
import {
  approve,
  candidates,
  deleteHit,
  expireHit,
  isDeletable,
  isOpen,
  payBonus,
  submittedIds,
  type Market,
} from '../../mturk/operations.ts'
import { STATUS } from '../../participants/status.ts'
import { problem } from '../../problems.ts'
import { sendJson } from '../../http/answers.ts'
import type { Route } from '../../http/routes.ts'
import type { StudyServer } from '../../http/study-server.ts'
import { listJobs } from '../../store/jobs.ts'
import { startJob } from '../background.ts'
import { Reason } from './assignments.ts'
import { idOf, type Api, type Call } from './guard.ts'
import { idsOf } from './hits.ts'

/** The long actions again, in the background: for pages that show progress. */
export const jobRoutes = (api: Api): Route[] => [
  api.route('POST', '/jobs', (call) => newJob(api, call)),
  api.route('GET', '/jobs/:id', ({ request }) => describeJob(api.server, idOf(request))),
]

const NewJob = z.discriminatedUnion('name', [
  z.object({ name: z.literal('approve_all') }),
  z.object({ name: z.literal('expire_hits') }),
  z.object({ name: z.literal('delete_hits') }),
  Reason.extend({ name: z.literal('bonus_all') }),
])

async function newJob(api: Api, { body, reply, visitor }: Call): Promise<unknown> {
  const wanted = NewJob.parse(body)
  const at = await api.market(visitor)
  return sendJson(reply, { job: await START[wanted.name](api.server, at, wanted) }, 202)
}

type Wanted = z.infer<typeof NewJob>

const START: Readonly<
  Record<Wanted['name'], (server: StudyServer, at: Market, wanted: Wanted) => Promise<string>>
> = {
  approve_all: async (server, at) =>
    startJob(server, 'approve all', await submittedIds(at), (id) => approve(at, id)),
  expire_hits: async (server, at) =>
    startJob(server, 'expire HITs', await idsOf(at, isOpen), (id) => expireHit(at, id)),
  delete_hits: async (server, at) =>
    startJob(server, 'delete HITs', await idsOf(at, isDeletable), (id) => deleteHit(at, id)),
  bonus_all: async (server, at, wanted) => {
    const wishes = { amount: undefined, reason: Reason.parse(wanted).reason, again: false }
    const credited = await candidates(at, { status: [STATUS.credited] })
    return startJob(server, 'bonus all', credited, (one) => payBonus(at, one, wishes))
  },
}

async function describeJob(server: StudyServer, id: string): Promise<object> {
  const job = (await listJobs(server.pool, server.tables, JOBS_MAX)).find((one) => one.id === id)
  if (job === undefined) throw problem('page_not_found', 'There is no such job.')
  const { name, done, total, outcomes, endedAt, isLost } = job
  return { id, name, done, total, outcomes, ended: endedAt !== null, lost: isLost }
}

const JOBS_MAX = 100
