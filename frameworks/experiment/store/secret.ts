import type { Pool } from '@hokku/postgres'
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Tables } from './tables.ts'

/** The study's own secret, made once and shared by all its processes. */
export async function studySecret(pool: Pool, tables: Tables): Promise<string> {
  await pool.query(
    'insert into experiment_secrets (study, secret) values ($1, $2) on conflict do nothing',
    [tables.study, randomBytes(32).toString('hex')],
  )
  const { rows } = await pool.query<{ secret: string }>(
    'select secret from experiment_secrets where study = $1',
    [tables.study],
  )
  const secret = rows[0]?.secret
  if (secret === undefined) throw new Error('the secret of the study vanished')
  return secret
}

/** The token that a participant's page proves itself with; the same at every visit. */
export const tokenOf = (secret: string, uniqueId: string): string =>
  createHmac('sha256', secret).update(`participant ${uniqueId}`).digest('base64url').slice(0, 32)

export function isTokenOf(secret: string, uniqueId: string, token: string): boolean {
  const expected = Buffer.from(tokenOf(secret, uniqueId))
  const given = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
