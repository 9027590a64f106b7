import { open, type FileHandle } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from '@hokku/kit/error-code'

/**
 * The bytes of a file that someone is still writing: all so far, then what follows, until `done`
 * resolves and everything has been read. A file that does not exist yet counts as empty.
 *
 * @param done undefined when the writer is done
 */
export async function* followFile(
  path: string,
  done: Promise<unknown> | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let finished = done === undefined
  void done?.then(() => (finished = true))
  let offset = 0
  while (!signal.aborted) {
    // Asked before reading: what was written before the end is read after it.
    const last = finished
    for await (const chunk of readFrom(path, offset)) {
      offset += chunk.length
      yield chunk
    }
    if (last) return
    await Promise.race([sleep(POLL_MS, undefined, { signal }).catch(() => {}), done])
  }
}

/** Only while someone watches; a release phase lasts seconds. */
const POLL_MS = 100
const CHUNK_BYTES = 64 * 1024

async function* readFrom(path: string, offset: number): AsyncGenerator<Uint8Array> {
  const file = await openIfThere(path)
  if (file === undefined) return
  try {
    let position = offset
    while (true) {
      const { bytesRead, buffer } = await file.read(
        Buffer.alloc(CHUNK_BYTES),
        0,
        CHUNK_BYTES,
        position,
      )
      if (bytesRead === 0) return
      position += bytesRead
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
