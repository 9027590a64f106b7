import type { Credential } from '../authentication.ts'
import { number, text, type Database } from './database.ts'

export type Bucket = Readonly<{
  name: string
  quotaBytes: number
  /** Bytes of all objects and unfinished parts. */
  usedBytes: number
  createdAt: Date
  cors: string | null
}>

export function bucketsTable(db: Database) {
  return {
    find(name: string): Bucket | undefined {
      const row = db.get('select * from buckets where name = ?', name)
      if (row === undefined) return undefined
      return {
        name,
        quotaBytes: number(row['quota_bytes']),
        usedBytes: number(row['used_bytes']),
        createdAt: new Date(number(row['created_at'])),
        cors: row['cors'] as string | null,
      }
    },

    set(name: string, quotaBytes: number): void {
      db.run(
        `insert into buckets (name, quota_bytes, created_at) values (?, ?, ?)
         on conflict do update set quota_bytes = excluded.quota_bytes`,
        name,
        quotaBytes,
        Date.now(),
      )
    },

    setCors(name: string, cors: string | null): void {
      db.run('update buckets set cors = ? where name = ?', cors, name)
    },

    /** With all that it holds, whose files are the caller's to remove. */
    remove(name: string): void {
      db.run('delete from buckets where name = ?', name)
    },

    /** The bucket's only credential from now on. */
    setCredential({ accessKeyId, secretAccessKey, bucket }: Credential): void {
      db.run('delete from credentials where bucket = ?', bucket)
      db.run('insert into credentials values (?, ?, ?)', accessKeyId, secretAccessKey, bucket)
    },

    credential(accessKeyId: string): Credential | undefined {
      const row = db.get('select * from credentials where access_key_id = ?', accessKeyId)
      return (
        row && { accessKeyId, secretAccessKey: text(row['secret']), bucket: text(row['bucket']) }
      )
    },
  }
}
