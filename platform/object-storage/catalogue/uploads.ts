import type { ChecksumName } from '../checksum.ts'
import { json, number, text, type Database, type Row } from './database.ts'

/** A multipart upload that no one has completed yet. */
export type Upload = Readonly<{
  id: string
  key: string
  startedAt: Date
  headers: Readonly<Record<string, string>>
  isPublic: boolean
  /** What the client wants to know of the whole in the end. */
  checksum: UploadChecksum | undefined
}>

/** Of all bytes, or of the parts' checksums one after the other. */
export type UploadChecksum = Readonly<{ name: ChecksumName; type: 'FULL_OBJECT' | 'COMPOSITE' }>

export type Part = Readonly<{
  number: number
  etag: string
  size: number
  file: string
  checksums: Readonly<Record<string, string>>
  modifiedAt: Date
}>

/** What an upload became. */
export type FinishedUpload = Readonly<{
  id: string
  etag: string
  checksums: Readonly<Record<string, string>>
}>

/** A day: no client tries longer. */
const REMEMBERED_MS = 24 * 60 * 60_000

export function uploadsTable(db: Database) {
  const table = {
    add(bucket: string, upload: Upload): void {
      db.run(
        'insert into uploads values (?, ?, ?, ?, ?, ?, ?)',
        upload.id,
        bucket,
        upload.key,
        upload.startedAt.getTime(),
        JSON.stringify(upload.headers),
        upload.isPublic ? 1 : 0,
        upload.checksum === undefined ? null : JSON.stringify(upload.checksum),
      )
    },

    find(bucket: string, key: string, id: string): Upload | undefined {
      const row = db.get(
        'select * from uploads where id = ? and bucket = ? and key = ?',
        id,
        bucket,
        key,
      )
      return row && uploadOf(row)
    },

    list: (bucket: string): Upload[] =>
      db.all('select * from uploads where bucket = ? order by key, id', bucket).map(uploadOf),

    /** Uploads that were begun before, of all buckets. */
    before: (time: Date): Upload[] =>
      db.all('select * from uploads where started_at < ?', time.getTime()).map(uploadOf),

    /** Forgets an upload with its parts. @returns their files */
    remove(id: string): string[] {
      const files = table.parts(id).map(({ file }) => file)
      db.run('delete from parts where upload = ?', id)
      db.run('delete from uploads where id = ?', id)
      return files
    },

    /** Remembers how an upload ended, for clients that did not get the answer. */
    finish(bucket: string, key: string, finished: FinishedUpload, at: Date): void {
      db.run('delete from finished_uploads where finished_at < ?', at.getTime() - REMEMBERED_MS)
      db.run(
        'insert into finished_uploads values (?, ?, ?, ?, ?, ?)',
        finished.id,
        bucket,
        key,
        finished.etag,
        JSON.stringify(finished.checksums),
        at.getTime(),
      )
    },

    finished(bucket: string, key: string, id: string): FinishedUpload | undefined {
      const row = db.get(
        'select * from finished_uploads where id = ? and bucket = ? and key = ?',
        id,
        bucket,
        key,
      )
      return (
        row && {
          id,
          etag: text(row['etag']),
          checksums: json<Record<string, string>>(row['checksums']),
        }
      )
    },

    /** @returns the file of the part that had the number before */
    setPart(upload: string, part: Part): string[] {
      const before = db.get(
        'delete from parts where upload = ? and number = ? returning file',
        upload,
        part.number,
      )
      db.run(
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
    },

    parts: (upload: string): Part[] =>
      db.all('select * from parts where upload = ? order by number', upload).map(partOf),

    files: (): string[] => db.all('select file from parts').map((row) => text(row['file'])),

    filesIn: (bucket: string): string[] =>
      db
        .all('select file from parts join uploads on uploads.id = upload where bucket = ?', bucket)
        .map((row) => text(row['file'])),
  }
  return table
}

const uploadOf = (row: Row): Upload => ({
  id: text(row['id']),
  key: text(row['key']),
  startedAt: new Date(number(row['started_at'])),
  headers: json<Record<string, string>>(row['headers']),
  isPublic: row['is_public'] === 1,
  checksum: row['checksum'] === null ? undefined : json<UploadChecksum>(row['checksum']),
})

const partOf = (row: Row): Part => ({
  number: number(row['number']),
  etag: text(row['etag']),
  size: number(row['size']),
  file: text(row['file']),
  checksums: json<Record<string, string>>(row['checksums']),
  modifiedAt: new Date(number(row['modified_at'])),
})
