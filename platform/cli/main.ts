import { endWithReader, runProgram } from '@hokku/kit/command-line'
import { hokku } from './program.ts'

endWithReader()
process.exitCode = await runProgram(hokku, process.argv.slice(2), process.env)
