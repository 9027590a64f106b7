import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { openPortLeases } from './port-leases.ts'

const free = async (): Promise<boolean> => true

test('nobody gets a port that somebody has, even when all ask at once', async () => {
  const leases = openPortLeases(11_998, free)
  leases.keep(20_001)

  const ports = await Promise.all([leases.lease(), leases.lease(), leases.lease(), leases.lease()])

  assert.deepEqual(ports, [31_998, 31_999, 20_000, 20_002])
})

test('a port that was given back is not the next to be handed out', async () => {
  const leases = openPortLeases(0, free)
  const first = await leases.lease()
  leases.release(first)

  assert.notEqual(await leases.lease(), first)
})

test('a port that another program holds is passed over', async () => {
  const leases = openPortLeases(7000)
  const first = await leases.lease()
  const other = createServer().listen(first + 1)
  await new Promise((resolve) => other.once('listening', resolve))

  const second = await leases.lease()

  other.close()
  assert.ok(second > first + 1, `${second} after ${first}`)
})
