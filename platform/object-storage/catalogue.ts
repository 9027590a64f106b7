import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { Credential } from './authentication.ts'

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
}>

export type StoredObject = ObjectFacts & Readonly<{ key: string; modifiedAt: Date }>

export type Upload = Readonly<{
  id: string
  key: string
  startedAt: Date
  headers: Readonly<Record<string, string>>
  isPublic: boolean
  /** Checksum the client said it would send with each part. */
  checksum: string | null
}>

export type Part = Readonly<{
  number: number
  etag: string
  size: number
  file: string
  checksums: Readonly<Record<string, string>>
  modifiedAt: Date
}>

export type Bucket = Readonly<{
  name: string
  quotaBytes: number
  createdAt: Date
  cors: string | null
}>

type Row = Record<string, null | number | bigint | string | Uint8Array>

/**
 * Which file is which object: one SQLite database. An object is there once its row is committed, so
 * a crash leaves at most a file that nothing names, and a reader sees the old object or the new.
 */
export class Catalogue {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    this.#db = new DatabaseSync(join(directory, 'catalogue.sqlite'), { timeout: 5000 })
    this.#db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    this.#db.exec(SCHEMA)
  }

  /** All writes of `work` are on disk when this returns, or none. */
  transaction<T>(work: () => T): T {
    this.#db.exec('begin immediate')
    try {
      const result = work()
      this.#db.exec('commit')
      return result
    } catch (error) {
      this.#db.exec('rollback')
      throw error
    }
  }

  bucket(name: string): Bucket | undefined {
    const row = this.#get('select * from buckets where name = ?', name)
    if (row === undefined) return undefined
    return {
      name,
      quotaBytes: row['quota_bytes'] as number,
      createdAt: new Date(row['created_at'] as number),
      cors: row['cors'] as string | null,
    }
  }

  setBucket(name: string, quotaBytes: number): void {
    this.#run(
      `insert into buckets (name, quota_bytes, created_at) values (?, ?, ?)
       on conflict do update set quota_bytes = excluded.quota_bytes`,
      name,
      quotaBytes,
      Date.now(),
    )
  }

  setCors(name: string, cors: string | null): void {
    this.#run('update buckets set cors = ? where name = ?', cors, name)
  }

  /** @returns the files that nobody needs any more */
  removeBucket(name: string): string[] {
    const files = this.#all('select segments from objects where bucket = ?', name).flatMap((row) =>
      filesOf(row['segments']),
    )
    const parts = this.#all(
      'select file from parts join uploads on uploads.id = upload where bucket = ?',
      name,
    ).map((row) => row['file'] as string)
    this.#run('delete from buckets where name = ?', name)
    return [...files, ...parts]
  }

  /** The bucket's only credential from now on. */
  setCredential({ accessKeyId, secretAccessKey, bucket }: Credential): void {
    this.#run('delete from credentials where bucket = ?', bucket)
    this.#run('insert into credentials values (?, ?, ?)', accessKeyId, secretAccessKey, bucket)
  }

  credential(accessKeyId: string): Credential | undefined {
    const row = this.#get('select * from credentials where access_key_id = ?', accessKeyId)
    return row && { accessKeyId, secretAccessKey: text(row['secret']), bucket: text(row['bucket']) }
  }

  /** Bytes of all objects and unfinished parts. */
  usedBytes(bucket: string): number {
    const row = this.#get('select used_bytes from buckets where name = ?', bucket)
    return (row?.['used_bytes'] as number | undefined) ?? 0
  }

  object(bucket: string, key: string): StoredObject | undefined {
    const row = this.#get('select * from objects where bucket = ? and key = ?', bucket, key)
    return row && objectFrom(row)
  }

  /** Puts an object in the place of whatever has its key. @returns files of the one before */
  setObject(bucket: string, key: string, facts: ObjectFacts): string[] {
    const replaced = this.removeObject(bucket, key)
    this.#run(
      'insert into objects values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      bucket,
      key,
      facts.size,
      facts.etag,
      Date.now(),
      JSON.stringify(facts.segments),
      JSON.stringify(facts.headers),
      JSON.stringify(facts.checksums),
      facts.isPublic ? 1 : 0,
    )
    return replaced
  }

  setPublic(bucket: string, key: string, isPublic: boolean): void {
    this.#run(
      'update objects set is_public = ? where bucket = ? and key = ?',
      isPublic ? 1 : 0,
      bucket,
      key,
    )
  }

  removeObject(bucket: string, key: string): string[] {
    const row = this.#get(
      'delete from objects where bucket = ? and key = ? returning segments',
      bucket,
      key,
    )
    return row === undefined ? [] : filesOf(row['segments'])
  }

  /** Objects from `from` on in the order of their keys' UTF-8 bytes, a page at a time. */
  objectsFrom(bucket: string, from: string, isAfter: boolean, count: number): StoredObject[] {
    return this.#all(
      `select * from objects where bucket = ? and key ${isAfter ? '>' : '>='} ?
       order by key limit ?`,
      bucket,
      from,
      count,
    ).map(objectFrom)
  }

  addUpload(bucket: string, upload: Upload): void {
    this.#run(
      'insert into uploads values (?, ?, ?, ?, ?, ?, ?)',
      upload.id,
      bucket,
      upload.key,
      upload.startedAt.getTime(),
      JSON.stringify(upload.headers),
      upload.isPublic ? 1 : 0,
      upload.checksum,
    )
  }

  upload(bucket: string, key: string, id: string): Upload | undefined {
    const row = this.#get(
      'select * from uploads where id = ? and bucket = ? and key = ?',
      id,
      bucket,
      key,
    )
    return row && uploadFrom(row)
  }

  uploads(bucket: string): Upload[] {
    return this.#all('select * from uploads where bucket = ? order by key, started_at', bucket).map(
      uploadFrom,
    )
  }

  /** Uploads that nobody has gone on with since. */
  uploadsBefore(time: Date): { bucket: string; upload: Upload }[] {
    return this.#all('select * from uploads where started_at < ?', time.getTime()).map((row) => ({
      bucket: text(row['bucket']),
      upload: uploadFrom(row),
    }))
  }

  /** Forgets an upload with its parts. @returns their files */
  removeUpload(id: string): string[] {
    const files = this.parts(id).map(({ file }) => file)
    this.#run('delete from parts where upload = ?', id)
    this.#run('delete from uploads where id = ?', id)
    return files
  }

  /** @returns the file of the part that had the number before */
  setPart(upload: string, part: Part): string[] {
    const before = this.#get(
      'delete from parts where upload = ? and number = ? returning file',
      upload,
      part.number,
    )
    this.#run(
      'insert into parts values (?, ?, ?, ?, ?, ?, ?)',
      upload,
      part.number,
      part.etag,
      part.size,
      part.file,
      JSON.stringify(part.checksums),
      part.modifiedAt.getTime(),
    )
    return before === undefined ? [] : [text(before['file'])]
  }

  parts(upload: string): Part[] {
    return this.#all('select * from parts where upload = ? order by number', upload).map((row) => ({
      number: row['number'] as number,
      etag: text(row['etag']),
      size: row['size'] as number,
      file: text(row['file']),
      checksums: JSON.parse(text(row['checksums'])) as Record<string, string>,
      modifiedAt: new Date(row['modified_at'] as number),
    }))
  }

  /** Every file that an object or a part is in. */
  files(): Set<string> {
    const objects = this.#all('select segments from objects').flatMap((r) => filesOf(r['segments']))
    const parts = this.#all('select file from parts').map((row) => text(row['file']))
    return new Set([...objects, ...parts])
  }

  close(): void {
    this.#db.close()
  }

  #get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined
  }

  #all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[]
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepare(sql).run(...values)
  }

  #prepare(sql: string): StatementSync {
    const statement = this.#statements.get(sql) ?? this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}

const text = (value: Row[string] | undefined): string => value as string

const filesOf = (segments: Row[string] | undefined): string[] =>
  (JSON.parse(text(segments)) as Segment[]).map(({ file }) => file)

const objectFrom = (row: Row): StoredObject => ({
  key: text(row['key']),
  size: row['size'] as number,
  etag: text(row['etag']),
  modifiedAt: new Date(row['modified_at'] as number),
  segments: JSON.parse(text(row['segments'])) as Segment[],
  headers: JSON.parse(text(row['headers'])) as Record<string, string>,
  checksums: JSON.parse(text(row['checksums'])) as Record<string, string>,
  isPublic: row['is_public'] === 1,
})

const uploadFrom = (row: Row): Upload => ({
  id: text(row['id']),
  key: text(row['key']),
  startedAt: new Date(row['started_at'] as number),
  headers: JSON.parse(text(row['headers'])) as Record<string, string>,
  isPublic: row['is_public'] === 1,
  checksum: row['checksum'] as string | null,
})

/** The sum per bucket is kept by triggers: quotas are asked for with every write. */
const SCHEMA = `
create table if not exists buckets (
  name text primary key,
  quota_bytes integer not null,
  used_bytes integer not null default 0,
  created_at integer not null,
  cors text
) strict;
create table if not exists credentials (
  access_key_id text primary key,
  secret text not null,
  bucket text not null references buckets on delete cascade
) strict;
create table if not exists objects (
  bucket text not null references buckets on delete cascade,
  key text not null,
  size integer not null,
  etag text not null,
  modified_at integer not null,
  segments text not null,
  headers text not null,
  checksums text not null,
  is_public integer not null,
  primary key (bucket, key)
) strict, without rowid;
create table if not exists uploads (
  id text primary key,
  bucket text not null references buckets on delete cascade,
  key text not null,
  started_at integer not null,
  headers text not null,
  is_public integer not null,
  checksum text
) strict;
create table if not exists parts (
  upload text not null references uploads on delete cascade,
  number integer not null,
  etag text not null,
  size integer not null,
  file text not null,
  checksums text not null,
  modified_at integer not null,
  primary key (upload, number)
) strict;
create trigger if not exists object_added after insert on objects begin
  update buckets set used_bytes = used_bytes + new.size where name = new.bucket;
end;
create trigger if not exists object_removed after delete on objects begin
  update buckets set used_bytes = used_bytes - old.size where name = old.bucket;
end;
create trigger if not exists part_added after insert on parts begin
  update buckets set used_bytes = used_bytes + new.size
  where name = (select bucket from uploads where id = new.upload);
end;
create trigger if not exists part_removed after delete on parts begin
  update buckets set used_bytes = used_bytes - old.size
  where name = (select bucket from uploads where id = old.upload);
end;
`
