import type { Pool } from '@hokku/postgres'
import { randomInt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Study } from '../configuration/config.ts'
import { cellsOf, type Cell } from '../participants/cells.ts'
import type { Row } from '../participants/admission.ts'
import type { Templates } from '../pages/templates.ts'
import { problem } from '../problems.ts'
import { createArrivals, type Admission, type Arrival } from '../store/arrivals.ts'
import type { Batcher } from '@hokku/kit/batcher'
import { createLoads, createWorkerLookups, type Loaded } from '../store/participants.ts'
import { createSaves, type Saves } from '../store/saves.ts'
import { studySecret } from '../store/secret.ts'
import { createSteps, type Move } from '../store/steps.ts'
import type { Tables } from '../store/tables.ts'
import type { Log } from './log.ts'

/** Everything that the routes of a running study work with. */
export type StudyServer = Readonly<{
  study: Study
  tables: Tables
  pool: Pool
  templates: Templates
  arrivals: Batcher<Arrival, Admission>
  saves: Saves
  steps: Batcher<Move, boolean>
  /** All rows of a worker. */
  workers: Batcher<string, Row[]>
  /** What participants' pages start from. */
  loads: Batcher<string, Loaded | undefined>
  /** Signs participants' tokens and, unless `secret_key` is set, dashboard sessions. */
  secret: string
  /** How many cells there are to fill. */
  cells: Readonly<{ conditions: number; counters: number }>
  /** The study is a single page, without templates. */
  isPage: boolean
  log: Log
  now: () => Date
}>

export type StudyParts = Readonly<{
  study: Study
  tables: Tables
  pool: Pool
  templates: Templates
  log: Log
  customCell?: ((mode: string) => Promise<Cell>) | undefined
}>

/** Puts a study's parts together; the tables must exist. */
export async function createStudyServer(parts: StudyParts): Promise<StudyServer> {
  const { study, tables, pool, templates, log } = parts
  const { task } = study.settings
  const now = (): Date => new Date()
  const cells = cellsOf(task, countConditions(study.directory))
  const rules = {
    allowRepeats: task.allow_repeats,
    resumeMinutes: task.allow_resume,
    codeVersion: task.experiment_code_version,
    cutoffMinutes: task.cutoff_time,
    cells: () => cells,
    customCell: parts.customCell,
  }
  return {
    study,
    tables,
    pool,
    templates,
    arrivals: createArrivals(tables, rules, { pool, now, random: randomInt }),
    saves: createSaves(tables, pool),
    steps: createSteps(tables, { pool, now }),
    workers: createWorkerLookups(tables, pool),
    loads: createLoads(tables, pool),
    secret: await studySecret(pool, tables),
    cells,
    isPage: existsSync(join(study.directory, 'index.html')) && !templates.hasOwn('exp.html'),
    log,
    now,
  }
}

/** Resolves when everything that participants were promised is written. */
export async function drain(server: StudyServer): Promise<void> {
  await Promise.all([server.arrivals.idle(), server.saves.idle(), server.steps.idle()])
}

/** Keys of `conditions.json`; undefined if there is none or it is not an object. */
export function countConditions(directory: string): number | undefined {
  let text: string
  try {
    text = readFileSync(join(directory, 'conditions.json'), 'utf8')
  } catch {
    return undefined
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return Object.keys(value).length || undefined
  } catch (error) {
    throw problem('config_invalid', 'conditions.json is not valid JSON.', { cause: error })
  }
}
