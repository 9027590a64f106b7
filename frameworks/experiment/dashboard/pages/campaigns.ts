import { html, type Html } from '@hokku/kit/html'
import { Problem } from '@hokku/kit/problem'
import { standingOf } from '../../campaigns/run-task.ts'
import type { Standing } from '../../campaigns/plan-round.ts'
import type { StudyServer } from '../../http/study-server.ts'
import { listCampaigns, type Campaign } from '../../store/campaigns.ts'
import {
  actionButton,
  numberField,
  OUTCOME,
  schedulerNotice,
  shortTime,
  table,
} from '../elements.ts'
import { marketOf } from '../market-of.ts'
import type { PageContent, View } from '../view.ts'
import { unreachable } from './hits.ts'

/** `/dashboard/campaigns`: the one that runs or a form for one, and those of the past. */
export async function campaignsView(server: StudyServer, { visitor }: View): Promise<PageContent> {
  const { settings } = server.study
  const campaigns = await listCampaigns(server.pool, server.tables)
  const active = campaigns.find((one) => one.is_active)
  const counted = active ?? {
    codeversion: settings.task.experiment_code_version,
    mode: visitor.mode,
    goal: 0,
    assignments_per_round: 0,
  }
  const standing = await standingOf(await marketOf(server, visitor.mode), counted).catch(
    (error: unknown) => {
      if (error instanceof Problem) return error
      throw error
    },
  )
  const body = html`${schedulerNotice(settings.server.do_scheduler)}
    ${standing instanceof Problem ? unreachable(standing) : html`${standingCards(standing)} ${OUTCOME}`}
    ${active === undefined ? newCampaign(visitor.mode) : activeCampaign(active)}
    ${pastCampaigns(campaigns.filter((one) => !one.is_active))}`
  return { title: 'Campaigns', place: 'campaigns', body }
}

const standingCards = ({ available, completed, pending }: Standing): Html =>
  html`<div class="cards">
    ${Object.entries({ available, pending, completed }).map(([name, count]) => html`<div class="card"><b>${count}</b>${name}</div>`)}
  </div>`

const newCampaign = (mode: string): Html =>
  html`<form class="panel" data-api="/api/campaigns">
    <h2>New campaign in ${mode} mode</h2>
    ${numberField('goal', 'Participants to reach', 30)} ${numberField('hit_reward', 'Reward in dollars', 1, '0.01')}
    ${numberField('hit_duration_hours', 'Hours a worker has', 1, '0.25')}
    ${numberField('assignments_per_round', 'Participants a round', 9)}
    ${numberField('minutes_between_rounds', 'Minutes between rounds', 60)}
    <button class="primary">Start the campaign</button>
  </form>`

const activeCampaign = (one: Campaign): Html =>
  html`<p>
      A campaign runs in ${one.mode} mode: ${one.assignments_per_round} participants every
      ${one.minutes_between_rounds} minutes at $${one.hit_reward.toFixed(2)}, up to ${one.goal}.
    </p>
    <form class="panel" data-api="/api/campaigns/${one.id}" data-method="PATCH">
      ${numberField('goal', 'Participants to reach', one.goal)} <button>Change the goal</button>
    </form>
    <div class="actions">
      ${actionButton('Cancel the campaign', { method: 'PATCH', url: `/api/campaigns/${one.id}`, body: { is_active: false }, confirm: 'End this campaign?' })}
    </div>`

const pastCampaigns = (past: readonly Campaign[]): Html =>
  html`<h2>Past campaigns</h2>
    ${
      past.length === 0
        ? html`<p class="quiet">There were none.</p>`
        : table(
            [
              'Version',
              'Mode',
              'Goal',
              'Per round',
              'Minutes',
              'Reward',
              'Hours',
              'Created',
              'Ended',
            ],
            past.map((one) => [
              one.codeversion,
              one.mode,
              one.goal,
              one.assignments_per_round,
              one.minutes_between_rounds,
              `$${one.hit_reward.toFixed(2)}`,
              one.hit_duration_hours,
              shortTime(one.created),
              shortTime(one.ended),
            ]),
          )
    }`
