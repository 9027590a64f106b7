import { html } from '@hokku/kit/html'
import type { StudyServer } from '../../http/study-server.ts'
import { listTasks, type Task } from '../../store/tasks.ts'
import {
  actionButton,
  numberField,
  OUTCOME,
  schedulerNotice,
  shortTime,
  table,
} from '../elements.ts'
import type { PageContent, View } from '../view.ts'

/** `/dashboard/tasks`: what a server with `do_scheduler` repeats. */
export async function tasksView(server: StudyServer, { visitor }: View): Promise<PageContent> {
  const tasks = await listTasks(server.pool, server.tables)
  const body = html`${schedulerNotice(server.study.settings.server.do_scheduler)} ${OUTCOME}
    ${tasks.length === 0 ? html`<p class="quiet">Nothing is scheduled.</p>` : table(['Task', 'Mode', 'Every', 'Next', 'Last', ''], tasks.map(taskRow))}
    ${tasks.some((task) => task.name === APPROVE_ALL) ? null : newTask(visitor.mode)}`
  return { title: 'Tasks', place: 'tasks', body }
}

const APPROVE_ALL = 'approve_all'

const taskRow = (task: Task) => [
  task.name === APPROVE_ALL ? 'approve everything submitted' : 'round of the campaign',
  task.mode,
  `${task.interval_minutes} min`,
  shortTime(task.next_run_at),
  task.last_outcome ?? 'not yet',
  // A round ends with its campaign.
  task.campaign === null
    ? actionButton('Delete', { method: 'DELETE', url: `/api/tasks/${task.id}` })
    : '',
]

const newTask = (mode: string) =>
  html`<form class="panel" data-api="/api/tasks">
    <h2>New task in ${mode} mode</h2>
    <input type="hidden" name="name" value="${APPROVE_ALL}">
    ${numberField('interval', 'Approve everything submitted every … hours', 12, '0.5')}
    <button>Add the task</button>
  </form>`
