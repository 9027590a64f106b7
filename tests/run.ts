import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { keepTestServer, stopTestServer } from '../kit/postgres/testing.ts'
import { prepareMachine } from './machine.ts'

/**
 * `npm test [-- --all] [--install] [pattern …]`: unit tests in one process, system tests in a
 * process each, then the stories. `--all` adds the slow ones (`*.slow.ts`).
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean' }, install: { type: 'boolean' } },
})

const missing = prepareMachine({
  install: values.install === true || process.env['CI'] !== undefined,
})
const unit = find('test')
const system = [...find('system'), ...(values.all ? find('slow') : [])]

keepTestServer()
const results = [
  runTests(unit, ['--test-isolation=none']),
  // Two at a time: system tests own ports, databases and browsers, and most machines have two cores.
  runTests(system, ['--test-concurrency=2', `--test-timeout=${10 * 60_000}`]),
]
stopTestServer()
if (missing.length > 0) {
  console.log(`\nSkipped what needs ${missing.join(', ')}: npm test -- --install would install it.`)
}
process.exitCode = results.every((passed) => passed) ? 0 : 1

/** Files `*.<kind>.ts` outside node_modules that match any of the patterns given. */
function find(kind: string): string[] {
  return globSync(`**/*.${kind}.ts`, { exclude: (path) => path.includes('node_modules') })
    .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)))
    .toSorted()
}

function runTests(files: readonly string[], options: readonly string[]): boolean {
  if (files.length === 0) return true
  const run = spawnSync(process.execPath, ['--test', ...options, ...files], { stdio: 'inherit' })
  return run.status === 0
}
