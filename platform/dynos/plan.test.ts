import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { planDynos, type PlannedDyno, type Slot, type Step } from './plan.ts'

const NOW = '2026-11-20T10:00:00.000Z'
const LATER = '2026-11-20T10:00:05.000Z'

const slot = (name: string, releaseId: string): Slot => {
  const [type = '', ordinal] = name.split('.')
  return {
    type,
    ordinal: Number(ordinal),
    command: type,
    size: 'Basic',
    releaseId,
    releaseVersion: 1,
  }
}
const dyno = (name: string, releaseId: string, more: Partial<PlannedDyno> = {}): PlannedDyno => ({
  ...slot(name, releaseId),
  id: `${name}@${releaseId}`,
  state: 'up',
  fresh: true,
  retired: false,
  serving: name.startsWith('web') && more.state === undefined,
  restartAt: null,
  ...more,
})
/** Steps as one line each, so that a test reads as a story. */
const tell = (steps: readonly Step[]): string[] =>
  steps.map((step) =>
    step.do === 'start'
      ? `start ${step.slot.type}.${step.slot.ordinal}${step.after === null ? '' : ' again'}`
      : `serve [${step.serve.join()}] retire [${step.retire.join()}]`,
  )
const plan = (slots: Slot[], dynos: PlannedDyno[]) => planDynos(slots, dynos, NOW)

test('a first deploy starts web dynos, and workers only once these are up', () => {
  const slots = [slot('web.1', 'v3'), slot('worker.1', 'v3')]

  assert.deepEqual(tell(plan(slots, []).steps), ['start web.1'])
  const starting = [dyno('web.1', 'v3', { state: 'starting' })]
  assert.deepEqual(tell(plan(slots, starting).steps), [])
  const up = [dyno('web.1', 'v3', { serving: false })]
  assert.deepEqual(tell(plan(slots, up).steps), ['serve [web.1@v3] retire []', 'start worker.1'])
})

test('a new version takes over when all of its web dynos are up, not before', () => {
  const slots = [slot('web.1', 'v4'), slot('web.2', 'v4')]
  const old = [dyno('web.1', 'v3'), dyno('web.2', 'v3')]
  const first = dyno('web.1', 'v4', { serving: false })

  const half = plan(slots, [...old, first, dyno('web.2', 'v4', { state: 'starting' })])
  const whole = plan(slots, [...old, first, dyno('web.2', 'v4', { serving: false })])

  assert.deepEqual(tell(half.steps), [])
  assert.deepEqual(tell(whole.steps), ['serve [web.1@v4,web.2@v4] retire [web.1@v3,web.2@v3]'])
  assert.equal(whole.settled, false)
})

test('a version that does not come up leaves the old one alone, workers included', () => {
  const slots = [slot('web.1', 'v4'), slot('worker.1', 'v4')]
  const old = [dyno('web.1', 'v3'), dyno('worker.1', 'v3')]

  const { steps, wakeAt } = plan(slots, [
    ...old,
    dyno('web.1', 'v4', { state: 'crashed', restartAt: LATER }),
  ])

  assert.deepEqual(steps, [])
  assert.equal(wakeAt, LATER)
})

test('a crashed dyno starts again when its time has come', () => {
  const crashed = dyno('web.1', 'v3', { state: 'crashed', restartAt: NOW })

  assert.deepEqual(tell(plan([slot('web.1', 'v3')], [crashed]).steps), ['start web.1 again'])
})

test('a crashed web dyno with none to protect does not hold the workers back', () => {
  const slots = [slot('web.1', 'v3'), slot('worker.1', 'v3')]
  const crashed = dyno('web.1', 'v3', { state: 'crashed', restartAt: LATER })

  assert.deepEqual(tell(plan(slots, [crashed]).steps), ['start worker.1'])
})

test('a deploy that is overtaken is dropped at once, and the old version still serves', () => {
  const dynos = [dyno('web.1', 'v3'), dyno('web.1', 'v4', { state: 'starting' })]

  const { steps } = plan([slot('web.1', 'v5')], dynos)

  assert.deepEqual(tell(steps), ['start web.1', 'serve [] retire [web.1@v4]'])
})

test('scaling up routes each new dyno as it comes up', () => {
  const slots = [slot('web.1', 'v3'), slot('web.2', 'v3'), slot('web.3', 'v3')]
  const dynos = [
    dyno('web.1', 'v3'),
    dyno('web.2', 'v3', { serving: false }),
    dyno('web.3', 'v3', { state: 'starting' }),
  ]

  assert.deepEqual(tell(plan(slots, dynos).steps), ['serve [web.2@v3] retire []'])
})

test('scaling down stops the highest numbers; scaling to none stops all', () => {
  const dynos = [dyno('web.1', 'v3'), dyno('web.2', 'v3'), dyno('worker.1', 'v3')]

  const less = plan([slot('web.1', 'v3'), slot('worker.1', 'v3')], dynos)
  const none = plan([], dynos)

  assert.deepEqual(tell(less.steps), ['serve [] retire [web.2@v3]'])
  assert.deepEqual(tell(none.steps), [
    'serve [] retire [web.1@v3,web.2@v3]',
    'serve [] retire [worker.1@v3]',
  ])
})

test('the last dyno that serves stays until another can, even if its number is not wanted', () => {
  const dynos = [dyno('web.1', 'v3', { state: 'crashed', restartAt: LATER }), dyno('web.2', 'v3')]

  assert.deepEqual(tell(plan([slot('web.1', 'v3')], dynos).steps), [])
})

test('a restart of one dyno swaps that one', () => {
  const slots = [slot('web.1', 'v3'), slot('web.2', 'v3')]
  const stale = dyno('web.1', 'v3', { id: 'old', fresh: false })
  const other = dyno('web.2', 'v3')

  const before = plan(slots, [stale, other])
  const after = plan(slots, [stale, other, dyno('web.1', 'v3', { serving: false })])

  assert.deepEqual(tell(before.steps), ['start web.1'])
  assert.deepEqual(tell(after.steps), ['serve [web.1@v3] retire [old]'])
})

test('a stopped dyno stays down, a sleeping one asleep', () => {
  const slots = [slot('web.1', 'v3'), slot('worker.1', 'v3')]
  const dynos = [dyno('web.1', 'v3', { state: 'idle' }), dyno('worker.1', 'v3', { state: 'down' })]

  assert.deepEqual(plan(slots, dynos), { steps: [], settled: true, wakeAt: null })
})

test('a change of size replaces the dyno', () => {
  const wanted = { ...slot('worker.1', 'v3'), size: 'Standard-2X' }

  const { steps } = plan([wanted], [dyno('worker.1', 'v3')])

  assert.deepEqual(tell(steps), ['start worker.1', 'serve [] retire [worker.1@v3]'])
})

test('one-offs are none of the formation’s business', () => {
  const oneOff = { ...dyno('run.4711', 'v3'), ordinal: null }

  assert.deepEqual(plan([], [oneOff]).steps, [])
})

test('from any state, no step stops the last dyno that serves while one is wanted', () => {
  const states = ['starting', 'up', 'crashed', 'idle', 'down'] as const
  const dynos = fc.uniqueArray(
    fc.record({
      ordinal: fc.integer({ min: 1, max: 3 }),
      releaseId: fc.constantFrom('v3', 'v4'),
      state: fc.constantFrom(...states),
      fresh: fc.boolean(),
      serving: fc.boolean(),
    }),
    { selector: (one) => `${one.ordinal}@${one.releaseId}` },
  )
  fc.assert(
    fc.property(dynos, fc.integer({ min: 1, max: 3 }), (found, quantity) => {
      const all = found.map((one) =>
        dyno(`web.${one.ordinal}`, one.releaseId, {
          ...one,
          serving: one.serving && one.state === 'up',
        }),
      )
      const slots = [1, 2, 3].slice(0, quantity).map((number) => slot(`web.${number}`, 'v4'))
      const { steps } = plan(slots, all)
      const retired = steps.flatMap((step) => (step.do === 'switch' ? step.retire : []))
      const added = steps.flatMap((step) => (step.do === 'switch' ? step.serve : []))
      const serving = all.filter((one) => one.serving)
      const left = serving.filter((one) => !retired.includes(one.id)).length + added.length
      const asleep = slots.every((wanted) =>
        all.some(
          (one) =>
            one.fresh &&
            one.releaseId === 'v4' &&
            one.ordinal === wanted.ordinal &&
            ['idle', 'down'].includes(one.state),
        ),
      )
      return serving.length === 0 || left > 0 || asleep
    }),
  )
})
