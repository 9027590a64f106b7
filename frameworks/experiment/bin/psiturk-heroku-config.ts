import { command } from '../cli/commands/heroku-config.ts'
import { runAlone } from '../cli/main.ts'

const argv = process.argv.slice(2)
process.exitCode = await runAlone('psiturk-heroku-config', command, argv, process.env)
