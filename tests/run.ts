import { keepTestServer, stopTestServer } from '../postgres/testing.ts'
import { prepareMachine } from './machine.ts'
import { readRequest, type Request } from './runner/arguments.ts'
import type { Outcome } from './runner/outcome.ts'
import { judge, readQuarantine, type Quarantined } from './runner/quarantine.ts'
import { Misuse, runNode, watchNode } from './runner/run-node.ts'
import { findTestFiles, matching, unmatched, type Kind } from './runner/test-files.ts'

/** Two at a time: system tests own ports, databases and browsers, and most machines have two cores. */
const SYSTEM_OPTIONS = ['--test-concurrency=2', `--test-timeout=${20 * 60_000}`]

type Chosen = Readonly<{ unit: readonly string[]; system: readonly string[] }>

/**
 * `npm test [-- --all] [--unit] [--install] [--watch] [part of a path …] [options of node]`: unit
 * tests in one process, then system tests in a process each. `--all` adds the slow ones
 * (`*.slow.ts`), `--unit` leaves out all others. Exits 1 if a test failed, 2 if none was selected.
 */
async function main(request: Request): Promise<number> {
  const { patterns } = request
  const kinds = kindsOf(request)
  const files = findTestFiles()
  const complaints = unmatched(files, kinds, patterns)
  if (complaints.length > 0) throw new Misuse(complaints.join('\n'))

  const quarantine = readQuarantine()
  const chosen = {
    unit: matching(files.test, patterns),
    system: kinds.slice(1).flatMap((kind) => matching(files[kind], patterns)),
  }
  const isInstalling = request.install || process.env['CI'] !== undefined
  const missing = request.unit ? [] : await prepareMachine({ install: isInstalling })
  const outcomes = await runAll(request, chosen)
  if (missing.length > 0) {
    console.log(`\nSkipped what needs ${missing.join(', ')}. To install it: npm test -- --install`)
  }
  return isFailure(outcomes, quarantine) ? 1 : refuseEmpty(request, outcomes)
}

const kindsOf = ({ unit, all }: Request): Kind[] =>
  unit ? ['test'] : all ? ['test', 'system', 'slow'] : ['test', 'system']

async function runAll(
  { watch, nodeOptions }: Request,
  { unit, system }: Chosen,
): Promise<Outcome[]> {
  keepTestServer()
  try {
    if (watch) {
      await watchNode([...unit, ...system], nodeOptions)
      return []
    }
    return [
      await runNode(unit, ['--test-isolation=none', ...nodeOptions]),
      await runNode(system, [...SYSTEM_OPTIONS, ...nodeOptions]),
    ]
  } finally {
    stopTestServer()
  }
}

/** Prints the quarantine and what failed. */
function isFailure(outcomes: readonly Outcome[], quarantine: readonly Quarantined[]): boolean {
  const failedFiles = outcomes.flatMap((outcome) => outcome.failedFiles)
  const { failed, excused } = judge(failedFiles, quarantine)
  for (const { file, reason } of quarantine) {
    console.log(`\nIn quarantine: ${file}${excused.includes(file) ? ' (failed)' : ''}: ${reason}`)
  }
  if (failed.length > 0) console.log(`\nFailed:\n${failed.join('\n')}`)
  return failed.length > 0
}

/** A name that selects no test is a mistake, not a success. */
function refuseEmpty({ watch, nodeOptions }: Request, outcomes: readonly Outcome[]): number {
  const filters = nodeOptions.filter((option) => /^--test-(name|skip)-pattern=/.test(option))
  const isEmpty = outcomes.every((outcome) => outcome.tests === 0)
  return filters.length > 0 && isEmpty && !watch
    ? refuse(`No test matches ${filters.join(' ')}.`)
    : 0
}

function refuse(message: string): number {
  console.error(message)
  return 2
}

try {
  process.exitCode = await main(readRequest(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof Misuse)) throw error
  process.exitCode = refuse(error.message)
}
