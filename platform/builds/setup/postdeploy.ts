import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { join } from 'node:path'
import type { Dynos } from '../../dynos/index.ts'
import type { App, Home, Release } from '../../store/index.ts'
import type { PushText } from '../push-text.ts'

/**
 * Runs the manifest's postdeploy script, once, after the first deploy. Its failure is printed and
 * changes nothing: the release is out.
 */
export async function runPostdeploy(
  command: string,
  at: Readonly<{ app: App; release: Release; text: PushText; write: (bytes: Uint8Array) => void }>,
  { dynos, home }: Readonly<{ dynos: Pick<Dynos, 'run'>; home: Home }>,
): Promise<void> {
  at.text.line()
  at.text.line('Running postdeploy script...')
  const outputFile = join(home.builds, `postdeploy-${randomUUID()}`)
  try {
    const { exit } = await dynos.run({
      app: at.app,
      release: at.release,
      kind: 'postdeploy',
      command,
      size: null,
      env: {},
      attach: null,
      outputFile,
      timeoutMs: POSTDEPLOY_MS_MAX,
    })
    await copyUntil(exit, outputFile, at.write)
    const { code } = await exit
    if (code !== 0) at.text.warn(`The postdeploy script ended with ${code ?? 'a signal'}.`)
  } finally {
    await rm(outputFile, { force: true })
  }
}

/** As for the release phase: one hour. */
const POSTDEPLOY_MS_MAX = 60 * 60_000

/** Passes on what a file gains until `ended`. */
async function copyUntil(
  ended: Promise<unknown>,
  file: string,
  write: (bytes: Uint8Array) => void,
): Promise<void> {
  let over = false
  const end = ended.then(
    () => (over = true),
    () => (over = true),
  )
  let at = 0
  for (let last = false; !last;) {
    last = over
    const bytes = await readFrom(file, at)
    at += bytes.length
    if (bytes.length > 0) write(bytes)
    else if (!last) await Promise.race([end, wait(POLL_MS)])
  }
}

const POLL_MS = 200

async function readFrom(file: string, position: number): Promise<Buffer> {
  const handle = await open(file, 'r').catch(() => null)
  if (handle === null) return Buffer.alloc(0)
  try {
    const { size } = await handle.stat()
    const buffer = Buffer.alloc(Math.min(size - position, READ_BYTES_MAX))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

const READ_BYTES_MAX = 1024 * 1024
