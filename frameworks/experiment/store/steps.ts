import type { Pool } from '@hokku/postgres'
import { ALLOWED_FROM, FINISHED, STATUS, type Step } from '../participants/status.ts'
import { createBatcher, type Batcher } from '@hokku/kit/batcher'
import { run, statement, type Statement } from './statement.ts'
import type { Tables } from './tables.ts'
import { utcText } from './transaction.ts'
import { WRITE_LIMITS } from './write-limits.ts'

/** One step on a participant's way. */
export type Move = Readonly<{ uniqueId: string; step: Step }>

/**
 * Moves participants one step on (`started`, `completed`, …), by the rules of `ALLOWED_FROM`; steps
 * of one participant in the order in which they came.
 *
 * @returns a queue that answers whether the participant exists
 */
export function createSteps(
  tables: Tables,
  effects: Readonly<{ pool: Pool; now: () => Date }>,
): Batcher<Move, boolean> {
  const move = moveParticipants(tables)
  const moveAll = async (moves: readonly Move[]): Promise<boolean[]> => {
    const rows = await run<{ uniqueid: string }>(effects.pool, move, [
      moves.map(({ uniqueId }) => uniqueId),
      moves.map(({ step }) => step),
      utcText(effects.now()),
    ])
    const known = new Set(rows.map((row) => row.uniqueid))
    return moves.map(({ uniqueId }) => known.has(uniqueId))
  }
  return createBatcher({ ...WRITE_LIMITS, run: moveAll, keyOf: ({ uniqueId }) => uniqueId })
}

/** Locks in order, so that two processes cannot wait for each other. */
const moveParticipants = ({ assignments }: Tables): Statement =>
  statement(`
    with input as materialized (
      select * from unnest($1::text[], $2::text[]) as i (uniqueid, step)
    ), known as materialized (
      select uniqueid from ${assignments} where uniqueid = any($1) order by uniqueid for update
    ), changed as (
      update ${assignments} as a set
        status = case i.step ${STEPS.map((step) => `when '${step}' then ${STATUS[step]}`).join(' ')} end,
        beginexp = case when i.step <> 'started' then a.beginexp
          when a.status = ${STATUS.started} then coalesce(a.beginexp, $3::timestamp)
          else $3::timestamp end,
        endhit = case when i.step <> 'completed' then a.endhit
          when ${isOneOf(FINISHED)} then coalesce(a.endhit, $3::timestamp)
          else $3::timestamp end
      from known join input as i using (uniqueid)
      where a.uniqueid = known.uniqueid and case i.step
        ${STEPS.map((step) => `when '${step}' then ${isAllowed(step)}`).join(' ')} end
    )
    select uniqueid from known`)

const STEPS = Object.keys(ALLOWED_FROM) as readonly Step[]

const isOneOf = (statuses: readonly number[]): string => `a.status in (${statuses.join(', ')})`

/** Debug participants run through as often as the researcher likes. */
const isAllowed = (step: Step): string =>
  step === 'started'
    ? `(${isOneOf(ALLOWED_FROM[step])} or (a.hitid like 'debug%' and a.status = ${STATUS.completed}))`
    : isOneOf(ALLOWED_FROM[step])
