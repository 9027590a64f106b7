import type { Web } from '#buildpack/default-web'

const PORT = `host='0.0.0.0', port=as.integer(Sys.getenv('PORT'))`
const SHINY = `Rscript -e "shiny::runApp('.', ${PORT}, launch.browser=FALSE)"`
const PLUMBER = `Rscript -e "plumber::pr_run(plumber::pr('plumber.R'), ${PORT})"`

/** What serves an app of R without a Procfile: its own `run.R`, plumber, or Shiny. */
export function webOf(textOf: (name: string) => string | undefined): Web | undefined {
  const app = textOf('app.R')
  if (textOf('run.R') !== undefined) {
    return { command: 'Rscript run.R', reason: 'run.R starts the app' }
  }
  if (app !== undefined && /\bshinyApp\s*\(|\bshinyApp$/m.test(app)) {
    return { command: SHINY, reason: 'app.R is an app of Shiny' }
  }
  if (app !== undefined) return { command: 'Rscript app.R', reason: 'app.R starts the app' }
  if (textOf('plumber.R') !== undefined) {
    return { command: PLUMBER, reason: 'plumber.R is an API of plumber' }
  }
  if (textOf('server.R') !== undefined) {
    return { command: SHINY, reason: 'server.R is an app of Shiny' }
  }
  return undefined
}
