import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { keepTestServer, stopTestServer } from '../postgres/testing.ts'
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
const failed = [
  ...runTests(unit, ['--test-isolation=none']),
  // Two at a time: system tests own ports, databases and browsers, and most machines have two cores.
  ...onlyAlone(runTests(system, ['--test-concurrency=2', `--test-timeout=${20 * 60_000}`])),
]
stopTestServer()
if (missing.length > 0) {
  console.log(`\nSkipped what needs ${missing.join(', ')}: npm test -- --install would install it.`)
}
if (failed.length > 0) console.log(`\nFailed:\n${failed.join('\n')}`)
process.exitCode = failed.length === 0 ? 0 : 1

/** Files `*.<kind>.ts` outside node_modules that match any of the patterns given. */
function find(kind: string): string[] {
  return globSync(`**/*.${kind}.ts`, { exclude: (path) => path.includes('node_modules') })
    .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)))
    .toSorted()
}

/** @returns the files in which something failed */
function runTests(files: readonly string[], options: readonly string[]): string[] {
  if (files.length === 0) return []
  const list = join(mkdtempSync(join(tmpdir(), 'hokku-tests-')), 'failed')
  const reporters = [
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${join(import.meta.dirname, 'failed-files.ts')}`,
    `--test-reporter-destination=${list}`,
  ]
  const run = spawnSync(process.execPath, ['--test', ...reporters, ...options, ...files], {
    stdio: 'inherit',
  })
  const failures = readFileSync(list, 'utf8').split('\n').filter(Boolean)
  return run.status === 0 ? [] : failures.length > 0 ? failures : [...files]
}

/**
 * Runs what failed beside other tests once more, alone: whole platforms and browsers on a small
 * machine starve each other. What passes only alone is named, what fails again has failed.
 */
function onlyAlone(files: readonly string[]): string[] {
  if (files.length === 0) return []
  console.log(`\nOnce more, one at a time:\n${files.join('\n')}\n`)
  const again = runTests(files, ['--test-concurrency=1', `--test-timeout=${20 * 60_000}`])
  const passed = files.filter((file) => !again.includes(file))
  if (passed.length > 0) console.log(`\nPassed only alone:\n${passed.join('\n')}`)
  return again
}
