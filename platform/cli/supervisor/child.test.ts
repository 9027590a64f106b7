import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { isAlive } from '@hokku/kit/process-mark'
import { keepRunning, readMark, type ChildPlan } from './child.ts'

function planOf(context: TestContext, program: string): ChildPlan {
  const folder = mkdtempSync(join(tmpdir(), 'hokku-supervisor-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const main = join(folder, 'main.js')
  writeFileSync(main, program)
  const files = { markFile: join(folder, 'child.json'), logFile: join(folder, 'child.log') }
  return { name: 'child', main, env: {}, nodeOptions: [], ...files }
}

async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(10)) if (holds()) return
  throw new Error('it did not happen within a minute')
}

test('a process that ends is started again, and its output is appended to its log', async (context) => {
  const plan = planOf(context, 'console.log(process.pid); process.exitCode = 3')
  const stop = new AbortController()
  const said: string[] = []

  const kept = keepRunning(plan, stop.signal, (line) => said.push(line))
  await until(() => said.length === 2)
  stop.abort()
  await kept

  assert.equal(said[0], 'child ended (exit status 3), starting it again')
  assert.equal(said[1], 'child ended (exit status 3), starting it again in 250 ms')
  const pids = readFileSync(plan.logFile, 'utf8').trim().split('\n')
  assert.equal(new Set(pids).size, pids.length)
})

test('letting go leaves the process, and the next supervisor takes it over', async (context) => {
  const plan = planOf(context, 'setInterval(() => {}, 1000)')
  const first = new AbortController()
  const kept = keepRunning(plan, first.signal, () => {})
  await until(() => existsSync(plan.markFile))
  const mark = readMark(plan)
  assert.ok(mark)
  context.after(() => process.kill(mark.pid, 'SIGKILL'))
  first.abort()
  await kept

  const second = new AbortController()
  const taken = keepRunning(plan, second.signal, () => {})
  await sleep(50)

  assert.ok(isAlive(mark))
  assert.deepEqual(readMark(plan), mark)
  second.abort()
  await taken
})

test('without a mark there is no process', () => {
  assert.equal(readMark({ markFile: '/nowhere/child.json' }), undefined)
})

test('a supervisor that is stopped while it starts a process does not wait for its end', async (context) => {
  const plan = planOf(context, 'setInterval(() => {}, 1000)')
  const stop = new AbortController()

  const kept = keepRunning(plan, stop.signal, () => {})
  stop.abort()
  await kept

  const mark = readMark(plan)
  if (mark !== undefined) process.kill(mark.pid, 'SIGKILL')
})
