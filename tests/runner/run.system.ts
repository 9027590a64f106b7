import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import type { Outcome } from './outcome.ts'
import { ROOT } from './test-files.ts'

/** `npm test -- …`, as a shell calls it; node would not run its test runner inside itself. */
function npmTest(...args: string[]): { status: number | null; output: string } {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const run = spawnSync(process.execPath, [join(ROOT, 'tests/run.ts'), ...args], {
    env,
    encoding: 'utf8',
  })
  return { status: run.status, output: `${run.stdout}${run.stderr}` }
}

test('a path that matches no test exits 2 and names it', () => {
  const { status, output } = npmTest('kit/html', 'no-such-folder')

  assert.equal(status, 2)
  assert.match(output, /No test file matches "no-such-folder"/)
})

test('one test runs by its name, and node counts it in its closing lines', () => {
  const { status, output } = npmTest('--unit', 'tests/coverage', '--test-name-pattern', 'rooms are')

  assert.equal(status, 0, output)
  assert.match(output, /ℹ pass 1\n/)
})

test('a name that no test has exits 2', () => {
  const { status, output } = npmTest('--unit', 'tests/coverage', '--test-name-pattern=no such test')

  assert.equal(status, 2)
  assert.match(output, /No test matches --test-name-pattern=no such test/)
})

test('an option that node does not know exits 2 and names it', () => {
  const { status, output } = npmTest('--unit', 'tests/coverage', '--no-such-option')

  assert.equal(status, 2)
  assert.match(output, /--no-such-option/)
})

/** Runs files as `npm test` would, and reads what came of them. */
async function outcomeOf(files: Readonly<Record<string, string>>, entry: string, option: string) {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hokku-runner-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
  const runner = JSON.stringify(join(import.meta.dirname, 'run-node.ts'))
  const args = JSON.stringify([[join(folder.path, entry)], [option]])
  const code = `import { runNode } from ${runner}
    console.log(JSON.stringify(await runNode(...${args})))`
  const { NODE_TEST_CONTEXT: _, ...env } = process.env

  const run = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    env,
    encoding: 'utf8',
  })

  const outcome = JSON.parse(run.stdout.trim().split('\n').at(-1) ?? '') as Outcome
  return { ...outcome, failedFiles: outcome.failedFiles.map((file) => basename(file)) }
}

const FAILING = `import { test } from 'node:test'
  test('a', () => {}); test('b', () => { throw new Error('no') }); test('c', { skip: true })`

test('a failed file is reported once, by its name, with the number of tests that ran', async () => {
  for (const option of ['--test-isolation=none', '--test-isolation=process']) {
    const outcome = await outcomeOf({ 'wrong.test.ts': FAILING }, 'wrong.test.ts', option)

    assert.deepEqual(outcome, { tests: 2, failedFiles: ['wrong.test.ts'] }, option)
  }
})

test('a test that another file brings fails the file that runs it', async () => {
  const files = { 'suite.ts': FAILING, 'engine.system.ts': `import './suite.ts'` }

  const { failedFiles } = await outcomeOf(files, 'engine.system.ts', '--test-isolation=process')

  assert.deepEqual(failedFiles, ['engine.system.ts'])
})

test('a file that cannot be loaded has failed', async () => {
  const files = { 'broken.system.ts': `import './nothing.ts'` }

  const outcome = await outcomeOf(files, 'broken.system.ts', '--test-isolation=process')

  assert.deepEqual(outcome, { tests: 0, failedFiles: ['broken.system.ts'] })
})
