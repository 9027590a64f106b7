import { mkdirSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { syncDirectory } from '@hokku/kit/disk'
import { SCHEMA } from './schema.ts'
import { SharedSync } from './shared-sync.ts'

export type Row = Record<string, null | number | bigint | string | Uint8Array>

/**
 * Called when the disk has failed to keep a committed write. What we then read is no longer what is on
 * disk, so nothing may continue: only a new process sees the truth.
 */
export type OnLost = (error: unknown) => never

/** One SQLite file whose writes are answered when they are on disk. */
export class Database {
  readonly #db: DatabaseSync
  readonly #log: FileHandle
  readonly #sync: SharedSync
  readonly #onLost: OnLost
  readonly #statements = new Map<string, StatementSync>()

  private constructor(db: DatabaseSync, log: FileHandle, onLost: OnLost) {
    this.#db = db
    this.#log = log
    this.#sync = new SharedSync(() => log.datasync())
    this.#onLost = onLost
  }

  static async open(directory: string, onLost: OnLost): Promise<Database> {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const file = join(directory, 'catalogue.sqlite')
    const db = new DatabaseSync(file, { timeout: 5000 })
    // SQLite would sync at every commit while everyone waits. At `normal` it still keeps the order
    // that makes the file whole after a crash, and `transaction` syncs the log, aside and shared.
    db.exec('pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on')
    db.exec(SCHEMA)
    const log = await open(`${file}-wal`, 'r')
    await syncDirectory(directory)
    return new Database(db, log, onLost)
  }

  /**
   * All writes of `work` are on disk when this resolves, or none. Others see them a little earlier.
   */
  async transaction<T>(work: () => T): Promise<T> {
    this.#db.exec('begin immediate')
    let result: T
    try {
      result = work()
      this.#db.exec('commit')
    } catch (error) {
      this.#db.exec('rollback')
      throw error
    }
    await this.#sync.done().catch(this.#onLost)
    return result
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[]
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepare(sql).run(...values)
  }

  async close(): Promise<void> {
    await this.#log.close()
    this.#db.close()
  }

  #prepare(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

export const text = (value: Row[string] | undefined): string => value as string
export const number = (value: Row[string] | undefined): number => value as number
export const json = <T>(value: Row[string] | undefined): T => JSON.parse(text(value)) as T
