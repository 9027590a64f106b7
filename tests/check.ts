import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { changedFiles } from './check/changed-files.ts'
import { runSteps, type StepResult } from './check/run-steps.ts'
import { forFiles, WHOLE, type Step } from './check/steps.ts'

const ROOT = join(import.meta.dirname, '..')
const CACHE = join(ROOT, 'node_modules/.cache/hokku-check')

/**
 * `npm run check [-- --changed]`: format, lint, types, dead code, house rules. One line a step; what
 * a tool printed only if it failed. `--changed` looks only at what differs from `main`.
 */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { changed: { type: 'boolean' } } })
  const start = performance.now()
  const results = await runSteps(values.changed ? stepsForChanges() : WHOLE, ROOT, printLine)
  const failed = results.filter(({ status }) => status !== 0)
  for (const { step, output } of failed) console.log(`\n── ${step.name}\n${output.trimEnd()}`)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(failed.length === 0 ? `all ${seconds} s` : `\n${failed.length} failed, ${seconds} s`)
  return failed.length === 0 ? 0 : 1
}

function stepsForChanges(): Step[] {
  mkdirSync(CACHE, { recursive: true })
  const files = changedFiles(ROOT)
  console.log(`${files.length} changed ${files.length === 1 ? 'file' : 'files'}`)
  return forFiles(files, CACHE)
}

function printLine({ step, seconds, status }: StepResult): void {
  console.log(`${status === 0 ? '✔' : '✘'} ${step.name} ${seconds.toFixed(1)} s`)
}

process.exitCode = await main(process.argv.slice(2))
