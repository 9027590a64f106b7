import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { Problem } from '@hokku/kit/problem'
import { readInWorker, READ_LIMITS, type ReadLimits } from './read-in-worker.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-worker-'))
})
after(() => rm(folder, { recursive: true }))

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

async function refusalOf(content: Uint8Array, limits: Partial<ReadLimits> = {}): Promise<string> {
  const file = join(folder, 'pipeline.pickle')
  await writeFile(file, content)
  try {
    await readInWorker(file, { ...READ_LIMITS, ...limits })
  } catch (error) {
    if (error instanceof Problem) return `${error.code} ${error.message}`
    throw error
  }
  return 'read'
}

test('a file nested millions of times is refused, whichever step exhausts its stack', async () => {
  const deep = latin1(`\x80\x04N${'\x85'.repeat(3_000_000)}.`)

  assert.match(await refusalOf(deep), /^pickle_too_large .*nested too deeply/)
})

test('a small file that unpacks to gigabytes is refused', async () => {
  const bomb = deflateSync(Buffer.alloc(200_000_000))

  assert.match(await refusalOf(bomb), /^pickle_too_large .*unpacks to more than/)
})

test('a file that needs more memory or time than the limits ends its thread, not the process', async () => {
  const lists = latin1(`\x80\x04(${']'.repeat(3_000_000)}t.`)

  assert.match(await refusalOf(lists, { memoryMb: 32 }), /^pickle_too_large .*32 MB/)
  assert.match(await refusalOf(lists, { timeoutMs: 1 }), /^pickle_too_large .*0\.001 s/)
})
