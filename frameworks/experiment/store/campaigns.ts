import type { Pool } from '@hokku/postgres'
import type { Tables } from './tables.ts'
import { inTransaction } from './transaction.ts'
import { problem } from '../problems.ts'

/** A plan to reach a number of participants by posting small HITs again and again. */
export type Campaign = Readonly<{
  id: number
  codeversion: string
  mode: string
  goal: number
  minutes_between_rounds: number
  assignments_per_round: number
  hit_reward: number
  hit_duration_hours: number
  is_active: boolean
  created: string
  ended: string | null
}>

const COLUMNS = `id, codeversion, mode, goal, minutes_between_rounds, assignments_per_round, hit_reward,
  hit_duration_hours, is_active, created::text, ended::text`

export type NewCampaign = Omit<Campaign, 'id' | 'is_active' | 'created' | 'ended'>

/** @throws Problem `campaign_invalid` if another one is active in any version and mode */
export async function startCampaign(
  pool: Pool,
  tables: Tables,
  wanted: NewCampaign,
): Promise<Campaign> {
  return inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [`campaigns ${tables.study}`])
    const active = await client.query(`select 1 from ${tables.campaigns} where is_active`)
    if (active.rows.length > 0) throw problem('campaign_invalid', 'A campaign is active already.')
    const { rows } = await client.query<Campaign>(
      `insert into ${tables.campaigns} (codeversion, mode, goal, minutes_between_rounds,
         assignments_per_round, hit_reward, hit_duration_hours)
       values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`,
      [
        wanted.codeversion,
        wanted.mode,
        wanted.goal,
        wanted.minutes_between_rounds,
        wanted.assignments_per_round,
        wanted.hit_reward,
        wanted.hit_duration_hours,
      ],
    )
    const [campaign] = rows
    if (campaign === undefined) throw new Error('the campaign was not stored')
    await client.query(
      `insert into experiment_tasks (study, name, campaign, mode, interval_minutes) values ($1, 'campaign', $2, $3, $4)`,
      [tables.study, campaign.id, wanted.mode, wanted.minutes_between_rounds],
    )
    return campaign
  })
}

export async function listCampaigns(pool: Pool, tables: Tables): Promise<Campaign[]> {
  const { rows } = await pool.query<Campaign>(
    `select ${COLUMNS} from ${tables.campaigns} order by id desc`,
  )
  return rows
}

export async function findCampaign(
  pool: Pool,
  tables: Tables,
  id: number,
): Promise<Campaign | undefined> {
  const { rows } = await pool.query<Campaign>(
    `select ${COLUMNS} from ${tables.campaigns} where id = $1`,
    [id],
  )
  return rows[0]
}

export async function setGoal(pool: Pool, tables: Tables, id: number, goal: number): Promise<void> {
  await pool.query(`update ${tables.campaigns} set goal = $2 where id = $1`, [id, goal])
}

/** Ends a campaign and its rounds. */
export async function endCampaign(pool: Pool, tables: Tables, id: number): Promise<void> {
  await pool.query(
    `with ended as (
       update ${tables.campaigns} set is_active = false, ended = now() at time zone 'utc'
       where id = $2 and is_active
     ) delete from experiment_tasks where study = $1 and campaign = $2`,
    [tables.study, id],
  )
}
