import { open } from 'node:fs/promises'
import { problem } from '../../store/index.ts'

/**
 * Fetches a dump from an address that a user gave.
 *
 * @throws Problem `invalid_params` for an answer that is none, or too large
 */
export async function downloadDump(
  url: string,
  file: string,
  effects: Readonly<{ signal: AbortSignal; progress: (bytes: number) => void }>,
): Promise<number> {
  const signal = AbortSignal.any([effects.signal, AbortSignal.timeout(DOWNLOAD_MS_MAX)])
  const response = await fetch(url, { signal, redirect: 'follow' })
  if (!response.ok || response.body === null) {
    throw problem('invalid_params', `The address answered ${response.status}, not a backup.`)
  }
  const target = await open(file, 'wx', 0o600)
  let bytes = 0
  try {
    for await (const chunk of response.body) {
      bytes += chunk.length
      if (bytes > DOWNLOAD_BYTES_MAX) {
        throw problem('invalid_params', 'The backup is larger than 50 GB.')
      }
      await target.writeFile(chunk)
      effects.progress(bytes)
    }
    await target.sync()
  } finally {
    await target.close()
  }
  return bytes
}

/** More than a database of a machine of one's own has; keeps a wrong address from filling the disk. */
const DOWNLOAD_BYTES_MAX = 50 * 1024 ** 3
const DOWNLOAD_MS_MAX = 6 * 60 * 60_000
