import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'

/** Two hundred megabytes on a slow line. */
const DOWNLOAD_MS_MAX = 10 * 60_000

/** A separate program, since buildpacks do one thing after the other: ADDRESS SHA512 FILE. */
const [address = '', sha512 = '', file = ''] = process.argv.slice(2)
try {
  const answer = await fetch(address, { signal: AbortSignal.timeout(DOWNLOAD_MS_MAX) })
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
  const bytes = new Uint8Array(await answer.arrayBuffer())
  if (createHash('sha512').update(bytes).digest('hex') !== sha512) {
    throw new Error('it has another content than expected')
  }
  writeFileSync(file, bytes)
} catch (error) {
  const reason = error instanceof Error ? error : new Error(String(error))
  const cause = reason.cause instanceof Error ? `: ${reason.cause.message}` : ''
  console.log(` !     ${reason.message}${cause}`)
  process.exitCode = 1
}
