import {
  PythonFailure,
  PythonProcess,
  type PythonAnswer,
  type PythonCall,
} from '@hokku/kit/python-process'
import { join } from 'node:path'
import * as z from 'zod'
import type { Study } from '../configuration/config.ts'
import { BODY_BYTES_MAX } from '../http/limits.ts'
import { PARTICIPANT_ERRORS } from '../pages/error-pages.ts'
import type { Cell } from '../participants/cells.ts'
import { VIEWS } from '../pages/views.ts'
import { problem } from '../problems.ts'
import type { Tables } from '../store/tables.ts'
import { readPython } from './python-code.ts'
import { findPython } from './python-program.ts'

/** One address that `custom.py` answers. */
export type PythonRoute = Readonly<{ path: string; setsBonus: boolean }>

/** A study's `custom.py` while it runs. */
export type PythonStudy = Readonly<{
  routeOf: (method: string, path: string) => PythonRoute | undefined
  ask: (call: PythonCall) => Promise<PythonAnswer>
  /** `custom_get_condition`, where there is one. */
  getCell: ((mode: string) => Promise<Cell>) | undefined
  /** What the researcher should know. */
  notices: readonly string[]
  stop: () => Promise<void>
}>

export type PythonParts = Readonly<{
  study: Study
  tables: Tables
  databaseUrl: string
  secret: string
  /** `custom.py` is loaded and `init_app` is not called. */
  isTrial?: boolean
  log: (line: string) => void
  print: (text: string) => void
}>

/**
 * Starts `custom.py` beside the server.
 *
 * @throws Problem `custom_code_broken`, `python_missing`, which name what the study would lack
 */
export async function startPythonStudy(parts: PythonParts): Promise<PythonStudy> {
  const { study } = parts
  const { functions } = readPython(study.directory)
  try {
    const program = findPython(study, parts.print)
    const python = new PythonProcess({
      name: 'custom.py',
      command: [program, join(import.meta.dirname, 'python/main.py')],
      cwd: study.directory,
      env: { ...study.env, HOKKU_STUDY: JSON.stringify(describeStudy(parts)) },
      limits: limitsOf(study),
      // It reads and writes the study's database itself.
      network: 'shared',
      log: parts.log,
    })
    const hello = Hello.parse(await python.start())
    return { ...asStudy(python, hello), notices: noticesOf(hello) }
  } catch (error) {
    throw withFunctions(error, functions)
  }
}

/** Says what of the study does not run, and what to do next. */
function withFunctions(error: unknown, functions: readonly string[]): unknown {
  const isOurs = error instanceof PythonFailure || (error instanceof Error && 'hint' in error)
  if (!isOurs) return error
  const hint = 'hint' in error && typeof error.hint === 'string' ? `${error.hint}\n` : ''
  return problem(
    'custom_code_broken',
    `custom.py cannot run: ${error.message}${/[.!]$/.test(error.message) ? '' : '.'} The study needs of it: ${functions.join(', ') || 'nothing known'}.`,
    {
      cause: error,
      hint: `${hint}To serve the study without them: --without-custom, or without_custom = true in [Server Parameters].`,
    },
  )
}

const Hello = z.object({
  routes: z.array(
    z.object({
      path: z.string(),
      pattern: z.string(),
      methods: z.array(z.string()),
      setsBonus: z.boolean(),
    }),
  ),
  hasCondition: z.boolean(),
  notes: z.array(z.string()),
  unseen: z.array(z.string()),
  version: z.string(),
})
type Hello = z.infer<typeof Hello>

function asStudy(python: PythonProcess, { routes, hasCondition }: Hello) {
  const patterns = routes.map((route) => ({ ...route, pattern: new RegExp(route.pattern) }))
  return {
    routeOf: (method: string, path: string): PythonRoute | undefined => {
      if (path.startsWith(PRIVATE)) return undefined
      return patterns.find((one) => one.methods.includes(method) && one.pattern.test(path))
    },
    ask: (call: PythonCall) => python.ask(call),
    getCell: hasCondition ? (mode: string) => cellOf(python, mode) : undefined,
    stop: () => python.stop(),
  }
}

/** Addresses of the program's own, which visitors never reach. */
const PRIVATE = '/.hokku/'

async function cellOf(python: PythonProcess, mode: string): Promise<Cell> {
  const { body } = await python.ask({
    method: 'GET',
    path: `${PRIVATE}condition`,
    headers: { 'x-hokku-mode': encodeURIComponent(mode) },
  })
  const answer = CellAnswer.parse(JSON.parse(body.toString()))
  if ('error' in answer) throw new Error(`custom_get_condition: ${answer.error}`)
  const [condition, counterbalance] = answer.cell
  return { condition, counterbalance }
}

const Level = z.int().min(0)
const CellAnswer = z.union([
  z.object({ cell: z.tuple([Level, Level]) }),
  z.object({ error: z.string() }),
])

function noticesOf({ notes, unseen, version }: Hello): string[] {
  const sides = unseen.map(
    (one) =>
      `custom.py adds ${one} to the application: it applies to the pages that custom.py answers, not to the others.`,
  )
  return [`custom.py runs on ${version}.`, ...notes, ...sides]
}

/** Requests that `custom.py` works on at once, each with a connection to the database. */
const CALLS_MAX = 4

const limitsOf = ({ settings: { server } }: Study) => ({
  memoryBytesMax: server.custom_memory * 1024 * 1024,
  processesMax: 32,
  // A study may load a model or a table of stimuli.
  startMsMax: 120_000,
  answerMsMax: server.server_timeout * 1000,
  answerBytesMax: 64 * 1024 * 1024,
  callsMax: CALLS_MAX,
  waitingMax: 1000,
})

/** What the program has to know of the study. */
const describeStudy = ({ study, tables, databaseUrl, secret, isTrial }: PythonParts) => ({
  directory: study.directory,
  databaseUrl: forLibpq(databaseUrl),
  connections: CALLS_MAX,
  isTrial: isTrial ?? false,
  secret: study.settings.server.secret_key || secret,
  tables: {
    study: tables.study,
    assignments: study.settings.database.table_name,
    hits: study.settings.database.hits_table_name,
    campaigns: study.settings.database.campaigns_table_name,
  },
  codeVersion: study.settings.task.experiment_code_version,
  contact: study.settings.task.contact_email_on_error,
  maxBonus: study.settings.task.max_bonus,
  bodyBytesMax: BODY_BYTES_MAX,
  errors: PARTICIPANT_ERRORS,
  routes: Object.fromEntries(Object.entries(VIEWS).map(([name, path]) => [path, name])),
  sections: Object.fromEntries(
    [...study.sections].map(([section, options]) => [
      section,
      Object.fromEntries([...options].map(([name, { text }]) => [name, text])),
    ]),
  ),
})

/** `no-verify` is a word of Node's driver. */
function forLibpq(address: string): string {
  const url = new URL(address)
  if (url.searchParams.get('sslmode') === 'no-verify') url.searchParams.set('sslmode', 'require')
  url.searchParams.delete('uselibpqcompat')
  return url.href.replace(/^postgres(?:ql)?:/, 'postgresql+psycopg2:')
}
