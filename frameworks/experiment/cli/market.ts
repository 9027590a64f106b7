import { createProgress } from '@hokku/kit/command-line'
import type { Market, Outcome } from '../mturk/operations.ts'
import { openStudyDatabase } from '../store/open-database.ts'
import type { Session } from './session.ts'

/** Opens the study's database and the marketplace for one command, and closes them after it. */
export async function withMarket<Result>(
  session: Session,
  act: (market: Market) => Promise<Result>,
): Promise<Result> {
  // Loaded here: the AWS client takes longer to load than most commands to run.
  const { openMarketplace } = await import('../mturk/marketplace.ts')
  const marketplace = openMarketplace(session.study.settings, session.mode)
  const { pool, tables } = await openStudyDatabase(session.study, { connections: 2 })
  try {
    return await act({ study: session.study, pool, tables, marketplace })
  } finally {
    await pool.end()
  }
}

/** One line an outcome, as the original prints it. */
export function outcomeLine({ operation, isSuccess, message, exception, data }: Outcome): string {
  const thing = data['assignmentId'] ?? data['hitId']
  const parts = [
    `Operation: ${operation}${typeof thing === 'string' ? ` ${thing}` : ''}`,
    `Status: ${isSuccess ? 'success' : 'failure'}`,
    ...(message === undefined ? [] : [`Message: ${message}`]),
    ...(exception === undefined ? [] : [`Exception: ${exception}`]),
  ]
  return `Response(${parts.join(' | ')})`
}

/**
 * Runs an operation on each thing in turn and prints each outcome.
 *
 * @returns exit code: 1 if any failed
 */
export async function runEach<Thing>(
  session: Session,
  things: readonly Thing[],
  act: (thing: Thing) => Promise<Outcome>,
): Promise<number> {
  let code = 0
  const progress = createProgress('Requests', things.length)
  const clear = process.stderr.isTTY && process.stdout.isTTY ? CLEAR_LINE : ''
  for (const [i, thing] of things.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- Mechanical Turk limits the rate of requests
    const outcome = await act(thing)
    session.print(clear + outcomeLine(outcome))
    if (!outcome.isSuccess) code = 1
    progress.update(i + 1)
  }
  if (things.length > 0) progress.finish()
  return code
}

/** The bar stands below the lines that scroll by. */
const CLEAR_LINE = '\r\u001B[K'
