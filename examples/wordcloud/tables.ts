import type { Database } from './database.ts'

/** Makes what is missing and changes nothing that is there. */
export async function createTables(database: Database): Promise<void> {
  for (const statement of TABLES) await database.query(statement)
}

/** `file_upload_meta` is the tutorial's table, readable as it was. */
const TABLES = [
  `create table if not exists documents (
    id bigint generated always as identity primary key,
    name text not null,
    slug text not null unique,
    created_at timestamptz not null default now()
  )`,
  `create table if not exists versions (
    id uuid primary key,
    document_id bigint not null references documents on delete cascade,
    n integer not null,
    time_uploaded timestamptz not null default clock_timestamp(),
    filename text not null,
    s3_key text not null,
    bytes bigint,
    etag text,
    status text not null check (status in ('uploading', 'queued', 'counting', 'done', 'failed')),
    attempt integer not null default 0,
    lease_until timestamptz,
    queued_at timestamptz,
    started_at timestamptz,
    counted_at timestamptz,
    done_bytes bigint not null default 0,
    error text,
    total_words bigint,
    distinct_words bigint,
    approximate boolean not null default false,
    unreadable bigint not null default 0,
    revision bigint not null default 0,
    word_counts json,
    unique (document_id, n)
  )`,
  `create index if not exists versions_unfinished on versions (status)
    where status in ('queued', 'counting', 'uploading')`,
  `create table if not exists outbox (
    id bigint generated always as identity primary key,
    version_id uuid not null references versions on delete cascade,
    payload text not null,
    created_at timestamptz not null default now(),
    published_at timestamptz
  )`,
  `create index if not exists outbox_waiting on outbox (id) where published_at is null`,
  // The table itself, where the tutorial has made one, is left as it is.
  `do $$ begin
    if not exists (select from pg_class where relname = 'file_upload_meta' and relkind = 'r') then
      create or replace view file_upload_meta as
        select documents.name as document_name, documents.slug as document_slug, time_uploaded,
          s3_key, filename, word_counts
        from versions join documents on documents.id = document_id;
    end if;
  end $$`,
]
