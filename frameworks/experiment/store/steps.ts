import type { Pool } from '@hokku/kit/postgres'
import { ALLOWED_FROM, FINISHED, STATUS, type Step } from '../participants/status.ts'
import { createBatches, type Batches } from './batches.ts'
import type { Tables } from './tables.ts'
import { utcText } from './transaction.ts'

/**
 * Moves participants one step on (`started`, `completed`, …), by the rules of `ALLOWED_FROM`.
 *
 * @returns one queue a step; answers whether the participant exists
 */
export function createSteps(
  tables: Tables,
  effects: Readonly<{ pool: Pool; now: () => Date }>,
): Readonly<Record<Step, Batches<string, boolean>>> {
  const queue = (step: Step): Batches<string, boolean> =>
    createBatches(
      { batchMax: BATCH_MAX, waitingMax: WAITING_MAX, keyOf: (id: string) => id },
      async (ids) => {
        const { rows } = await effects.pool.query<{ uniqueid: string }>(STATEMENTS[step](tables), [
          ids,
          ALLOWED_FROM[step],
          utcText(effects.now()),
        ])
        const known = new Set(rows.map((row) => row.uniqueid))
        return ids.map((id) => known.has(id))
      },
    )
  return {
    started: queue('started'),
    completed: queue('completed'),
    submitted: queue('submitted'),
    quitEarly: queue('quitEarly'),
  }
}

const BATCH_MAX = 200
const WAITING_MAX = 20_000

const STATEMENTS: Readonly<Record<Step, (tables: Tables) => string>> = {
  started: statement(
    `status = ${STATUS.started}, beginexp = case when a.status = ${STATUS.started}
       then coalesce(a.beginexp, $3::timestamp) else $3::timestamp end`,
    // Debug participants run through as often as the researcher likes.
    `(a.status = any($2) or (a.hitid like 'debug%' and a.status = ${STATUS.completed}))`,
  ),
  completed: statement(
    `status = ${STATUS.completed}, endhit = case when a.status in (${FINISHED.join(', ')})
       then coalesce(a.endhit, $3::timestamp) else $3::timestamp end`,
    'a.status = any($2)',
  ),
  submitted: statement(
    `status = ${STATUS.submitted}, endhit = coalesce(a.endhit, $3::timestamp)`,
    'a.status = any($2)',
  ),
  quitEarly: statement(
    `status = ${STATUS.quitEarly}, endhit = coalesce(a.endhit, $3::timestamp)`,
    'a.status = any($2)',
  ),
}

/** Locks in order, so that two processes cannot wait for each other. */
function statement(set: string, condition: string) {
  return ({ assignments }: Tables): string => `
    with known as (
      select uniqueid from ${assignments} where uniqueid = any($1) order by uniqueid for update
    ), changed as (
      update ${assignments} as a set ${set} from known
      where a.uniqueid = known.uniqueid and ${condition}
    )
    select uniqueid from known`
}
