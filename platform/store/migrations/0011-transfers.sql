-- Backups, restores and copies of databases. Backups outlive their database.
create table transfers (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  addon_id text references addons (id) on delete set null,
  -- Counts up within the app, over all kinds: b001, r002, …
  num integer not null,
  kind text not null check (kind in ('backup', 'restore', 'copy')),
  schedule_id text,
  from_name text not null,
  to_name text not null,
  started_at text,
  finished_at text,
  canceled_at text,
  succeeded integer not null default 0,
  warnings integer not null default 0,
  processed_bytes integer not null default 0,
  source_bytes integer not null default 0,
  -- Of the finished dump file, to find out before a restore that it is still the same.
  sha256 text,
  created_at text not null,
  updated_at text not null,
  unique (app_id, num)
) strict;

create table transfer_logs (
  transfer_id text not null references transfers (id) on delete cascade,
  created_at text not null,
  message text not null
) strict;

create index transfer_logs_by_transfer on transfer_logs (transfer_id);

create table transfer_schedules (
  id text primary key,
  addon_id text not null references addons (id) on delete cascade,
  -- The config var under which it was scheduled, e.g. DATABASE_URL.
  name text not null,
  hour integer not null,
  timezone text not null,
  last_run_at text,
  created_at text not null,
  updated_at text not null,
  unique (addon_id, name)
) strict;
