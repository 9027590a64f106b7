import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { openPortLeases, portRange } from './port-leases.ts'

const free = async (): Promise<null> => null
const range = { first: 20_000, count: 12_000 }

test('each port goes to one dyno, even when all ask at once', async () => {
  const leases = openPortLeases({ start: 11_998, range, bind: free })
  leases.keep(20_001)

  const ports = await Promise.all([leases.lease(), leases.lease(), leases.lease(), leases.lease()])

  assert.deepEqual(ports, [31_998, 31_999, 20_000, 20_002])
})

test('a port that was given back is not the next to be handed out', async () => {
  const leases = openPortLeases({ start: 0, range, bind: free })
  const first = await leases.lease()
  leases.release(first)

  assert.notEqual(await leases.lease(), first)
})

test('a port that another program holds is passed over', async (context) => {
  const leases = openPortLeases({ start: 7000 })
  const first = await leases.lease()
  const other = createServer().listen(first + 1)
  await new Promise((resolve) => other.once('listening', resolve))
  context.after(() => other.close())

  const second = await leases.lease()

  assert.ok(second > first + 1, `${second} after ${first}`)
})

test('64 taken ports in a row end the search, with the counts', async () => {
  const tried: number[] = []
  const bind = async (port: number): Promise<string> => {
    tried.push(port)
    return 'EADDRINUSE'
  }
  const leases = openPortLeases({ start: 0, range, bind })
  leases.keep(20_003)

  await assert.rejects(leases.lease(), {
    code: 'no_port',
    message:
      'No free port for a dyno between 20000 and 31999: 1 are leased to dynos, 64 others were tried and are in use.',
  })
  assert.equal(tried.length, 64)
})

test('the next search begins behind the last one', async () => {
  const tried: number[] = []
  const bind = async (port: number): Promise<string> => {
    tried.push(port)
    return 'EADDRINUSE'
  }
  const leases = openPortLeases({ start: 0, range, bind })
  await leases.lease().catch(() => {})

  await leases.lease().catch(() => {})

  assert.equal(tried[64], 20_064)
})

test('a failure of the machine is reported by its code, at once', async () => {
  let binds = 0
  const bind = async (): Promise<string> => {
    binds++
    return 'EMFILE'
  }
  const leases = openPortLeases({ start: 0, range, bind })

  await assert.rejects(leases.lease(), { code: 'no_port', message: /20000 .* EMFILE/ })
  assert.equal(binds, 1)
})

test('when every port is leased, the search ends without a bind', async () => {
  const leases = openPortLeases({ start: 0, range: { first: 20_000, count: 2 }, bind: free })
  await leases.lease()
  await leases.lease()

  await assert.rejects(leases.lease(), { message: /2 are leased to dynos, 0 others/ })
})

test('the range lies below the ports that the kernel hands out', () => {
  assert.deepEqual(portRange(32_768), { first: 20_000, count: 12_000 })
  assert.deepEqual(portRange(16_384), { first: 10_000, count: 6384 })
  assert.deepEqual(portRange(1024), { first: 20_000, count: 12_000 })
})
