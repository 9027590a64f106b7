import { createInterface } from 'node:readline/promises'
import { herokuConfig } from '../cli/commands/heroku-config.ts'
import { versionLine } from '../cli/commands/version.ts'
import { printProblem } from '../cli/print-problem.ts'

async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(question)
  terminal.close()
  return /^y/i.test(answer)
}

if (process.argv.includes('-v') || process.argv.includes('--version')) console.log(versionLine())
else {
  const print = (text: string): void => console.log(text)
  await herokuConfig({ directory: process.cwd(), print, confirm }).catch((error: unknown) => {
    printProblem(error)
    process.exitCode = 1
  })
}
