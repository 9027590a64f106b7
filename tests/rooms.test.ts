import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { cyclesOf, readImports, roomGraph, roomOf, specifiersOf } from './import-graph.ts'

/**
 * A room is a folder of a workspace, or a file that is beside the folders. Rooms stand in an
 * order: what a room imports, types and `import()` included, never leads back to it.
 */
const files = readImports(join(import.meta.dirname, '..'))
const rooms = roomGraph(files)

/**
 * The order of the platform's rooms, left to right: a room imports only rooms of groups to its
 * left. Rooms of one group do not import each other. The command line stands apart.
 */
const PLATFORM_ORDER: readonly (readonly string[])[] = [
  ['certificates'],
  ['store'],
  ['object-storage', 'logs', 'router'],
  ['git'],
  ['sandbox'],
  ['slugs'],
  ['releases'],
  ['dynos'],
  ['builds'],
  ['addons'],
  ['backup'],
  ['api'],
  ['web'],
  ['plane'],
]

test('rooms do not import each other in a circle', (context) => {
  for (const line of drawn(rooms)) context.diagnostic(line)

  assert.deepEqual(
    cyclesOf(rooms).map((circle) => arrowsOf(circle)),
    [],
  )
})

test('files do not import each other in a circle', () => {
  assert.deepEqual(cyclesOf(files), [])
})

test('rooms of the platform import only rooms to their left', () => {
  const place = new Map<string, number>(
    PLATFORM_ORDER.flatMap((group, at) => group.map((room) => [`platform/${room}`, at] as const)),
  )

  const back = [...rooms].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => (place.get(to) ?? -1) >= (place.get(from) ?? Infinity))
      .map((to) => `${from} → ${to}: only rooms to its left may be imported`),
  )

  assert.deepEqual(back, [])
})

test('the command line speaks HTTP to the platform', () => {
  const imported = [...(rooms.get('platform/cli') ?? [])].filter((to) => to.startsWith('platform/'))

  // Its store, what checks the addresses of add-on servers before anything starts, and what works
  // on a home without a platform.
  assert.deepEqual(imported.toSorted(), ['platform/addons', 'platform/backup', 'platform/store'])
})

test('ARCHITECTURE.md names the order that is checked here', () => {
  const page = readFileSync(join(import.meta.dirname, '../ARCHITECTURE.md'), 'utf8')

  const order = PLATFORM_ORDER.map((group) => group.map((room) => `\`${room}\``).join(', '))

  assert.ok(page.includes(order.join(' · ')), `ARCHITECTURE.md should say: ${order.join(' · ')}`)
})

test('every room in the order is there', () => {
  const missing = PLATFORM_ORDER.flat().filter((room) => !rooms.has(`platform/${room}`))

  assert.deepEqual(missing, [])
})

test('imports of types, import() and re-exports are seen, examples in comments are not', () => {
  const text = `import type { A } from './a.ts'
    export { b } from './b.ts'
    type C = typeof import('./c.ts')
    const d = await import('./d.ts')
    import './e.ts'
    import {
      f,
    } from './f.ts'
    // import { g } from './g.ts'
    /** @example import { h } from './h.ts' */`

  assert.deepEqual(
    specifiersOf(text),
    ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `./${name}.ts`),
  )
})

test('a circle is found however long it is', () => {
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['a', 'd']],
    ['d', []],
  ])

  assert.deepEqual(cyclesOf(graph), [['a', 'b', 'c']])
})

/** One line a room: `frameworks/model/http → bundle, config, …`. */
function drawn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const byName = [...graph].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return byName.map(([room, targets]) => {
    const home = room.slice(0, room.lastIndexOf('/') + 1)
    const names = [...targets].toSorted().map((one) => one.replace(home, ''))
    return `${room} → ${names.join(', ') || '(nothing of ours)'}`
  })
}

/** The imports that make a circle of rooms, so that one of them can go. */
function arrowsOf(circle: readonly string[]): string[] {
  return [...files].flatMap(([file, targets]) =>
    targets
      .filter((target) => roomOf(target) !== roomOf(file))
      .filter((target) => circle.includes(roomOf(file)) && circle.includes(roomOf(target)))
      .map((target) => `${file} → ${target}`),
  )
}
