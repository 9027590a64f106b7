import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { backup, DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { problem } from './problems.ts'
import { explainSqlite } from './sqlite-failure.ts'

/** A row as SQLite gives it; each table family turns it into our own type. */
export type Row = Record<string, null | number | bigint | string | Uint8Array>

/** A row that was added, changed or taken away. */
export type RowChange = Readonly<{
  table: string
  kind: 'create' | 'update' | 'destroy'
  row: unknown
}>

/**
 * The platform's own state: one SQLite file that needs nothing the platform itself runs.
 *
 * All calls are synchronous: a statement costs microseconds, a commit one fsync, and no one can
 * come between the statements of a transaction.
 */
export class Database {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  #depth = 0
  #afterCommit: (() => void)[] = []
  #changes: RowChange[] = []
  #follower: ((changes: readonly RowChange[]) => void) | undefined

  /**
   * Opens the file, or makes it, and migrates it. A file of an older version is copied first.
   *
   * @throws Problem `state_corrupt` for a file that is not a database of the platform's, `disk_full`,
   * `disk_failing`, `disk_read_only`
   */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    try {
      // SQLite gives its other files the permissions of this one.
      closeSync(openSync(path, 'a', 0o600))
      chmodSync(path, 0o600)
      this.#db = new DatabaseSync(path, { timeout: LOCK_WAIT_MS })
      this.#db.exec('pragma journal_mode = wal; pragma synchronous = full')
      this.#db.exec('pragma foreign_keys = on')
      this.#migrate(path)
    } catch (error) {
      throw explainSqlite(error) ?? stateUnreadable(path, error)
    }
  }

  /** Copies the whole database to a new file, while it is in use. The file appears at the end. */
  async copyTo(path: string): Promise<void> {
    await backup(this.#db, path)
    chmodSync(path, 0o600)
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[]
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined
  }

  /** @returns how many rows changed */
  run(sql: string, ...values: SQLInputValue[]): number {
    try {
      return Number(this.#prepare(sql).run(...values).changes)
    } catch (error) {
      throw explainSqlite(error) ?? error
    }
  }

  /** Runs `work` so that all of its writes are on disk when this returns, or none. Nests. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work()
    const result = this.#attempt(work)
    const followers = this.#afterCommit
    this.#afterCommit = []
    for (const follow of followers) follow()
    return result
  }

  /**
   * Calls `follower` with the changed rows at the end of each transaction, before it is committed: what it
   * writes is kept or lost together with them.
   */
  followChanges(follower: (changes: readonly RowChange[]) => void): void {
    this.#follower = follower
  }

  /** Notes a change for the follower. Tables call it. */
  changed(change: RowChange): void {
    if (this.#follower === undefined) return
    if (this.#depth === 0) return this.transaction(() => this.changed(change))
    this.#changes.push(change)
  }

  #tellFollower(): void {
    const changes = this.#changes
    this.#changes = []
    if (changes.length > 0) this.#follower?.(changes)
    // What the follower itself has written is no news.
    this.#changes = []
  }

  #attempt<T>(work: () => T): T {
    this.#depth++
    try {
      this.#db.exec('begin immediate')
      const result = work()
      this.#tellFollower()
      this.#db.exec('commit')
      return result
    } catch (error) {
      this.#afterCommit = []
      this.#changes = []
      this.#rollBack()
      throw explainSqlite(error) ?? error
    } finally {
      this.#depth--
    }
  }

  /** After some failures, e.g. a full disk, SQLite has rolled back by itself. */
  #rollBack(): void {
    if (this.#db.isTransaction) this.#db.exec('rollback')
  }

  /** Runs `follow` once the surrounding transaction is on disk; at once if there is none. */
  afterCommit(follow: () => void): void {
    if (this.#depth === 0) follow()
    else this.#afterCommit.push(follow)
  }

  close(): void {
    this.#db.close()
  }

  #prepare(sql: string) {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  #migrate(path: string): void {
    this.#db.exec('create table if not exists migrations (name text primary key) strict')
    const applied = new Set(this.all('select name from migrations').map((row) => row['name']))
    const directory = join(import.meta.dirname, 'migrations')
    const files = readdirSync(directory).filter((file) => file.endsWith('.sql'))
    const missing = files.toSorted().filter((name) => !applied.has(name))
    if (applied.size > 0 && missing.length > 0) this.#keepOlder(path, applied.size)
    for (const file of missing) {
      this.transaction(() => {
        this.#db.exec(readFileSync(join(directory, file), 'utf8'))
        this.run('insert into migrations (name) values (?)', file)
      })
    }
  }

  /** Copies a database before it is migrated: an older version of hokku cannot open it then. */
  #keepOlder(path: string, version: number): void {
    const copy = join(dirname(path), 'backups/state', `before-migration-${version}.sqlite`)
    mkdirSync(dirname(copy), { recursive: true, mode: 0o700 })
    rmSync(copy, { force: true })
    this.run('vacuum into ?', copy)
    chmodSync(copy, 0o600)
  }
}

/** What to do when there is no better word for it. */
const stateUnreadable = (path: string, cause: unknown) =>
  problem('state_corrupt', `The platform's state at ${path} cannot be read.`, {
    cause,
    hint: `Move the file away and put the newest copy in its place: ls ${dirname(path)}/backups/state`,
  })

/** How long to wait for another process (a backup, say) that holds the database. */
const LOCK_WAIT_MS = 5000
