import { html, type Html } from '@hokku/kit/html'
import { STATUS_WORD } from '../../participants/status.ts'
import type { StudyServer } from '../../http/study-server.ts'
import { listJobs, type Job } from '../../store/jobs.ts'
import { newestParticipants, type Participant } from '../../store/participants.ts'
import { choiceField, jobButton, OUTCOME, shortTime, statusWord, table } from '../elements.ts'
import type { PageContent, View } from '../view.ts'

type Choice = Readonly<{ page: number; status: string; search: string }>

const PAGE_ROWS = 100
const JOBS_SHOWN = 5

/** `/dashboard/participants`: everyone, newest first, and the actions that concern all. */
export async function participantsView(
  server: StudyServer,
  { query, visitor }: View,
): Promise<PageContent> {
  const choice = {
    page: Math.min(Math.max(0, Number.parseInt(query['page'] ?? '0', 10) || 0), PAGES_MAX),
    status: query['status'] ?? '',
    search: (query['search'] ?? '').trim(),
  }
  const [participants, jobs] = await Promise.all([
    newestParticipants(server.pool, server.tables, {
      limit: PAGE_ROWS,
      offset: choice.page * PAGE_ROWS,
      status: /^[0-7]$/.test(choice.status) ? Number(choice.status) : undefined,
      search: choice.search === '' ? undefined : choice.search,
    }),
    listJobs(server.pool, server.tables, JOBS_SHOWN),
  ])
  const body = html`${judging(visitor.mode)} ${OUTCOME} ${recentJobs(jobs)}
    <h2>All participants, newest first</h2>
    ${choiceForm(choice)} ${participantTable(participants)} ${pager(choice, participants.length)}`
  return { title: 'Participants', place: 'participants', body }
}

/** A million participants are still reached; a larger number is not a page. */
const PAGES_MAX = 10_000

const judging = (mode: string): Html =>
  html`<div class="side-by-side">
    <section class="panel">
      <h2>Approve</h2>
      <p class="quiet">Approves all work that was submitted in ${mode} mode.</p>
      ${jobButton('Approve all submitted', 'approve_all', `Approve and pay all submitted assignments in ${mode} mode?`)}
    </section>
    <form class="panel" data-api="/api/jobs" data-confirm="Pay these bonuses in ${mode} mode?">
      <h2>Bonus</h2>
      <p class="quiet">Pays what the study computed to everyone whose work was approved.</p>
      <input type="hidden" name="name" value="bonus_all">
      <label>Reason, as workers read it <input name="reason" required></label>
      <button>Pay the bonuses</button>
    </form>
  </div>`

const recentJobs = (jobs: readonly Job[]): Html | null =>
  jobs.length === 0
    ? null
    : html`<h2>Recent actions</h2>${table(['Action', 'Started', 'Done', 'Failed', 'State'], jobs.map(jobRow))}`

const jobRow = (job: Job): (string | number)[] => [
  job.name,
  shortTime(job.startedAt),
  `${job.done} of ${job.total}`,
  job.outcomes.filter((outcome) => (outcome as { success?: boolean }).success === false).length,
  job.endedAt !== null ? 'ended' : job.isLost ? 'interrupted' : 'running',
]

const choiceForm = ({ status, search }: Choice): Html =>
  html`<form class="actions" method="get">
    ${choiceField('status', 'Status', [['', 'all'], ...Object.entries(STATUS_WORD).filter(([value]) => value !== '0')], status)}
    <label>Worker, assignment or HIT <input type="search" name="search" value="${search}"></label>
    <button>Show</button>
  </form>`

const participantTable = (participants: readonly Participant[]): Html =>
  participants.length === 0
    ? html`<p class="quiet">No participants match.</p>`
    : table(
        ['Participant', 'Status', 'Condition', 'Mode', 'Version', 'Bonus', 'Began', 'Ended', 'HIT'],
        participants.map((one) => [
          html`<a href="/dashboard/participants/${encodeURIComponent(one.uniqueid)}">${one.uniqueid}</a>`,
          statusWord(one.status),
          `${one.cond ?? ''} / ${one.counterbalance ?? ''}`,
          one.mode,
          one.codeversion,
          `$${one.bonus.toFixed(2)}`,
          shortTime(one.beginhit),
          shortTime(one.endhit),
          one.hitid,
        ]),
      )

function pager({ page, status, search }: Choice, shown: number): Html {
  const address = (to: number): string =>
    `?${new URLSearchParams({ status, search, page: String(to) }).toString()}`
  return html`<p class="actions">
    ${page > 0 ? html`<a class="button" href="${address(page - 1)}">Newer</a>` : null}
    ${shown === PAGE_ROWS ? html`<a class="button" href="${address(page + 1)}">Older</a>` : null}
  </p>`
}
