import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store, Transfer } from '../../store/index.ts'

/** Where the dump of a backup lies. */
export const backupFile = (folder: string, transfer: Pick<Transfer, 'appId' | 'id'>): string =>
  join(folder, transfer.appId, `${transfer.id}.dump`)

/** Kept of each app: backups by hand, and one a day for a week of the scheduled ones. */
const KEEP = { manual: 20, scheduled: 7 }

/** Succeeded backups that are beyond what is kept, oldest first. */
export function expiredBackups(transfers: readonly Transfer[]): Transfer[] {
  const good = transfers.filter(({ kind, succeeded }) => kind === 'backup' && succeeded)
  const manual = good.filter(({ scheduleId }) => scheduleId === null)
  const bySchedule = Map.groupBy(
    good.filter(({ scheduleId }) => scheduleId !== null),
    ({ scheduleId }) => scheduleId,
  )
  const excess = (list: readonly Transfer[], keep: number) =>
    list.toSorted((a, b) => a.num - b.num).slice(0, Math.max(0, list.length - keep))
  return [
    ...excess(manual, KEEP.manual),
    ...[...bySchedule.values()].flatMap((list) => excess(list, KEEP.scheduled)),
  ]
}

/** Removes a backup's record first and its file then: a file without a record is only litter. */
export async function removeBackup(
  transfer: Transfer,
  folder: string,
  store: Store,
): Promise<void> {
  store.transfers.remove(transfer.id)
  await rm(backupFile(folder, transfer), { force: true })
}
