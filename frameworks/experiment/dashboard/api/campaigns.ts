import type { FastifyRequest } from '@hokku/kit/http'
import * as z from 'zod'
import { standingOf, type Counted } from '../../campaigns/run-task.ts'
import { orderHit } from '../../mturk/hit-order.ts'
import type { Market } from '../../mturk/operations.ts'
import { problem } from '../../problems.ts'
import { sendJson } from '../../http/answers.ts'
import type { Route } from '../../http/routes.ts'
import {
  endCampaign,
  findCampaign,
  listCampaigns,
  setGoal,
  startCampaign,
  type Campaign,
} from '../../store/campaigns.ts'
import { marketOf } from '../market-of.ts'
import { httpDate, idOf, type Api, type Call } from './guard.ts'

export const campaignRoutes = (api: Api): Route[] => [
  api.route('GET', '/campaigns', async ({ visitor }) =>
    (await ownCampaigns(api, visitor)).map(campaignJson),
  ),
  api.route('POST', '/campaigns', (call) => newCampaign(api, call)),
  api.route('GET', '/campaigns/:id', async ({ request }) =>
    campaignJson(await named(api, request)),
  ),
  api.route('PATCH', '/campaigns/:id', (call) => changeCampaign(api, call)),
]

/** Campaigns of the current version in the visitor's mode. */
async function ownCampaigns({ server }: Api, visitor: Call['visitor']): Promise<Campaign[]> {
  const version = server.study.settings.task.experiment_code_version
  const all = await listCampaigns(server.pool, server.tables)
  return all.filter((one) => one.codeversion === version && one.mode === visitor.mode)
}

const count = z.coerce.number().int().positive().max(1_000_000)
const NewCampaign = z.object({
  goal: count,
  hit_reward: z.coerce.number().min(0).max(1000),
  hit_duration_hours: z.coerce.number().positive().max(8760),
  assignments_per_round: count,
  minutes_between_rounds: count,
})

async function newCampaign(api: Api, { body, reply, visitor }: Call): Promise<unknown> {
  const { pool, tables, study } = api.server
  const codeversion = study.settings.task.experiment_code_version
  const plan = { ...NewCampaign.parse(body), codeversion, mode: visitor.mode }
  const { hit_reward, hit_duration_hours: durationHours } = plan
  // What no HIT could be made of is refused now, not at every round.
  orderHit(study, visitor.mode, { workers: 1, reward: hit_reward.toFixed(2), durationHours })
  await requireGoalAhead(await api.market(visitor), plan)
  return sendJson(reply, campaignJson(await startCampaign(pool, tables, plan)), 201)
}

async function requireGoalAhead(market: Market, plan: Counted): Promise<void> {
  const { completed } = await standingOf(market, plan)
  if (plan.goal > completed) return
  throw problem(
    'campaign_invalid',
    `The goal must be more than the ${completed} who have completed.`,
  )
}

async function named({ server }: Api, request: FastifyRequest): Promise<Campaign> {
  const id = Number(idOf(request))
  const isId = Number.isSafeInteger(id) && id > 0 && id <= ID_MAX
  const found = isId ? await findCampaign(server.pool, server.tables, id) : undefined
  if (found === undefined) throw problem('campaign_not_found', 'There is no such campaign.')
  return found
}

/** The column is a 32-bit integer. */
const ID_MAX = 2 ** 31 - 1

const CampaignChange = z.object({ is_active: z.boolean().optional(), goal: count.optional() })

async function changeCampaign(api: Api, { request, body }: Call): Promise<unknown> {
  const change = CampaignChange.parse(body)
  const { pool, tables } = api.server
  const found = await named(api, request)
  if (change.goal !== undefined) {
    const market = await marketOf(api.server, found.mode === 'live' ? 'live' : 'sandbox')
    await requireGoalAhead(market, { ...found, goal: change.goal })
    await setGoal(pool, tables, found.id, change.goal)
  }
  if (change.is_active === false) await endCampaign(pool, tables, found.id)
  return campaignJson(await named(api, request))
}

const campaignJson = (one: Campaign): object => ({
  ...one,
  created: httpDate(one.created),
  ended: httpDate(one.ended),
})
