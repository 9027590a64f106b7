import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { DynoRecord } from '../store/index.ts'
import {
  react,
  type FormationEvent,
  type FormationState,
  type Reaction,
} from './formation-state.ts'
import { NEW_DYNO } from './new-dyno.ts'
import type { Slot } from './plan.ts'

const NOW = '2026-11-20T10:00:00.000Z'

const slot = (name: string, version = 1): Slot => {
  const [type = '', ordinal] = name.split('.')
  const release = { releaseId: `v${version}`, releaseVersion: version }
  return { type, ordinal: Number(ordinal), command: type, size: 'Basic', ...release }
}

const dyno = (name: string, more: Partial<DynoRecord> = {}): DynoRecord => ({
  ...NEW_DYNO,
  ...slot(name, more.releaseVersion ?? 1),
  id: `${name}@v${more.releaseVersion ?? 1}`,
  appId: 'app',
  name,
  state: 'up',
  host: '127.0.0.1',
  port: 20_000,
  serving: name.startsWith('web'),
  stateSince: NOW,
  createdAt: NOW,
  updatedAt: NOW,
  ...more,
})

const state = (slots: readonly Slot[], dynos: readonly DynoRecord[]): FormationState => ({
  appId: 'app',
  slots,
  dynos,
  now: NOW,
})

function after(from: FormationState, event: FormationEvent): Reaction {
  let next = 0
  return react(from, event, { newId: () => `new-${++next}`, random: () => 0.5 })
}

/** A reaction as lines, so that a test reads as a story. */
const shown = ({ steps }: Reaction): string[] =>
  steps.map((step) => {
    if (step.do === 'say') return `${step.name}: ${step.message}`
    if (step.do === 'boot') return `boot ${step.id}`
    if (step.do === 'route') return 'route'
    return `swap: retire [${step.retired.join()}], drain [${step.served.join()}]`
  })

test('a missing dyno is recorded, said and booted, in that order', () => {
  const reaction = after(state([slot('worker.1')], []), { kind: 'changed' })

  assert.deepEqual(shown(reaction), ['worker.1: State changed from down to starting', 'boot new-1'])
  assert.equal(reaction.changes.length, 1)
  assert.equal(reaction.isSettled, false)
})

test('the last web dyno of a new version to come up takes over from the old ones', () => {
  const old = [dyno('web.1'), dyno('worker.1')]
  const booting = dyno('web.1', {
    releaseVersion: 2,
    state: 'starting',
    serving: false,
    host: null,
  })
  const from = state([slot('web.1', 2), slot('worker.1', 2)], [...old, booting])
  const event = { kind: 'up', id: booting.id, host: '127.0.0.1', cycleAt: NOW } as const

  const reaction = after(from, event)

  assert.deepEqual(shown(reaction), [
    'web.1: State changed from starting to up',
    'swap: retire [web.1@v1], drain [web.1@v1]',
    'worker.1: State changed from up to starting',
    'boot new-1',
    'swap: retire [worker.1@v1], drain []',
  ])
})

test('a dyno that is up already, or retired, comes up only once', () => {
  const event = { kind: 'up', id: 'web.1@v1', host: '::1', cycleAt: NOW } as const
  const settled = state([slot('web.1')], [dyno('web.1')])

  assert.deepEqual(after(settled, event).changes, [])
})

test('a crash is recorded with its reason, leaves the router’s table and is tried again', () => {
  const from = state([slot('web.1')], [dyno('web.1')])

  const reaction = after(from, { kind: 'ended', id: 'web.1@v1', reason: 'Process exited' })

  assert.deepEqual(shown(reaction), [
    'web.1: State changed from up to crashed',
    'route',
    'web.1: State changed from crashed to starting',
    'boot new-1',
  ])
})

test('a second crash in a row waits, and says until when', () => {
  const from = state([slot('worker.1')], [dyno('worker.1', { crashes: 1 })])

  const reaction = after(from, { kind: 'ended', id: 'worker.1@v1', reason: 'Process exited' })

  assert.equal(reaction.wakeAt, '2026-11-20T10:00:05.000Z')
  assert.deepEqual(shown(reaction), ['worker.1: State changed from up to crashed'])
})

test('a dyno that was up for ten minutes starts its count of crashes anew', () => {
  const since = '2026-11-20T09:50:00.000Z'
  const from = state([slot('worker.1')], [dyno('worker.1', { crashes: 4, stateSince: since })])

  const { changes } = after(from, { kind: 'ended', id: 'worker.1@v1', reason: 'Process exited' })

  const crash = changes.find((change) => change.do === 'update')
  assert.equal(crash?.change.crashes, 1)
})

test('a restart boots a successor first when requests must not fail', () => {
  const from = state([slot('web.1')], [dyno('web.1')])

  const reaction = after(from, { kind: 'restart', ids: ['web.1@v1'], why: 'Restarting' })

  assert.deepEqual(shown(reaction), [
    'web.1: Restarting',
    'web.1: State changed from up to starting',
    'boot new-1',
  ])
})

test('a parked dyno keeps its slot without a process', () => {
  const from = state([slot('web.1')], [dyno('web.1')])

  const reaction = after(from, { kind: 'park', ids: ['web.1@v1'], as: 'idle' })

  assert.deepEqual(shown(reaction), [
    'web.1: Idling',
    'web.1: State changed from up to down',
    'swap: retire [web.1@v1], drain [web.1@v1]',
  ])
  const made = reaction.changes.find((change) => change.do === 'create')
  assert.equal(made?.dyno.state, 'idle')
  assert.equal(made?.dyno.port, null)
})

test('an event about a dyno that is gone changes nothing', () => {
  const settled = state([slot('web.1')], [dyno('web.1')])

  const reaction = after(settled, { kind: 'ended', id: 'gone', reason: 'Process exited' })

  assert.deepEqual(reaction.changes, [])
  assert.ok(reaction.isSettled)
})

test('from any state, no slot is filled twice', () => {
  const names = ['web.1', 'web.2', 'worker.1']
  const states = ['starting', 'up', 'crashed', 'idle', 'down'] as const
  const anyDyno = fc.record({
    name: fc.constantFrom(...names),
    version: fc.constantFrom(1, 2),
    state: fc.constantFrom(...states),
  })
  fc.assert(
    fc.property(
      fc.uniqueArray(anyDyno, { selector: ({ name, version }) => `${name}@${version}` }),
      fc.subarray(names),
      (dynos, slots) => {
        const records = dynos.map((one) =>
          dyno(one.name, {
            releaseVersion: one.version,
            state: one.state,
            serving: one.state === 'up' && one.name.startsWith('web') && one.version === 1,
          }),
        )
        const from = state(
          slots.map((name) => slot(name, 2)),
          records,
        )

        const { changes } = after(from, { kind: 'changed' })

        const created = changes.flatMap((change) => (change.do === 'create' ? [change.dyno] : []))
        assert.equal(new Set(created.map(({ name }) => name)).size, created.length)
        const present = records.filter(({ releaseVersion }) => releaseVersion === 2)
        for (const { name } of created) {
          const there = present.find((one) => one.name === name)
          assert.ok(there === undefined || there.state === 'crashed', name)
        }
      },
    ),
  )
})
