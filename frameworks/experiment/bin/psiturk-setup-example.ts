import { setupExample } from '../cli/commands/setup-example.ts'
import { versionLine } from '../cli/commands/version.ts'
import { printProblem } from '../cli/print-problem.ts'

if (process.argv.includes('-v') || process.argv.includes('--version')) console.log(versionLine())
else {
  await setupExample(process.cwd(), (text) => console.log(text)).catch((error: unknown) => {
    printProblem(error)
    process.exitCode = 1
  })
}
