import type { Outcome } from '../mturk/operations.ts'
import type { StudyServer } from '../http/study-server.ts'
import { beginJob, endJob, noteOutcome } from '../store/jobs.ts'

/**
 * Starts a long action in the background; the answer is the id under which its progress can be
 * asked for, in any process.
 */
export async function startJob<Thing>(
  server: StudyServer,
  name: string,
  things: readonly Thing[],
  act: (thing: Thing) => Promise<Outcome>,
): Promise<string> {
  const id = await beginJob(server.pool, server.tables, name, things.length)
  void work(server, id, things, act).catch((error: unknown) =>
    server.log.error(`job ${name}`, error),
  )
  return id
}

async function work<Thing>(
  server: StudyServer,
  id: string,
  things: readonly Thing[],
  act: (thing: Thing) => Promise<Outcome>,
): Promise<void> {
  try {
    for (const thing of things) {
      // oxlint-disable-next-line no-await-in-loop -- Mechanical Turk limits the rate of requests
      await noteOutcome(server.pool, id, outcomeJson(await act(thing)))
    }
  } finally {
    await endJob(server.pool, id)
  }
}

/** Runs an action on each thing and answers when all are done, as the original's API does. */
export async function runAll<Thing>(
  things: readonly Thing[],
  act: (thing: Thing) => Promise<Outcome>,
): Promise<object[]> {
  const outcomes: object[] = []
  // oxlint-disable-next-line no-await-in-loop -- Mechanical Turk limits the rate of requests
  for (const thing of things) outcomes.push(outcomeJson(await act(thing)))
  return outcomes
}

export const outcomeJson = ({
  operation,
  isSuccess,
  message,
  exception,
  data,
}: Outcome): object => ({
  operation,
  status: isSuccess ? 'success' : 'failure',
  success: isSuccess,
  message: message ?? '',
  data,
  ...(exception === undefined ? {} : { exception }),
})
