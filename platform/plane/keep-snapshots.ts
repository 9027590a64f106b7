import { mkdir, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../store/index.ts'

/** What a snapshot needs of the platform's state. */
export type SnapshotEffects = Readonly<{
  database: Pick<Database, 'copyTo'>
  /** `HOKKU_HOME/backups`. */
  backups: string
  onBug: (error: unknown) => void
}>

/**
 * Copies the platform's state to `backups/state` once an hour, and keeps the copies of a day. The
 * first one is made at once: a platform that is started to look at a problem has it.
 */
export async function keepSnapshots(effects: SnapshotEffects, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await takeSnapshot(effects, new Date()).catch(effects.onBug)
    await sleep(EVERY_MS, undefined, { signal, ref: false }).catch(() => {})
  }
}

const EVERY_MS = 60 * 60_000

/** Makes one snapshot and removes those that are older than a day. */
export async function takeSnapshot(
  { database, backups }: Pick<SnapshotEffects, 'database' | 'backups'>,
  now: Date,
): Promise<void> {
  const folder = join(backups, 'state')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const name = nameOf(now)
  await database.copyTo(join(folder, `.${name}.tmp`))
  await rename(join(folder, `.${name}.tmp`), join(folder, name))
  const oldest = nameOf(new Date(now.getTime() - KEPT_MS))
  const snapshots = (await readdir(folder)).filter((one) => SNAPSHOT.test(one))
  for (const one of snapshots.filter((found) => found < oldest)) await unlink(join(folder, one))
}

const KEPT_MS = 24 * 60 * 60_000

/** `2026-11-20T10-00-00.sqlite`: sorts by age, and no system minds it. */
const nameOf = (at: Date): string => `${at.toISOString().slice(0, 19).replaceAll(':', '-')}.sqlite`

const SNAPSHOT = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.sqlite$/
