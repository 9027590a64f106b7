import type { Database, Row } from './database.ts'

/** One start of a dyno, or a slot of the formation that is without one. */
export type DynoRecord = Readonly<{
  id: string
  appId: string
  name: string
  type: string
  /** Place in the formation, from 1; null for one-offs. */
  ordinal: number | null
  command: string
  size: string
  releaseId: string
  releaseVersion: number
  state: 'starting' | 'up' | 'idle' | 'crashed' | 'stopping' | 'down' | 'complete'
  stateSince: string
  stateReason: string | null
  /** False: to be replaced by a new start of the same slot. */
  fresh: boolean
  /** No longer part of the formation: it is drained, stopped and forgotten. */
  retired: boolean
  /** The router sends it requests. */
  serving: boolean
  host: string | null
  port: number | null
  crashes: number
  restartAt: string | null
  cycleAt: string | null
  attached: boolean
  attachUrl: string | null
  deadline: string | null
  exitCode: number | null
  exitSignal: string | null
  exitOom: boolean | null
  createdAt: string
  updatedAt: string
}>

export type NewDyno = Omit<DynoRecord, 'stateSince' | 'createdAt' | 'updatedAt'>
export type DynoChange = Partial<
  Omit<NewDyno, 'id' | 'appId' | 'name' | 'type' | 'ordinal' | 'releaseId' | 'releaseVersion'>
>

export function dynosTable(db: Database, now: () => string) {
  const table = {
    create(dyno: NewDyno): DynoRecord {
      const at = now()
      write(db, { ...dyno, stateSince: at, createdAt: at, updatedAt: at })
      return table.get(dyno.id)
    },
    find(id: string): DynoRecord | undefined {
      const row = db.get('select * from dynos where id = ?', id)
      return row === undefined ? undefined : dynoOf(row)
    },
    get(id: string): DynoRecord {
      const dyno = table.find(id)
      if (dyno === undefined) throw new Error(`dyno ${id} is gone`)
      return dyno
    },
    /** In the order of their starts. */
    list: (appId: string): DynoRecord[] =>
      db.all('select * from dynos where app_id = ? order by created_at, rowid', appId).map(dynoOf),
    all: (): DynoRecord[] => db.all('select * from dynos order by created_at, rowid').map(dynoOf),
    /** Changes a dyno that may be gone meanwhile; a new state starts its own clock. */
    update(id: string, change: DynoChange): DynoRecord | undefined {
      const old = table.find(id)
      if (old === undefined) return undefined
      const at = now()
      const stateSince =
        change.state === undefined || change.state === old.state ? old.stateSince : at
      write(db, { ...old, ...change, stateSince, updatedAt: at })
      return table.find(id)
    },
    remove(id: string): void {
      db.run('delete from dynos where id = ?', id)
    },
  }
  return table
}

/** Column of each field, in the table's order. */
const COLUMNS = {
  id: 'id',
  appId: 'app_id',
  name: 'name',
  type: 'type',
  ordinal: 'ordinal',
  command: 'command',
  size: 'size',
  releaseId: 'release_id',
  releaseVersion: 'release_version',
  state: 'state',
  stateSince: 'state_since',
  stateReason: 'state_reason',
  fresh: 'fresh',
  retired: 'retired',
  serving: 'serving',
  host: 'host',
  port: 'port',
  crashes: 'crashes',
  restartAt: 'restart_at',
  cycleAt: 'cycle_at',
  attached: 'attached',
  attachUrl: 'attach_url',
  deadline: 'deadline',
  exitCode: 'exit_code',
  exitSignal: 'exit_signal',
  exitOom: 'exit_oom',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
} as const satisfies Record<keyof DynoRecord, string>

const FIELDS = Object.keys(COLUMNS) as (keyof DynoRecord)[]
const FLAGS: ReadonlySet<keyof DynoRecord> = new Set([
  'fresh',
  'retired',
  'serving',
  'attached',
  'exitOom',
])

const WRITE = `insert into dynos (${Object.values(COLUMNS).join(', ')})
  values (${FIELDS.map(() => '?').join(', ')})
  on conflict (id) do update set ${Object.values(COLUMNS)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`

function write(db: Database, dyno: DynoRecord): void {
  const values = FIELDS.map((field) => {
    const value = dyno[field]
    return typeof value === 'boolean' ? Number(value) : value
  })
  db.run(WRITE, ...values)
}

function dynoOf(row: Row): DynoRecord {
  const fields = FIELDS.map((field) => {
    const value = row[COLUMNS[field]]
    return [field, FLAGS.has(field) && value !== null ? value === 1 : value]
  })
  return Object.fromEntries(fields) as DynoRecord
}
