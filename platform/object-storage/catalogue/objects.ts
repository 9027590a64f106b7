import { json, number, text, type Database, type Row } from './database.ts'

/** A file that holds (a part of) an object. */
export type Segment = Readonly<{ file: string; size: number }>

/** What is kept of an object beside its bytes. */
export type ObjectFacts = Readonly<{
  /** Without quotes; `<md5>-<parts>` for multipart uploads. */
  etag: string
  size: number
  segments: readonly Segment[]
  /** `content-type`, `cache-control`, `x-amz-meta-…`: headers to give back as they came. */
  headers: Readonly<Record<string, string>>
  /** `x-amz-checksum-<name>` → base64. */
  checksums: Readonly<Record<string, string>>
  isPublic: boolean
  modifiedAt: Date
}>

export type StoredObject = ObjectFacts & Readonly<{ key: string }>

export function objectsTable(db: Database) {
  const table = {
    find(bucket: string, key: string): StoredObject | undefined {
      const row = db.get('select * from objects where bucket = ? and key = ?', bucket, key)
      return row && objectOf(row)
    },

    /** Puts an object in the place of the one with its key. @returns files of the one before */
    set(bucket: string, key: string, facts: ObjectFacts): string[] {
      const replaced = table.remove(bucket, key)
      db.run(
        'insert into objects values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        bucket,
        key,
        facts.size,
        facts.etag,
        facts.modifiedAt.getTime(),
        JSON.stringify(facts.segments),
        JSON.stringify(facts.headers),
        JSON.stringify(facts.checksums),
        facts.isPublic ? 1 : 0,
      )
      return replaced
    },

    setPublic(bucket: string, key: string, isPublic: boolean): void {
      const flag = isPublic ? 1 : 0
      db.run('update objects set is_public = ? where bucket = ? and key = ?', flag, bucket, key)
    },

    /** @returns its files, which no one needs any more */
    remove(bucket: string, key: string): string[] {
      const row = db.get(
        'delete from objects where bucket = ? and key = ? returning segments',
        bucket,
        key,
      )
      return row === undefined ? [] : filesOf(row)
    },

    /** Objects from `from` on in the order of their keys' UTF-8 bytes, a page at a time. */
    from(bucket: string, from: string, isAfter: boolean, count: number): StoredObject[] {
      return db
        .all(
          `select * from objects where bucket = ? and key ${isAfter ? '>' : '>='} ?
           order by key limit ?`,
          bucket,
          from,
          count,
        )
        .map(objectOf)
    },

    files: (): string[] => db.all('select segments from objects').flatMap(filesOf),

    filesIn: (bucket: string): string[] =>
      db.all('select segments from objects where bucket = ?', bucket).flatMap(filesOf),
  }
  return table
}

const filesOf = (row: Row): string[] => json<Segment[]>(row['segments']).map(({ file }) => file)

const objectOf = (row: Row): StoredObject => ({
  key: text(row['key']),
  size: number(row['size']),
  etag: text(row['etag']),
  modifiedAt: new Date(number(row['modified_at'])),
  segments: json<Segment[]>(row['segments']),
  headers: json<Record<string, string>>(row['headers']),
  checksums: json<Record<string, string>>(row['checksums']),
  isPublic: row['is_public'] === 1,
})
