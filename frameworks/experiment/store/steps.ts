import type { Pool } from '@hokku/kit/postgres'
import { ALLOWED_FROM, FINISHED, STATUS, type Step } from '../participants/status.ts'
import { createBatches, type Batches } from './batches.ts'
import { run, statement, type Statement } from './statement.ts'
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
  const queue = (step: Step): Batches<string, boolean> => {
    const move = STATEMENTS[step](tables)
    return createBatches(
      { batchMax: BATCH_MAX, waitingMax: WAITING_MAX, keyOf: (id: string) => id },
      async (ids) => {
        const rows = await run<{ uniqueid: string }>(effects.pool, move, [
          ids,
          ALLOWED_FROM[step],
          utcText(effects.now()),
        ])
        const known = new Set(rows.map((row) => row.uniqueid))
        return ids.map((id) => known.has(id))
      },
    )
  }
  return {
    started: queue('started'),
    completed: queue('completed'),
    submitted: queue('submitted'),
    quitEarly: queue('quitEarly'),
  }
}

const BATCH_MAX = 200
const WAITING_MAX = 20_000

const STATEMENTS: Readonly<Record<Step, (tables: Tables) => Statement>> = {
  started: moving(
    `status = ${STATUS.started}, beginexp = case when a.status = ${STATUS.started}
       then coalesce(a.beginexp, moment.now) else moment.now end`,
    // Debug participants run through as often as the researcher likes.
    `(a.status = any($2) or (a.hitid like 'debug%' and a.status = ${STATUS.completed}))`,
  ),
  completed: moving(
    `status = ${STATUS.completed}, endhit = case when a.status in (${FINISHED.join(', ')})
       then coalesce(a.endhit, moment.now) else moment.now end`,
    'a.status = any($2)',
  ),
  submitted: moving(`status = ${STATUS.submitted}`, 'a.status = any($2)'),
  quitEarly: moving(`status = ${STATUS.quitEarly}`, 'a.status = any($2)'),
}

/** Locks in order, so that two processes cannot wait for each other. */
function moving(set: string, condition: string) {
  return ({ assignments }: Tables): Statement =>
    statement(`
    with known as (
      select uniqueid from ${assignments} where uniqueid = any($1) order by uniqueid for update
    ), changed as (
      update ${assignments} as a set ${set}
      from known, (select $3::timestamp as now) as moment
      where a.uniqueid = known.uniqueid and ${condition}
    )
    select uniqueid from known`)
}
