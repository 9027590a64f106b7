import { command } from '../cli/commands/setup-example.ts'
import { runAlone } from '../cli/main.ts'

const argv = process.argv.slice(2)
process.exitCode = await runAlone('psiturk-setup-example', command, argv, process.env)
