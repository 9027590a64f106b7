import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { watchDisk } from './disk-watch.ts'

const GB = 2 ** 30
const DYNO = { appId: 'app', size: 'Basic', state: 'up' } as const

test('a dyno over its quota is warned by name, and one far over it is killed', async () => {
  const uses = new Map([
    ['fine', { bytes: GB, files: 10 }],
    ['over', { bytes: 9 * GB, files: 10 }],
    ['far', { bytes: 13 * GB, files: 10 }],
  ])
  const said: string[] = []
  const killed = Promise.withResolvers<string>()
  const closing = new AbortController()

  const watching = watchDisk(
    {
      home: { root: tmpdir() },
      store: {
        dynos: { all: () => [...uses.keys()].map((id) => ({ ...DYNO, id, name: `web.${id}` })) },
      },
      engine: {
        diskUse: async (id) => uses.get(id) ?? { bytes: 0, files: 0 },
        kill: async (id) => killed.resolve(id),
      },
      instances: { say: ({ name }, line) => void said.push(`${name}: ${line}`) },
      timeoutsInUse: { diskMs: 60_000 },
      report: (error) => killed.reject(error),
    },
    closing.signal,
  )
  assert.equal(await killed.promise, 'far')
  closing.abort()
  await watching

  assert.deepEqual(said, [
    'web.over: Process running disk=9216M of 8192M, files=10 of 300000',
    'web.over: Error R30 (Disk quota exceeded)',
    'web.far: Process running disk=13312M of 8192M, files=10 of 300000',
    'web.far: Error R31 (Disk quota vastly exceeded)',
    'web.far: Stopping process with SIGKILL',
  ])
})
