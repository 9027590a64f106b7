import type { Pool } from '@hokku/postgres'
import type { Tables } from './tables.ts'

/**
 * Marks a participant while the study's code computes the bonus: if it ends in between, the mark
 * stays and stops the payment. Unknown ids get no mark.
 */
export async function markBonusUnderWay(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
  reason: string,
): Promise<void> {
  await pool.query(
    `insert into experiment_bonus_marks (study, uniqueid, is_under_way, reason)
     select $1, uniqueid, true, $3 from ${tables.assignments} where uniqueid = $2
     on conflict (study, uniqueid) do update
       set is_under_way = true, reason = excluded.reason, marked_at = now()`,
    [tables.study, uniqueId, reason],
  )
}

/** Takes the mark away that `markBonusUnderWay` made; one that the study's code left stays. */
export async function clearBonusUnderWay(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
): Promise<void> {
  await pool.query(
    'delete from experiment_bonus_marks where study = $1 and uniqueid = $2 and is_under_way',
    [tables.study, uniqueId],
  )
}

/** Says why the bonus could not be computed; unless the study's code has left a mark itself. */
export async function failBonusUnderWay(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
  reason: string,
): Promise<void> {
  await pool.query(
    `update experiment_bonus_marks set is_under_way = false, reason = $3
     where study = $1 and uniqueid = $2 and is_under_way`,
    [tables.study, uniqueId, reason],
  )
}

/** A person has decided about the bonus. */
export async function removeBonusMark(pool: Pool, tables: Tables, uniqueId: string): Promise<void> {
  await pool.query('delete from experiment_bonus_marks where study = $1 and uniqueid = $2', [
    tables.study,
    uniqueId,
  ])
}

/** @returns why the bonus must not be paid as it was computed; undefined if it may */
export async function bonusMark(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
): Promise<string | undefined> {
  const { rows } = await pool.query<{ reason: string }>(
    'select reason from experiment_bonus_marks where study = $1 and uniqueid = $2',
    [tables.study, uniqueId],
  )
  return rows[0]?.reason
}
