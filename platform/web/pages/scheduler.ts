import { html, type Html } from '@hokku/kit/html'
import type { ScheduledJob, ScheduledRun } from '../../store/index.ts'
import { formTokenField, layout, type Frame } from './layout.ts'
import { label } from './state-label.ts'
import { timeAgo } from './time-ago.ts'

export type JobView = Readonly<{ job: ScheduledJob; runs: readonly ScheduledRun[] }>

/** What the form held, and why it was not taken. */
export type JobForm = Readonly<{
  command: string
  schedule: string
  timezone: string
  failure: string
}>

/** Jobs of an app, how their last runs ended, and a form for a new one. */
export function schedulerPage(
  frame: Frame,
  app: Readonly<{ name: string }>,
  jobs: readonly JobView[],
  form: JobForm | null,
): string {
  const path = `/dashboard/apps/${app.name}`
  return layout(
    frame,
    `Scheduler of ${app.name}`,
    html`<p class="crumbs"><a href="/dashboard">Apps</a> / <a href="${path}">${app.name}</a></p>
      <h1>Scheduler</h1>
      <section>
        <h2>Jobs</h2>
        ${
          jobs.length === 0
            ? html`<p class="none">No jobs yet.</p>`
            : html`<ul class="rows">
                ${jobs.map((one) => jobRow(frame, path, one))}
              </ul>`
        }
      </section>
      ${newJob(frame, path, form)}`,
  )
}

const jobRow = (frame: Frame, path: string, { job, runs }: JobView): Html => html`
  <li class="job">
    <form method="post" action="${path}/scheduler/${job.id}/remove">
      ${formTokenField(frame.session?.formToken ?? '')}
      <code class="name">${job.command}</code>
      <span class="what">${job.schedule} · ${job.timezone}</span>
      <button class="quiet" aria-label="Remove the job ${job.command}">Remove</button>
    </form>
    <ol class="rows">
      ${runs.slice(0, RUNS_SHOWN).map(
        (run) => html`<li>
          ${stateOf(run)} <span class="why">${run.dyno ?? ''} ${timeAgo(run.createdAt, frame.now)}</span>
        </li>`,
      )}
    </ol>
  </li>
`

const RUNS_SHOWN = 5

function stateOf({ finishedAt, exitCode, failure }: ScheduledRun): Html {
  if (finishedAt === null) return label('starting', 'running')
  if (exitCode === 0) return label('up', 'succeeded')
  return label('crashed', failure ?? `exit status ${exitCode ?? 'unknown'}`)
}

const newJob = (frame: Frame, path: string, form: JobForm | null): Html => html`
  <section>
    <h2>New job</h2>
    ${form !== null && html`<p class="failure" role="alert">${form.failure}</p>`}
    <form method="post" action="${path}/scheduler">
      ${formTokenField(frame.session?.formToken ?? '')}
      <label>Command <input name="command" required value="${form?.command ?? ''}" /></label>
      <label>
        Schedule
        <input name="schedule" required list="intervals" value="${form?.schedule ?? ''}" />
      </label>
      <datalist id="intervals">
        <option value="every 10 minutes"></option>
        <option value="hourly at :20"></option>
        <option value="daily at 02:30"></option>
      </datalist>
      <label>Time zone <input name="timezone" value="${form?.timezone ?? 'UTC'}" /></label>
      <button>Add job</button>
      <p class="why">Five fields of cron work as well, e.g. <code>0 7 * * mon-fri</code>.</p>
    </form>
  </section>
`
