import { printFailure } from '../failure.ts'
import { ensureHerokuCli } from './ensure.ts'

/** `node main.ts <folder>`: what the launcher `heroku` calls when the CLI is not there. */
await ensureHerokuCli(process.argv[2] ?? '', process.env).catch((error: unknown) => {
  printFailure(error)
  process.exitCode = 1
})
