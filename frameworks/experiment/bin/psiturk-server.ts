import { command } from '../cli/commands/serve.ts'
import { runAlone } from '../cli/main.ts'

const argv = process.argv.slice(2)
process.exitCode = await runAlone('psiturk-server', command, argv, process.env)
