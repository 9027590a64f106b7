import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, markOf } from '../process-mark.ts'
import { PythonFailure, PythonProcess, type PythonAnswer } from './index.ts'

function program(word = '', answerMsMax = 60_000) {
  const lines: string[] = []
  const python = new PythonProcess({
    name: 'program.py',
    command: ['python3', join(import.meta.dirname, 'fixtures/program.py'), word],
    cwd: '/',
    env: process.env,
    limits: {
      memoryBytesMax: 2 ** 30,
      processesMax: 16,
      startMsMax: 120_000,
      answerMsMax,
      answerBytesMax: 1_000_000,
      callsMax: 2,
      waitingMax: 3,
    },
    network: 'shared',
    log: (line) => void lines.push(line),
  })
  return { python, lines }
}

const read = ({ body }: PythonAnswer): { pid: number } & Record<string, unknown> =>
  JSON.parse(body.toString())

const isFailure = (kind: string) => (error: unknown) =>
  error instanceof PythonFailure && error.kind === kind

test('a program says hello, answers, and finishes what is under way before it stops', async () => {
  const { python } = program()

  assert.deepEqual(await python.start(), { ready: true })
  const answer = await python.ask({
    method: 'POST',
    path: '/x?y=1',
    body: 'hé',
    headers: { 'x-hokku-client': '10.0.0.9' },
  })
  const last = python.ask({ method: 'GET', path: '/slow' })
  await python.ask({ method: 'GET', path: '/' })
  await python.stop()

  assert.deepEqual([answer.status, answer.headers['x-own']], [201, 'yes'])
  const { method, query, body, client, pid } = read(answer)
  assert.deepEqual([method, query, body, client], ['POST', 'y=1', 'hé', '10.0.0.9'])
  assert.equal((await last).status, 201)
  assert.equal(isAlive(markOf(pid)), false)
})

test('a program that ends or hangs starts again; what it owed is a failure', async () => {
  const { python, lines } = program('', 10_000)
  await python.start()
  try {
    const first = read(await python.ask({ method: 'GET', path: '/' })).pid
    await assert.rejects(python.ask({ method: 'GET', path: '/end' }), isFailure('ended'))
    const second = read(await patiently(python)).pid
    await assert.rejects(python.ask({ method: 'GET', path: '/hang' }), isFailure('slow'))
    const third = read(await patiently(python)).pid
    await assert.rejects(python.ask({ method: 'GET', path: '/large' }), isFailure('large'))

    assert.equal(new Set([first, second, third]).size, 3)
    assert.match(lines.join('\n'), /program\.py: it ended with code 3; it starts again in \d+ ms/)
    assert.match(lines.join('\n'), /program\.py: it did not answer within 10 s/)
  } finally {
    await python.stop()
  }
})

test('more requests than may wait are refused at once', async () => {
  const { python } = program()
  await python.start()
  try {
    const asked = Array.from({ length: 6 }, () => python.ask({ method: 'GET', path: '/slow' }))
    const outcomes = await Promise.allSettled(asked)

    assert.equal(outcomes.filter((one) => one.status === 'fulfilled').length, 5)
    const refused = outcomes.find((one) => one.status === 'rejected')
    assert.ok(isFailure('busy')(refused?.reason))
  } finally {
    await python.stop()
  }
})

test('a program that refuses or ends at its start says why', async () => {
  await assert.rejects(program('refuse').python.start(), /there is no model/)
  await assert.rejects(program('end').python.start(), /it ended with code 7\nno stimuli/)
})

/** Asks until the program is there again. */
async function patiently(python: PythonProcess): Promise<PythonAnswer> {
  const until = performance.now() + 120_000
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- waits for a process
      return await python.ask({ method: 'GET', path: '/' })
    } catch (error) {
      if (performance.now() > until) throw error
      // oxlint-disable-next-line no-await-in-loop
      await sleep(100)
    }
  }
}
