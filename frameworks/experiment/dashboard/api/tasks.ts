import * as z from 'zod'
import { sendJson } from '../../http/answers.ts'
import type { Route } from '../../http/routes.ts'
import { createTask, deleteTask, listTasks, type Task } from '../../store/tasks.ts'
import { httpDate, idOf, type Api, type Call } from './guard.ts'

export const taskRoutes = (api: Api): Route[] => [
  api.route('GET', '/tasks', async () =>
    (await listTasks(api.server.pool, api.server.tables)).map(taskJson),
  ),
  api.route('POST', '/tasks', (call) => newTask(api, call)),
  api.route('DELETE', '/tasks/:id', async ({ request, reply }) => {
    const isId = z.uuid().safeParse(idOf(request)).success
    if (isId) await deleteTask(api.server.pool, api.server.tables, idOf(request))
    return reply.code(204).send()
  }),
]

const NewTask = z.object({
  name: z.literal('approve_all'),
  /** Hours. */
  interval: z.coerce.number().positive().max(8760),
})

async function newTask({ server }: Api, { body, reply, visitor }: Call): Promise<unknown> {
  const { name, interval } = NewTask.parse(body)
  const intervalMinutes = Math.max(Math.trunc(interval * 60), INTERVAL_MINUTES_MIN)
  const wanted = { name, mode: visitor.mode, intervalMinutes }
  return sendJson(reply, taskJson(await createTask(server.pool, server.tables, wanted)), 201)
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
