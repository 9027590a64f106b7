import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { problem } from './problems.ts'

/** A row as SQLite gives it; each table family turns it into a type of ours. */
export type Row = Record<string, null | number | bigint | string | Uint8Array>

/**
 * The platform's own state: one SQLite file that needs nothing the platform itself runs.
 *
 * All calls are synchronous: a statement costs microseconds, a commit one fsync, and nobody can
 * come between the statements of a transaction.
 */
export class Database {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  #depth = 0
  #afterCommit: (() => void)[] = []

  /** @throws Problem `state_corrupt` if the file is no database of ours */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    try {
      this.#db = new DatabaseSync(path, { timeout: LOCK_WAIT_MS })
      this.#db.exec('pragma journal_mode = wal; pragma synchronous = full')
      this.#db.exec('pragma foreign_keys = on')
      this.#migrate()
    } catch (error) {
      throw problem('state_corrupt', `The platform's state at ${path} cannot be read.`, {
        cause: error,
        hint: `Move the file away and restore it with: hokku restore <backup>`,
      })
    }
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[]
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined
  }

  /** @returns how many rows changed */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes)
  }

  /** Runs `work` so that all of its writes are on disk when this returns, or none. Nests. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work()
    this.#db.exec('begin immediate')
    this.#depth++
    try {
      const result = work()
      this.#db.exec('commit')
      this.#depth--
      const followers = this.#afterCommit
      this.#afterCommit = []
      for (const follow of followers) follow()
      return result
    } catch (error) {
      if (this.#depth > 0) {
        this.#depth--
        this.#afterCommit = []
        this.#db.exec('rollback')
      }
      throw error
    }
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

  #migrate(): void {
    this.#db.exec('create table if not exists migrations (name text primary key) strict')
    const applied = new Set(this.all('select name from migrations').map((row) => row['name']))
    const directory = join(import.meta.dirname, 'migrations')
    const files = readdirSync(directory).filter((file) => file.endsWith('.sql'))
    for (const file of files.toSorted().filter((name) => !applied.has(name))) {
      this.transaction(() => {
        this.#db.exec(readFileSync(join(directory, file), 'utf8'))
        this.run('insert into migrations (name) values (?)', file)
      })
    }
  }
}

/** How long to wait for another process (a backup, say) that holds the database. */
const LOCK_WAIT_MS = 5000
