import { html, type Html } from '@hokku/kit/html'
import { waitingFor } from '../mturk/operations.ts'
import type { HIT } from '../mturk/marketplace.ts'
import { FINISHED, STATUS_WORD } from '../participants/status.ts'
import { PROLIFIC_QUERY } from '../recruiting/recruiting-routes.ts'
import type { Campaign } from '../store/campaigns.ts'
import type { Job } from '../store/jobs.ts'
import type { Link } from '../store/links.ts'
import type { Participant } from '../store/participants.ts'
import type { LoggedSave } from '../store/saves.ts'
import type { Task } from '../store/tasks.ts'
import { actionButton, table } from './layout.ts'
import type { Group } from './summary.ts'

export const word = (status: number | null): string => STATUS_WORD[status ?? 0] ?? String(status)

export const OUTCOME = html`<div id="outcome" role="status"></div>`

/** What the overview filters by; all in the address, so that a view can be shared. */
export type OverviewChoice = Readonly<{
  onlyVersion: boolean
  byCondition: boolean
  onlyComplete: boolean
  mode: string
}>

export function overviewPage(
  groups: readonly Group[],
  choice: OverviewChoice,
  modes: readonly string[],
): Html {
  const rows = regroup(groups, choice).map((group) => [
    group.codeversion ?? '',
    group.mode ?? '',
    ...(choice.byCondition ? [`${group.condition ?? ''} / ${group.counterbalance ?? ''}`] : []),
    word(group.status),
    group.count,
  ])
  const heads = [
    'Version',
    'Mode',
    ...(choice.byCondition ? ['Condition'] : []),
    'Status',
    'Participants',
  ]
  return html`<form class="actions" method="get">
      <label>Mode <select name="mode">${['all', ...modes].map((mode) => html`<option ${mode === choice.mode ? 'selected' : null}>${mode}</option>`)}</select></label>
      ${check('all_versions', 'All versions', !choice.onlyVersion)}
      ${check('by_condition', 'By condition', choice.byCondition)}
      ${check('only_complete', 'Only complete', choice.onlyComplete)}
      <button>Show</button>
    </form>
    <div class="cards">
      ${FUNNEL_STEPS.map((step) => html`<div class="card" data-step="${step}"><b>–</b>${step}</div>`)}
    </div>
    <div class="plots" id="plots">
      ${plot('funnel', 'How far participants come')} ${plot('balance-plot', 'Balance of conditions')}
      ${plot('drop-out', 'Drop-out over trials')} ${plot('times', 'Response times')}
    </div>
    ${OUTCOME}
    <h2>Counts</h2>
    ${rows.length === 0 ? html`<p class="quiet">Nobody has taken part yet.</p>` : table(heads, rows)}`
}

export const FUNNEL_STEPS = ['arrived', 'started', 'finished', 'paid'] as const

const check = (name: string, label: string, isOn: boolean): Html =>
  html`<label style="grid-auto-flow:column;align-items:center"><input type="checkbox" name="${name}" value="1" ${isOn ? 'checked' : null}>${label}</label>`

const plot = (id: string, title: string): Html =>
  html`<section class="plot" id="${id}"><h2>${title}</h2><figure></figure></section>`

function regroup(groups: readonly Group[], choice: OverviewChoice): Group[] {
  const wanted = groups.filter((group) => !choice.onlyComplete || FINISHED.includes(group.status))
  if (choice.byCondition) return wanted
  const merged = Map.groupBy(wanted, (group) =>
    JSON.stringify([group.codeversion, group.mode, group.status]),
  )
  return [...merged.values()].flatMap(([first, ...rest]) =>
    first === undefined
      ? []
      : [{ ...first, count: rest.reduce((sum, group) => sum + group.count, first.count) }],
  )
}

export function participantsPage(
  participants: readonly Participant[],
  page: number,
  jobs: readonly Job[],
): Html {
  return html`<div class="actions">
      ${actionButton('Approve all submitted', { method: 'POST', url: '/api/jobs', body: { name: 'approve_all' }, confirm: 'Approve and pay all submitted assignments of this mode?' })}
    </div>
    <form class="panel" data-api="/api/jobs">
      <input type="hidden" name="name" value="bonus_all">
      <label>Reason of the bonus <input name="reason" required></label>
      <button>Pay the computed bonus to all credited</button>
    </form>
    ${OUTCOME}
    ${jobs.length === 0 ? null : html`<h2>Recent actions</h2>${table(['Action', 'Started', 'Done', 'State'], jobs.map(jobRow))}`}
    <h2>Everybody, newest first</h2>
    ${table(
      ['Participant', 'HIT', 'Mode', 'Version', 'Condition', 'Status', 'Bonus', 'Began', 'Ended'],
      participants.map((one) => [
        html`<a href="/dashboard/participants/${encodeURIComponent(one.uniqueid)}">${one.uniqueid}</a>`,
        one.hitid,
        one.mode,
        one.codeversion,
        `${one.cond ?? ''} / ${one.counterbalance ?? ''}`,
        word(one.status),
        one.bonus.toFixed(2),
        shortTime(one.beginhit),
        shortTime(one.endhit),
      ]),
    )}
    <p class="actions">
      ${page > 0 ? html`<a class="button" href="?page=${page - 1}">Newer</a>` : null}
      ${participants.length === PAGE_ROWS ? html`<a class="button" href="?page=${page + 1}">Older</a>` : null}
    </p>`
}

export const PAGE_ROWS = 100

const jobRow = (job: Job): (string | number)[] => [
  job.name,
  shortTime(job.startedAt.toISOString()),
  `${job.done} of ${job.total}`,
  job.endedAt !== null ? 'ended' : job.isLost ? 'interrupted' : 'running',
]

const shortTime = (time: string | null): string => (time ?? '').replace('T', ' ').slice(0, 19)

export function participantPage(
  one: Participant,
  document: string | null,
  saves: readonly LoggedSave[],
  code: string,
): Html {
  const facts: [string, string | number | null][] = [
    ['Status', word(one.status)],
    ['Worker', one.workerid],
    ['Assignment', one.assignmentid],
    ['HIT', one.hitid],
    ['Mode', one.mode],
    ['Version', one.codeversion],
    ['Condition / counterbalance', `${one.cond ?? ''} / ${one.counterbalance ?? ''}`],
    ['Bonus', one.bonus.toFixed(2)],
    ['Opened', shortTime(one.beginhit)],
    ['Started', shortTime(one.beginexp)],
    ['Ended', shortTime(one.endhit)],
    ['Browser', `${one.browser ?? ''} on ${one.platform ?? ''}, ${one.language ?? ''}`],
    ['Completion code', code],
  ]
  return html`${table(['', ''], facts)}
    <h2>Saves</h2>
    ${
      saves.length === 0
        ? html`<p class="quiet">Nothing was saved yet.</p>`
        : html`<p class="quiet">${saves.length} saves are kept. Each can be read as it was.</p>
          <p class="actions">
            ${saves.slice(-SAVES_SHOWN).map((save) => html`<a href="?version=${save.version}">${save.version}</a>`)}
          </p>`
    }
    <h2>Document</h2>
    <pre>${document === null ? 'none' : pretty(document)}</pre>`
}

const SAVES_SHOWN = 60
const DOCUMENT_CHARACTERS_MAX = 200_000

function pretty(document: string): string {
  try {
    return JSON.stringify(JSON.parse(document), undefined, 2).slice(0, DOCUMENT_CHARACTERS_MAX)
  } catch {
    return document.slice(0, DOCUMENT_CHARACTERS_MAX)
  }
}

export function hitsPage(hits: readonly HIT[], filter: string): Html {
  const all = { method: 'POST' }
  return html`<form class="actions" method="get">
      <label>Show <select name="show">${['all', 'unexpired', 'reviewable'].map((name) => html`<option ${name === filter ? 'selected' : null}>${name}</option>`)}</select></label>
      <button>Show</button>
    </form>
    <div class="actions">
      ${actionButton('Expire all', { ...all, url: '/api/hits/action/expire_all', confirm: 'Expire all open HITs of this study?' })}
      ${actionButton('Approve all', { ...all, url: '/api/hits/action/approve_all', confirm: 'Approve and pay everything that was submitted?' })}
      ${actionButton('Delete all', { ...all, url: '/api/hits/action/delete_all', confirm: 'Delete all finished HITs?' })}
    </div>
    ${OUTCOME}
    ${hits.length === 0 ? html`<p class="quiet">There are no HITs.</p>` : hitTable(hits)}`
}

const hitTable = (hits: readonly HIT[]): Html =>
  table(
    [
      'HIT',
      'Title',
      'Status',
      'Max',
      'Done',
      'Open',
      'Pending',
      'To judge',
      'Minutes',
      'Reward',
      'Created',
      'Expires',
      '',
    ],
    hits.map((hit) => {
      const url = `/api/hit/${hit.HITId ?? ''}`
      return [
        hit.HITId ?? '',
        hit.Title ?? '',
        hit.HITStatus ?? '',
        hit.MaxAssignments ?? 0,
        hit.NumberOfAssignmentsCompleted ?? 0,
        hit.NumberOfAssignmentsAvailable ?? 0,
        hit.NumberOfAssignmentsPending ?? 0,
        waitingFor(hit),
        (hit.AssignmentDurationInSeconds ?? 0) / 60,
        `$${hit.Reward ?? ''}`,
        shortTime(hit.CreationTime?.toISOString() ?? ''),
        `${shortTime(hit.Expiration?.toISOString() ?? '')}${(hit.Expiration?.getTime() ?? 0) <= Date.now() ? ' (expired)' : ''}`,
        html`${actionButton('Approve all', { method: 'PATCH', url, body: { action: 'approve_all' } })}
        ${actionButton('Expire', { method: 'PATCH', url, body: { is_expired: true } })}
        ${actionButton('Delete', { method: 'DELETE', url, confirm: 'Delete this HIT?' })}`,
      ]
    }),
  )

const schedulerNotice = (isRunning: boolean): Html | null =>
  isRunning
    ? null
    : html`<p class="flash">do_scheduler is off: nothing will run until a server with <code>do_scheduler = true</code> does.</p>`

export function campaignsPage(campaigns: readonly Campaign[], isRunning: boolean): Html {
  const active = campaigns.find((one) => one.is_active)
  return html`${schedulerNotice(isRunning)} ${OUTCOME}
    ${active === undefined ? newCampaign() : activeCampaign(active)}
    <h2>Past campaigns</h2>
    ${table(
      ['Version', 'Mode', 'Goal', 'Per round', 'Minutes', 'Reward', 'Hours', 'Created', 'Ended'],
      campaigns
        .filter((one) => !one.is_active)
        .map((one) => [
          one.codeversion,
          one.mode,
          one.goal,
          one.assignments_per_round,
          one.minutes_between_rounds,
          one.hit_reward.toFixed(2),
          one.hit_duration_hours,
          shortTime(one.created),
          shortTime(one.ended),
        ]),
    )}`
}

const number = (name: string, label: string, value: number, step = '1'): Html =>
  html`<label>${label} <input type="number" name="${name}" value="${value}" min="0" step="${step}" required></label>`

const newCampaign = (): Html =>
  html`<form class="panel" data-api="/api/campaigns">
    ${number('goal', 'Participants to reach', 30)} ${number('hit_reward', 'Reward in dollars', 1, '0.01')}
    ${number('hit_duration_hours', 'Hours a worker has', 1, '0.25')}
    ${number('assignments_per_round', 'Participants a round', 9)}
    ${number('minutes_between_rounds', 'Minutes between rounds', 60)}
    <button class="primary">Start the campaign</button>
  </form>`

const activeCampaign = (one: Campaign): Html =>
  html`<p>
      A campaign runs in ${one.mode} mode: ${one.assignments_per_round} participants every
      ${one.minutes_between_rounds} minutes at $${one.hit_reward.toFixed(2)}, up to ${one.goal}.
    </p>
    <form class="panel" data-api="/api/campaigns/${one.id}" data-method="PATCH">
      ${number('goal', 'Participants to reach', one.goal)} <button>Change the goal</button>
    </form>
    <div class="actions">
      ${actionButton('Cancel the campaign', { method: 'PATCH', url: `/api/campaigns/${one.id}`, body: { is_active: false }, confirm: 'End this campaign?' })}
    </div>`

export function tasksPage(tasks: readonly Task[], isRunning: boolean): Html {
  return html`${schedulerNotice(isRunning)} ${OUTCOME}
    ${table(
      ['Task', 'Mode', 'Every', 'Next', 'Last', ''],
      tasks.map((task) => [
        task.name,
        task.mode,
        `${task.interval_minutes} min`,
        shortTime(task.next_run_at.toISOString()),
        task.last_outcome ?? '',
        actionButton('Delete', { method: 'DELETE', url: `/api/tasks/${task.id}` }),
      ]),
    )}
    <form class="panel" data-api="/api/tasks">
      <input type="hidden" name="name" value="approve_all">
      ${number('interval', 'Approve everything submitted every … hours', 12, '0.5')}
      <button>Add the task</button>
    </form>`
}

export function linksPage(
  base: string,
  links: readonly (Link & { status: number | null })[],
): Html {
  return html`<p>People who are not on Mechanical Turk take part by a link. Each personal link works for one person; the
      last page shows a completion code.</p>
    <form class="panel" method="post" action="/dashboard/links">
      <label>How many links <input type="number" name="count" value="10" min="1" max="500" required></label>
      <label>Label <input name="label" maxlength="60" placeholder="for example: lab, October"></label>
      <button>Make personal links</button>
    </form>
    ${
      links.length === 0
        ? null
        : table(
            ['Link', 'Label', 'Status'],
            links.map((link) => [
              html`<code>${base}/join/${link.worker}</code>`,
              link.label,
              link.status === null ? 'not used' : word(link.status),
            ]),
          )
    }
    <h2>Prolific</h2>
    <p>Give this address as the study's, and set <code>prolific_completion_code</code> in <code>[HIT Configuration]</code>:</p>
    <pre>${base}/prolific?${PROLIFIC_QUERY}</pre>`
}

export const dataPage = (): Html =>
  html`<p>All participants, of all versions and modes, streamed as they are at this moment.</p>
    <ul>
      <li><a href="/dashboard/data/trialdata.csv">trialdata.csv</a>, <a href="/dashboard/data/questiondata.csv">questiondata.csv</a>, <a href="/dashboard/data/eventdata.csv">eventdata.csv</a>: as <code>psiturk download_datafiles</code> writes them, without a header</li>
      <li><a href="/dashboard/data/trials.csv">trials.csv</a>: one row a trial, with a header and a column for each measure</li>
      <li><a href="/dashboard/data/participants.jsonl">participants.jsonl</a>: one line of JSON a participant, with the whole document</li>
    </ul>`
