import { endWithReader } from '@hokku/kit/command-line'
import { main } from '../cli/main.ts'

endWithReader()
process.exitCode = await main(process.argv.slice(2), process.env)
