import type { FastifyInstance } from '@hokku/kit/http'
import type { Study } from '../configuration/config.ts'
import { EXAMPLE_ROUTES } from '../custom/example-routes.ts'
import { customRoutes, studyApi } from '../custom/custom-routes.ts'
import { loadCustom, type LoadedCustom } from '../custom/load-custom.ts'
import type { CustomStudy, StudyApi } from '../custom/define-study.ts'
import { createTemplates, missingPages } from '../pages/templates.ts'
import { problem } from '../problems.ts'
import { openStudyDatabase, type StudyDatabase } from '../store/open-database.ts'
import { runScheduler } from '../campaigns/scheduler.ts'
import { dashboard } from '../dashboard/dashboard.ts'
import { marketOf } from '../dashboard/market-of.ts'
import { createStudyApp } from './app.ts'
import { templateGlobals } from './globals.ts'
import { openLog } from '../http/log.ts'
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
  const pages = missingPages(study.directory)
  if (pages.fatal.length > 0) {
    throw problem(
      'template_broken',
      `The study in ${study.directory} has no templates/${pages.fatal[0]}.`,
      {
        hint: 'Run psiturk in the folder of a study; psiturk-setup-example makes one.',
      },
    )
  }
  const custom = await loadCustom(study.directory)
  const database = await openStudyDatabase(study)
  try {
    const { stop, ...running } = await assemble(study, custom, database)
    const missing = pages.replaced.map(
      (name) => `templates/${name} is missing; a plain page of ours is shown.`,
    )
    return {
      ...running,
      notices: [...study.warnings, ...database.notices, ...running.notices, ...missing],
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

/** Everything that runs on the open database. */
async function assemble(
  study: Study,
  custom: LoadedCustom,
  { pool, tables }: StudyDatabase,
): Promise<RunningStudy> {
  const log = openLog(study.settings.server, study.directory)
  const { getCondition } = custom.study
  let api: StudyApi | undefined
  const server = await createStudyServer({
    study,
    pool,
    tables,
    log,
    templates: createTemplates(study.directory, templateGlobals(study), {
      watch: !study.isOnCloud,
    }),
    customCell:
      getCondition === undefined
        ? undefined
        : async (mode) => {
            if (api === undefined) throw new Error('the study is not ready')
            const [condition, counterbalance] = await getCondition(mode, api)
            return { condition, counterbalance }
          },
  })
  api = studyApi(server)
  await custom.study.initApp?.(api)
  const routes = customRoutes(server, {
    ...custom.study,
    routes: {
      ...standIns(custom.pythonRoutes),
      ...custom.study.routes,
    },
  })
  const board = dashboard(server)
  const app = createStudyApp(server, [...routes, ...board.routes])
  const stopping = new AbortController()
  const tasks = study.settings.server.do_scheduler
    ? runScheduler((mode) => marketOf(server, mode), log, stopping.signal)
    : Promise.resolve()
  const stop = async (): Promise<void> => {
    stopping.abort()
    await app.close()
    await tasks
    await drain(server)
    await log.close()
  }
  const notices = [...custom.notices, ...(board.notice === undefined ? [] : [board.notice])]
  return { server, app, notices, stop }
}

/** Ours for routes of a `custom.py` that we know. */
function standIns(paths: readonly string[]): CustomStudy['routes'] & object {
  const known = Object.entries(EXAMPLE_ROUTES).filter(([path]) => paths.includes(path))
  return Object.fromEntries(known.map(([path, handler]) => [`GET ${path}`, handler]))
}
