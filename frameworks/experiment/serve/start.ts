import type { FastifyInstance } from '@hokku/kit/http'
import type { Study } from '../configuration/config.ts'
import { customRoutes, studyApi } from '../custom/custom-routes.ts'
import { loadCustom, type LoadedCustom } from '../custom/load-custom.ts'
import { forwardTo, refuseAll } from '../custom/forward.ts'
import { describeMissing, readPython } from '../custom/python-code.ts'
import type { StudyApi } from '../custom/define-study.ts'
import { startPythonStudy } from '../custom/python-study.ts'
import type { Cell } from '../participants/cells.ts'
import { createTemplates, missingPages } from '../pages/templates.ts'
import { problem } from '../problems.ts'
import { studySecret } from '../store/secret.ts'
import { openStudyDatabase, type StudyDatabase } from '../store/open-database.ts'
import { runScheduler } from '../campaigns/scheduler.ts'
import { dashboard } from '../dashboard/dashboard.ts'
import { marketOf } from '../dashboard/market-of.ts'
import { createStudyApp, type FirstAnswer } from './app.ts'
import { templateGlobals } from './globals.ts'
import { openLog, type Log } from '../http/log.ts'
import { createStudyServer, drain, type StudyServer } from '../http/study-server.ts'

export type RunningStudy = Readonly<{
  server: StudyServer
  app: FastifyInstance
  /** What the researcher should know, one sentence each. */
  notices: readonly string[]
  /** Answers what is under way, writes what was promised, and ends. */
  stop: () => Promise<void>
}>

/**
 * Brings a study up, without listening yet.
 *
 * @throws Problem when its configuration, database, pages or own code cannot be used
 */
export async function startStudy(study: Study): Promise<RunningStudy> {
  const pages = requirePages(study)
  const custom = await loadCustom(study.directory)
  const database = await openStudyDatabase(study)
  try {
    const { stop, ...running } = await assemble(study, custom, database)
    const missing = pages.replaced.map(
      (name) => `templates/${name} is missing; a plain page of ours is shown.`,
    )
    return {
      ...running,
      notices: [...running.notices, ...database.notices, ...study.warnings, ...missing],
      stop: async () => {
        await stop()
        await database.pool.end()
      },
    }
  } catch (error) {
    // Open connections would keep the process from ending.
    await database.pool.end()
    throw error
  }
}

/**
 * @returns pages that we bring because the study lacks them
 * @throws Problem `template_broken` for a folder that is no study
 */
export function requirePages({ directory }: Study): Readonly<{ replaced: readonly string[] }> {
  const { fatal, replaced } = missingPages(directory)
  const [missing] = fatal
  if (missing === undefined) return { replaced }
  throw problem('template_broken', `The study in ${directory} has no templates/${missing}.`, {
    hint: 'Run psiturk in the folder of a study; psiturk-setup-example makes one.',
  })
}

/** Everything that runs on the open database. */
async function assemble(
  study: Study,
  custom: LoadedCustom,
  database: StudyDatabase,
): Promise<RunningStudy> {
  const log = openLog(study.settings.server, study.directory)
  const python = await startPython(study, custom, database, log)
  try {
    return await assembleOn(study, custom, database, { log, python })
  } catch (error) {
    // A program that runs on would keep this one from ending.
    await python.stop()
    throw error
  }
}

async function assembleOn(
  study: Study,
  custom: LoadedCustom,
  { pool, tables }: StudyDatabase,
  { log, python }: Readonly<{ log: Log; python: PythonCode }>,
): Promise<RunningStudy> {
  const { getCondition } = custom.study
  let api: StudyApi | undefined
  const ownCell = async (mode: string): Promise<Cell> => {
    if (api === undefined || getCondition === undefined) throw new Error('the study is not ready')
    const [condition, counterbalance] = await getCondition(mode, api)
    return { condition, counterbalance }
  }
  const server = await createStudyServer({
    study,
    pool,
    tables,
    log,
    templates: createTemplates(study.directory, templateGlobals(study), {
      watch: !study.isOnCloud,
    }),
    customCell: getCondition === undefined ? python.getCell : ownCell,
  })
  api = studyApi(server)
  await custom.study.initApp?.(api)
  const board = dashboard(server)
  const routes = [...customRoutes(server, custom.study), ...board.routes]
  const app = createStudyApp(server, routes, python.answer?.(server))
  const stopping = new AbortController()
  const tasks = study.settings.server.do_scheduler
    ? runScheduler((mode) => marketOf(server, mode), log, stopping.signal)
    : Promise.resolve()
  const stop = async (): Promise<void> => {
    stopping.abort()
    await app.close()
    await python.stop()
    await tasks
    await drain(server)
    await log.close()
  }
  const notices = [...python.notices, ...(board.notice === undefined ? [] : [board.notice])]
  return { server, app, notices, stop }
}

/** The study's `custom.py` beside this server; without one there is nothing to answer or to stop. */
type PythonCode = Readonly<{
  answer?: (server: StudyServer) => FirstAnswer
  getCell?: ((mode: string) => Promise<Cell>) | undefined
  notices: readonly string[]
  stop: () => Promise<void>
}>

async function startPython(
  study: Study,
  { hasPython }: LoadedCustom,
  { pool, tables, url }: StudyDatabase,
  log: Log,
): Promise<PythonCode> {
  const stop = async (): Promise<void> => {}
  if (!hasPython) return { notices: [], stop }
  if (study.settings.server.without_custom) return withoutPython(study.directory, stop)
  const python = await startPythonStudy({
    study,
    tables,
    databaseUrl: url,
    secret: await studySecret(pool, tables),
    log: (line) => log.warning(`custom.py: ${line}`),
    print: (text) => log.warning(text),
  })
  return { ...python, answer: (server) => forwardTo(server, python) }
}

const withoutPython = (directory: string, stop: () => Promise<void>): PythonCode => ({
  answer: () => refuseAll(readPython(directory).paths),
  notices: [describeMissing(directory)],
  stop,
})
