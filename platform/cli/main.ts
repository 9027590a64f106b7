import { runProgram } from '@hokku/kit/command-line'
import { hokku } from './program.ts'

process.exitCode = await runProgram(hokku, process.argv.slice(2), process.env)
