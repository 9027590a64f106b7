import {
  approve,
  createHit,
  isOpen,
  listHits,
  submittedIds,
  type Market,
} from '../mturk/operations.ts'
import { FINISHED } from '../participants/status.ts'
import { endCampaign, findCampaign, type Campaign } from '../store/campaigns.ts'
import { countParticipants } from '../store/participants.ts'
import type { Task } from '../store/tasks.ts'
import { planRound, type Standing } from './plan-round.ts'

/** Runs a task once; answers with a sentence for the dashboard. */
export async function runTask(market: Market, task: Task): Promise<string> {
  if (task.name === 'approve_all') return approveAll(market)
  return task.campaign === null ? 'there is nothing to do' : runRound(market, task.campaign)
}

async function approveAll(market: Market): Promise<string> {
  const ids = await submittedIds(market)
  let failures = 0
  for (const id of ids) {
    // oxlint-disable-next-line no-await-in-loop -- Mechanical Turk limits the rate of requests
    if (!(await approve(market, id)).isSuccess) failures += 1
  }
  return `${ids.length - failures} approved, ${failures} failed`
}

async function runRound(market: Market, id: number): Promise<string> {
  const campaign = await findCampaign(market.pool, market.tables, id)
  const version = market.study.settings.task.experiment_code_version
  if (campaign === undefined || !campaign.is_active || campaign.codeversion !== version) {
    await endCampaign(market.pool, market.tables, id)
    return 'ended: the version of the study changed'
  }
  const round = planRound(await standingOf(market, campaign))
  if (round.do === 'end') {
    await endCampaign(market.pool, market.tables, id)
    return 'ended: the goal is reached'
  }
  for (const workers of round.hits) {
    // oxlint-disable-next-line no-await-in-loop -- Mechanical Turk limits the rate of requests
    await createHit(market, {
      workers,
      reward: campaign.hit_reward.toFixed(2),
      durationHours: campaign.hit_duration_hours,
    })
  }
  return `${round.hits.length} HITs posted for ${round.hits.reduce((sum, places) => sum + places, 0)} participants`
}

/** What a campaign's standing is counted by. */
export type Counted = Pick<Campaign, 'codeversion' | 'mode' | 'goal' | 'assignments_per_round'>

/** Counted over the HITs of this study. */
export async function standingOf(market: Market, campaign: Counted): Promise<Standing> {
  const [completed, hits] = await Promise.all([
    countParticipants(market.pool, market.tables, {
      status: FINISHED,
      codeVersion: campaign.codeversion,
      mode: campaign.mode,
    }),
    listHits(market),
  ])
  const busy = hits.filter((hit) => isOpen(hit) || hit.HITStatus === 'Unassignable')
  return {
    goal: campaign.goal,
    completed,
    available: hits
      .filter(isOpen)
      .reduce((sum, hit) => sum + (hit.NumberOfAssignmentsAvailable ?? 0), 0),
    pending: busy.reduce((sum, hit) => sum + (hit.NumberOfAssignmentsPending ?? 0), 0),
    assignmentsPerRound: campaign.assignments_per_round,
  }
}
