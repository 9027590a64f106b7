import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseManager } from './choose-manager.ts'

const choose = (files: Record<string, string>, json: object = {}) =>
  chooseManager({ packageManager: null, engines: {}, ...json }, (name) => files[name])

test('the lock file decides on the package manager, and its format on the Yarn', () => {
  const lock = (version: number) => ({ 'yarn.lock': `# x\n\n__metadata:\n  version: ${version}\n` })

  assert.equal(choose({ 'package-lock.json': '{}' }).name, 'npm')
  assert.equal(choose({ 'pnpm-lock.yaml': '' }).name, 'pnpm')
  assert.equal(choose({ 'bun.lock': '' }).name, 'bun')
  const yarns = [
    choose({ 'yarn.lock': '# yarn lockfile v1\n' }),
    ...[4, 6, 8, 99].map((one) => choose(lock(one))),
  ]
  assert.deepEqual(
    yarns.map(({ range, isBerry }) => [range, isBerry]),
    [
      ['1.x', false],
      ['2.x', true],
      ['3.x', true],
      ['4.0 - 4.13', true],
      ['4.x', true],
    ],
  )
})

test('without a lock file packageManager decides, then files that only one of them reads', () => {
  assert.equal(choose({}).name, 'npm')
  assert.deepEqual(choose({}, { packageManager: 'pnpm@9.1.0+sha512.abc' }), {
    name: 'pnpm',
    lockfile: null,
    range: '9.1.0',
    isBerry: false,
  })
  assert.equal(choose({ 'pnpm-workspace.yaml': '' }).name, 'pnpm')
  assert.equal(choose({ '.yarnrc.yml': '' }).isBerry, true)
  assert.equal(choose({ 'yarn.lock': '' }, { engines: { yarn: '1.22.x' } }).range, '1.22.x')
})

test('what cannot be decided is refused', () => {
  assert.throws(() => choose({ 'yarn.lock': '', 'pnpm-lock.yaml': '' }), /yarn\.lock and pnpm-lock/)
  const engines = { npm: '10.x', yarn: '4.x', pnpm: '9.x' }
  assert.throws(() => choose({}, { engines }), /several package managers.*npm, yarn, pnpm/)
  assert.equal(choose({ 'yarn.lock': '' }, { engines }).name, 'yarn')
})
