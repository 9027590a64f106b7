import type { Database, Row } from './database.ts'

/** Who did what, from where, and what came of it. */
export type AuditEntry = Readonly<{
  at: string
  /** Null for a request without a valid token. */
  email: string | null
  /** What the token is called, e.g. `Heroku CLI login from laptop`. */
  credential: string | null
  address: string
  /** Method and path, without secrets, e.g. `DELETE /apps/shop`. */
  action: string
  /** The app it was about, by the name it had then. */
  app: string | null
  status: number
}>

export type AuditFilter = Readonly<{ app?: string; email?: string; max: number }>

/** The log of what people did. The database itself refuses to change an entry. */
export function auditLog(db: Database, now: () => string) {
  return {
    add(entry: Omit<AuditEntry, 'at'>): void {
      db.run(
        `insert into audit_log (at, email, credential, address, action, app, status)
          values (?, ?, ?, ?, ?, ?, ?)`,
        now(),
        entry.email,
        entry.credential,
        entry.address,
        entry.action,
        entry.app,
        entry.status,
      )
    },
    /** The newest entries that match, oldest first. */
    list: ({ app, email, max }: AuditFilter): AuditEntry[] =>
      db
        .all(
          `select * from audit_log where (?1 is null or app = ?1) and (?2 is null or email = ?2)
            order by id desc limit ?3`,
          app ?? null,
          email ?? null,
          max,
        )
        .map(entryOf)
        .toReversed(),
    /** Removes what is older than the year that is kept. */
    prune: (before: string): number => db.run('delete from audit_log where at < ?', before),
  }
}

const entryOf = (row: Row): AuditEntry => ({
  at: String(row['at']),
  email: textOrNull(row['email']),
  credential: textOrNull(row['credential']),
  address: String(row['address']),
  action: String(row['action']),
  app: textOrNull(row['app']),
  status: Number(row['status']),
})

const textOrNull = (value: Row[string] | undefined): string | null =>
  typeof value === 'string' ? value : null
