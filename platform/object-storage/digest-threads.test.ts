import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { createDigestThreads } from './digest-threads.ts'

const threads = createDigestThreads()
after(threads.close)

const MB = 1024 * 1024
const base64 = (name: string, bytes: Uint8Array): string =>
  createHash(name).update(bytes).digest('base64')

/** A piece with its own memory, as sockets give them. */
const pieceOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes)

test('bodies are digested side by side, small ones and large ones, none with the bytes of another', async () => {
  const bodies = [10, 100_000, 300_000, 3 * MB, 20 * MB].map((size) => randomBytes(size))

  const values = await Promise.all(
    bodies.map(async (bytes) => {
      const digests = threads.open(['md5', 'sha256'], bytes.length)
      for (let at = 0; at < bytes.length; at += 65_536) {
        await digests.take([pieceOf(bytes.subarray(at, at + 65_536))])
      }
      return await digests.values().finally(digests.close)
    }),
  )

  assert.deepEqual(
    values,
    bodies.map((bytes) => ({ md5: base64('md5', bytes), sha256: base64('sha256', bytes) })),
  )
})

test('memory is given away with a piece that has it for itself, and left where others share it', async () => {
  const whole = pieceOf(randomBytes(MB))
  const shared = pieceOf(randomBytes(MB))
  const parts = [shared.subarray(0, 1000), shared.subarray(1000)]
  const expected = base64('md5', Buffer.concat([whole, shared]))
  const digests = threads.open(['md5'], 2 * MB)

  await digests.take([whole, ...parts])

  assert.equal((await digests.values()).md5, expected)
  assert.equal(whole.length, 0)
  assert.equal(shared.length, MB)
  digests.close()
})

test('who feeds faster than the thread works has to wait', async () => {
  const digests = threads.open(['md5', 'crc64nvme'], 64 * MB)
  let last = 'waiting'

  const takes = Array.from({ length: 16 }, () => digests.take([pieceOf(randomBytes(4 * MB))]))
  takes.at(-1)?.then(
    () => (last = 'done'),
    () => (last = 'failed'),
  )
  await new Promise((resolve) => setImmediate(resolve))

  assert.equal(last, 'waiting')
  await Promise.all(takes)
  assert.ok((await digests.values()).md5)
  digests.close()
})
