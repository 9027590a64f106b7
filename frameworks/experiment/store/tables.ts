import { migrate, type Pool } from '@hokku/postgres'
import { join } from 'node:path'
import type { Settings } from '../configuration/settings.ts'
import { problem } from '../problems.ts'

/** The tables of one study: names as in the configuration, and as they stand in SQL. */
export type Tables = Readonly<{
  /** Plain name of the participant table; under it our own tables keep what belongs to it. */
  study: string
  assignments: string
  hits: string
  campaigns: string
}>

/**
 * @throws Problem `table_name_invalid` for a name that PostgreSQL would cut off or refuse
 */
export function tablesOf(database: Settings['database']): Tables {
  return {
    study: database.table_name,
    assignments: quoteName(database.table_name),
    hits: quoteName(database.hits_table_name),
    campaigns: quoteName(database.campaigns_table_name),
  }
}

function quoteName(name: string): string {
  if (name !== '' && !name.includes('\0') && Buffer.byteLength(name) <= NAME_BYTES_MAX) {
    return `"${name.replaceAll('"', '""')}"`
  }
  throw problem('table_name_invalid', `"${name}" cannot be the name of a table.`, {
    hint: `Table names have 1 to ${NAME_BYTES_MAX} bytes.`,
  })
}

/** PostgreSQL's limit. */
const NAME_BYTES_MAX = 63

/**
 * Creates what is missing. A participant table that psiTurk made is used as it is, without our
 * indexes; one that is something else is refused.
 *
 * @throws Problem `table_incomplete`
 */
export async function createTables(pool: Pool, tables: Tables): Promise<void> {
  await migrate(pool, 'experiment', join(import.meta.dirname, 'migrations'))
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [`tables ${tables.study}`])
    const { rows } = await client.query<{ columns: string[] }>(COLUMNS_OF, [tables.assignments])
    const existing = rows[0]?.columns ?? []
    if (existing.length === 0) await client.query(createAssignments(tables))
    else requireColumns(tables.study, existing)
    await client.query(createHits(tables))
    await client.query(createCampaigns(tables))
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

const COLUMNS_OF = `select coalesce(array_agg(attname::text), '{}') as columns from pg_attribute
  where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`

function requireColumns(table: string, existing: readonly string[]): void {
  const missing = COLUMNS.filter((column) => !existing.includes(column))
  if (missing.length === 0) return
  throw problem(
    'table_incomplete',
    `Table ${table} exists but has no column ${missing.join(', ')}.`,
    { hint: 'Choose another table_name in [Database Parameters] of config.txt.' },
  )
}

/** Columns of the participant table, in the original's order. */
export const COLUMNS = [
  'uniqueid',
  'assignmentid',
  'workerid',
  'hitid',
  'ipaddress',
  'browser',
  'platform',
  'language',
  'cond',
  'counterbalance',
  'codeversion',
  'beginhit',
  'beginexp',
  'endhit',
  'bonus',
  'status',
  'mode',
  'datastring',
] as const

/**
 * Indexes are built with the table, never on one that someone else made and may be large. Each row
 * is changed some ten times: on a page with room that needs no new entries in the indexes.
 */
function createAssignments({ assignments }: Tables): string {
  return `create table ${assignments} (
      uniqueid varchar(128) not null primary key,
      assignmentid varchar(128) not null,
      workerid varchar(128) not null,
      hitid varchar(128) not null,
      ipaddress varchar(128),
      browser varchar(128),
      platform varchar(128),
      language varchar(128),
      cond integer,
      counterbalance integer,
      codeversion varchar(128),
      beginhit timestamp without time zone,
      beginexp timestamp without time zone,
      endhit timestamp without time zone,
      bonus double precision default 0,
      status integer default 1,
      mode varchar(128),
      datastring text
    ) with (fillfactor = 50);
    create index on ${assignments} (workerid);
    create index on ${assignments} (assignmentid)`
}

const createHits = ({ hits }: Tables): string =>
  `create table if not exists ${hits} (hitid varchar(128) not null primary key)`

const createCampaigns = ({ campaigns }: Tables): string =>
  `create table if not exists ${campaigns} (
    id serial primary key,
    codeversion varchar(128) not null,
    mode varchar(128) not null,
    goal integer not null,
    minutes_between_rounds integer not null,
    assignments_per_round integer not null,
    hit_reward double precision not null,
    hit_duration_hours double precision not null,
    is_active boolean not null default true,
    created timestamp without time zone not null default (now() at time zone 'utc'),
    ended timestamp without time zone
  )`
