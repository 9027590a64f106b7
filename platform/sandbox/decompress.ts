import { Readable, type Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { problem } from '../store/index.ts'

/**
 * The tar archive in what a client sent: plain, gzip or zstd, by its first bytes.
 *
 * @throws Problem `build_rejected` for another compression, by its name
 */
export async function decompress(
  body: Readable,
): Promise<{ from: Readable; through: Transform[] }> {
  const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const first: Buffer[] = []
  let bytes = 0
  while (bytes < MAGIC_BYTES) {
    const { value, done } = await pieces.next()
    if (done === true) break
    first.push(value)
    bytes += value.length
  }
  const from = Readable.from(continued(first, pieces), { objectMode: false })
  return { from, through: decompressors(Buffer.concat(first).toString('hex', 0, MAGIC_BYTES)) }
}

const MAGIC_BYTES = 4

async function* continued(
  first: readonly Buffer[],
  pieces: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  yield* first
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    yield next.value
  }
}

function decompressors(magic: string): Transform[] {
  if (magic.startsWith('1f8b')) return [createGunzip()]
  if (magic.startsWith('28b52ffd')) return [createZstdDecompress()]
  const other = Object.entries(OTHERS).find(([start]) => magic.startsWith(start))?.[1]
  if (other === undefined) return []
  throw problem(
    'build_rejected',
    `The archive is compressed with ${other}, which is not supported.`,
    {
      hint: 'Send a .tar.gz file: tar -czf source.tar.gz .',
    },
  )
}

const OTHERS: Readonly<Record<string, string>> = {
  '425a68': 'bzip2',
  fd377a58: 'xz',
  '504b0304': 'zip',
}
