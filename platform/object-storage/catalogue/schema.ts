/** The sum per bucket is kept by triggers: quotas are asked for with every write. */
export const SCHEMA = `
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
  checksum text -- {"name", "type"}
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
create table if not exists finished_uploads (
  id text primary key,
  bucket text not null references buckets on delete cascade,
  key text not null,
  etag text not null,
  checksums text not null,
  finished_at integer not null
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
