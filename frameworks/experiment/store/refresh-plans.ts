import type { Pool } from '@hokku/postgres'
import type { Tables } from './tables.ts'

/**
 * Has the statistics of a growing study taken again, upon which the server plans its statements
 * anew. Plans that were made for an empty table read all of a full one; by itself the server looks
 * after that once a minute.
 *
 * @returns a function to call with each number of newcomers
 */
export function createPlanRefresh(
  { assignments }: Tables,
  pool: Pool,
): (newcomers: number) => void {
  let arrived = 0
  let next = FIRST_REFRESH
  return (newcomers) => {
    arrived += newcomers
    if (arrived < next) return
    while (next <= arrived) next *= GROWTH
    // No one waits for it, and without it things only take longer.
    pool.query(`analyze (skip_locked) ${assignments}`).catch(() => {})
  }
}

const FIRST_REFRESH = 64
const GROWTH = 4
