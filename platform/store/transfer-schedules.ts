import { randomUUID } from 'node:crypto'
import type { Database, Row } from './database.ts'

/** A daily backup of one database. */
export type TransferSchedule = Readonly<{
  id: string
  addonId: string
  /** Config var under which it was scheduled, e.g. `DATABASE_URL`. */
  name: string
  /** Full hour of the day in `timezone`, an IANA name. */
  hour: number
  timezone: string
  lastRunAt: string | null
  createdAt: string
  updatedAt: string
}>

export type NewTransferSchedule = Pick<TransferSchedule, 'addonId' | 'name' | 'hour' | 'timezone'>

export function transferSchedulesTable(db: Database, now: () => string) {
  return {
    /** A second schedule under the same name replaces the first. */
    set(schedule: NewTransferSchedule): TransferSchedule {
      db.run(
        `insert into transfer_schedules (id, addon_id, name, hour, timezone, created_at, updated_at)
          values (?1, ?2, ?3, ?4, ?5, ?6, ?6)
          on conflict (addon_id, name) do update set hour = excluded.hour,
          timezone = excluded.timezone, updated_at = excluded.updated_at`,
        randomUUID(),
        schedule.addonId,
        schedule.name,
        schedule.hour,
        schedule.timezone,
        now(),
      )
      const row = db.get(
        'select * from transfer_schedules where addon_id = ? and name = ?',
        schedule.addonId,
        schedule.name,
      )
      if (row === undefined) throw new Error('the schedule just set is not there')
      return scheduleOf(row)
    },
    list: (): TransferSchedule[] =>
      db.all('select * from transfer_schedules order by created_at').map(scheduleOf),
    ofAddon: (addonId: string): TransferSchedule[] =>
      db
        .all('select * from transfer_schedules where addon_id = ? order by name', addonId)
        .map(scheduleOf),
    ran(id: string): void {
      db.run('update transfer_schedules set last_run_at = ? where id = ?', now(), id)
    },
    remove(id: string): void {
      db.run('delete from transfer_schedules where id = ?', id)
    },
  }
}

const scheduleOf = (row: Row): TransferSchedule => ({
  id: row['id'] as string,
  addonId: row['addon_id'] as string,
  name: row['name'] as string,
  hour: row['hour'] as number,
  timezone: row['timezone'] as string,
  lastRunAt: row['last_run_at'] as string | null,
  createdAt: row['created_at'] as string,
  updatedAt: row['updated_at'] as string,
})
