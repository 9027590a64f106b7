import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandCommand, oneOffName } from './one-off-command.ts'

const TYPES = { worker: 'node worker.js', release: 'npm run migrate' }

test('a process type runs what it runs in the formation', () => {
  assert.deepEqual(expandCommand('worker', TYPES), { command: 'node worker.js', type: 'worker' })
})

test('what follows the type is kept, arguments and exit marker alike', () => {
  const { command } = expandCommand('worker --once ; echo "status: $?"', TYPES)

  assert.equal(command, 'node worker.js --once ; echo "status: $?"')
})

test('any other command is left as it is', () => {
  for (const command of ['bash', 'workers', 'constructor', ' ', 'echo worker']) {
    assert.deepEqual(expandCommand(command, TYPES), { command, type: null })
  }
})

test('the word that the CLI puts in front of `npm run` is left out', () => {
  const commands = {
    'run npm run create-tables': 'npm run create-tables',
    'run yarn run': 'yarn run',
    'run tests': 'run tests',
    'run runner': 'run runner',
    'npm run build': 'npm run build',
  }

  for (const [sent, meant] of Object.entries(commands)) {
    assert.deepEqual(expandCommand(sent, TYPES), { command: meant, type: null })
  }
  assert.equal(expandCommand('run npm run x', { run: 'node .' }).command, 'node . npm run x')
})

test('a one-off gets a number of four digits that is free', () => {
  assert.equal(oneOffName('run', new Set(), 0), 'run.1000')
  assert.equal(oneOffName('run', new Set(['run.9999', 'run.1000']), 0.99999), 'run.1001')
})
