import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempDisposable, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { changedFiles } from './changed-files.ts'
import { runSteps } from './run-steps.ts'
import { forFiles } from './steps.ts'

test('changed are edited, new and committed files of the branch, not removed ones', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hokku-check-'))
  const root = folder.path
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: root })
  const write = (name: string) => writeFile(join(root, name), name + Math.random())
  git('init', '-q', '-b', 'main')
  for (const name of ['same.ts', 'edited.ts', 'removed.ts', 'committed.ts']) await write(name)
  git('add', '.')
  git('commit', '-qm', 'start')
  git('checkout', '-qb', 'work')
  await write('committed.ts')
  git('commit', '-qam', 'more')
  await write('edited.ts')
  await write('new.ts')
  await rm(join(root, 'removed.ts'))

  const files = changedFiles(root)

  assert.deepEqual(files.toSorted(), ['committed.ts', 'edited.ts', 'new.ts'])
})

test('a checkout without main says so', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hokku-check-'))
  execFileSync('git', ['init', '-q', '-b', 'work'], { cwd: folder.path })

  assert.throws(() => changedFiles(folder.path), /branch main/)
})

test('a failing step keeps its status and all that it printed', async () => {
  const steps = [
    { name: 'fails', command: ['sh', '-c', 'echo out; echo err >&2; exit 3'] },
    { name: 'passes', command: ['true'] },
  ]
  const reported: string[] = []

  const results = await runSteps(steps, tmpdir(), ({ step }) => reported.push(step.name))

  const failed = results.find(({ step }) => step.name === 'fails')
  assert.equal(failed?.status, 3)
  assert.equal(failed.output, 'out\nerr\n')
  assert.deepEqual(reported.toSorted(), ['fails', 'passes'])
})

test('documents are not linted, and no code means no lint', () => {
  const names = (files: string[]) => forFiles(files, 'cache').map(({ name }) => name)

  assert.deepEqual(names(['docs/a.md']), ['types', 'format', 'house rules'])
  assert.deepEqual(names([]), ['types', 'house rules'])
  assert.ok(names(['kit/a.ts']).includes('lint'))
})
