import { databaseUrl, openPool, type Pool } from '@hokku/postgres'
import { writeDurably } from '@hokku/kit/disk'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import type { Study } from '../configuration/config.ts'
import { chooseDatabase, maskPassword } from '../configuration/database-address.ts'
import { problem } from '../problems.ts'
import { createTables, tablesOf, type Tables } from './tables.ts'

export type StudyDatabase = Readonly<{
  pool: Pool
  tables: Tables
  /** Where it is, for programs of the study's own. */
  url: string
  notices: readonly string[]
}>

/**
 * Opens the database of a study and creates what it lacks. Without an address that is the
 * PostgreSQL of this machine, started if need be, where each study has its own schema.
 *
 * @throws Problem `ephemeral_database`, `database_unsupported`, `database_unreachable`, …
 */
export async function openStudyDatabase(
  study: Study,
  options: Readonly<{ connections?: number }> = {},
): Promise<StudyDatabase> {
  const source = study.sections.get('Database Parameters')?.get('database_url')?.source
  const { database, server } = study.settings
  const choice = chooseDatabase(database.database_url, {
    isOnCloud: study.isOnCloud,
    isDefault: source === 'default',
  })
  const tables = tablesOf(database)
  const url = choice.kind === 'server' ? choice.url : await localUrl(study)
  const pool = openPool(url, {
    max: options.connections ?? server.database_connections,
    applicationName: 'psiturk',
    isPipelined: true,
  })
  try {
    await createTables(pool, tables)
  } catch (error) {
    await pool.end()
    throw explain(error, url)
  }
  const notices = choice.kind === 'local' && choice.notice !== undefined ? [choice.notice] : []
  return { pool, tables, url, notices }
}

/** Failures to connect say where to; failures inside the database stay as they are. */
function explain(error: unknown, url: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!/^(E[A-Z]+|28\w{3}|3D000|57P0\d)$/.test(code)) return error
  return problem(
    'database_unreachable',
    `The database ${maskPassword(url)} cannot be used: ${error instanceof Error ? error.message : code}`,
    { cause: error, hint: 'Check database_url in config.txt, or DATABASE_URL.' },
  )
}

async function localUrl(study: Study): Promise<string> {
  const { DATABASE_URL: _, ...env } = study.env
  const base = await databaseUrl(env)
  const schema = await schemaOf(study.directory)
  const pool = openPool(base, { max: 1 })
  try {
    await pool.query(`create schema if not exists "${schema}"`)
  } finally {
    await pool.end()
  }
  const url = new URL(base)
  url.searchParams.set('options', `-csearch_path=${schema}`)
  return url.href
}

/** Remembers in the folder which schema is its own, so that a study can be moved. */
const MARKER = '.psiturk_database'
const Marker = z.object({ schema: z.string().regex(/^study_[0-9a-f]{16}$/), directory: z.string() })

async function schemaOf(directory: string): Promise<string> {
  const path = join(directory, MARKER)
  const marker = readMarker(path)
  const isMoved = marker !== undefined && !existsSync(join(marker.directory, MARKER))
  if (marker !== undefined && (marker.directory === directory || isMoved)) {
    if (isMoved) await writeMarker(path, { schema: marker.schema, directory })
    return marker.schema
  }
  // New, or a copy of a folder that is still there: its own study.
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 16)
  await writeMarker(path, { schema: `study_${hash}`, directory })
  return `study_${hash}`
}

function readMarker(path: string): z.infer<typeof Marker> | undefined {
  try {
    return Marker.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}

const writeMarker = (path: string, marker: z.infer<typeof Marker>): Promise<void> =>
  writeDurably(path, `${JSON.stringify(marker)}\n`, 0o644)
