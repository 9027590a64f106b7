import type { Pool } from '@hokku/postgres'
import { randomUUID } from 'node:crypto'
import { STATUS } from '../participants/status.ts'
import type { Tables } from './tables.ts'
import { inTransaction } from './transaction.ts'

/**
 * The token under which a bonus is asked for. A payment that was begun and not seen to end keeps its
 * token, so that asking again cannot pay twice.
 */
export async function beginPayment(
  pool: Pool,
  tables: Tables,
  payment: Readonly<{ uniqueId: string; amount: string; reason: string }>,
): Promise<string> {
  return inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [
      `payment ${tables.study} ${payment.uniqueId}`,
    ])
    const open = await client.query<{ token: string }>(
      `select token from experiment_payments
       where study = $1 and uniqueid = $2 and amount = $3 and paid_at is null
       order by asked_at limit 1`,
      [tables.study, payment.uniqueId, payment.amount],
    )
    if (open.rows[0] !== undefined) return open.rows[0].token
    const token = randomUUID()
    await client.query(
      `insert into experiment_payments (token, study, uniqueid, amount, reason) values ($1, $2, $3, $4, $5)`,
      [token, tables.study, payment.uniqueId, payment.amount, payment.reason],
    )
    return token
  })
}

/** Notes that a bonus arrived, and with it the participant's last status. */
export async function endPayment(
  pool: Pool,
  tables: Tables,
  token: string,
  uniqueId: string,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query('update experiment_payments set paid_at = now() where token = $1', [token])
    await client.query(`update ${tables.assignments} set status = $2 where uniqueid = $1`, [
      uniqueId,
      STATUS.bonused,
    ])
  })
}

/** Sets the status of participants whose work was judged. */
export async function setStatus(
  pool: Pool,
  tables: Tables,
  uniqueId: string,
  status: number,
): Promise<void> {
  // A bonus that was paid meanwhile stays the last word.
  await pool.query(
    `update ${tables.assignments} set status = $2 where uniqueid = $1 and status <> ${STATUS.bonused}`,
    [uniqueId, status],
  )
}
