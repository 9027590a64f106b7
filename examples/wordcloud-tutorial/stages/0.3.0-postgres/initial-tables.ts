import { database } from './database.ts'

await database.query('drop table if exists file_upload_meta')
await database.query(`create table file_upload_meta (
  document_name text not null,
  document_slug text not null,
  time_uploaded timestamptz not null default clock_timestamp(),
  s3_key text not null,
  filename text not null,
  word_counts json,
  primary key (document_slug, time_uploaded)
)`)
await database.end()
console.log('The table file_upload_meta is there, and empty.')
