create table apps (
  id text primary key,
  name text not null unique,
  owner_id text not null references accounts (id),
  stack text not null default 'heroku-24',
  maintenance integer not null default 0,
  repo_size integer,
  slug_size integer,
  created_at text not null,
  updated_at text not null,
  released_at text
) strict;

create table collaborators (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  account_id text not null references accounts (id) on delete cascade,
  created_at text not null,
  updated_at text not null,
  unique (app_id, account_id)
) strict;

create table config_vars (
  app_id text not null references apps (id) on delete cascade,
  name text not null,
  -- AES-256-GCM, see secrets.ts.
  sealed_value blob not null,
  -- The add-on attachment that sets it; null for the user's own.
  attachment_id text,
  primary key (app_id, name)
) strict;

create table slugs (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  commit_sha text,
  commit_description text,
  buildpack_description text,
  checksum text,
  -- Bytes of all layers as they lie on disk, compressed.
  size integer,
  stack text not null,
  -- JSON: process type -> command line.
  process_types text not null,
  -- JSON: the layers, as platform/build/slugs writes and reads them; null until they are uploaded.
  manifest text,
  created_at text not null,
  updated_at text not null
) strict;

create table releases (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  version integer not null,
  description text not null,
  status text not null check (status in ('pending', 'succeeded', 'failed', 'expired')),
  slug_id text references slugs (id) on delete set null,
  account_id text not null references accounts (id),
  -- Secret path of the release phase's output; null where there is no release phase.
  output_secret text unique,
  -- AES-256-GCM of the JSON of all config vars with their owners, see config.ts.
  sealed_config blob not null,
  -- JSON: names of the add-on plans at that time.
  addon_plans text not null default '[]',
  created_at text not null,
  updated_at text not null,
  unique (app_id, version)
) strict;

create table builds (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  status text not null check (status in ('pending', 'succeeded', 'failed')),
  account_id text not null references accounts (id),
  -- JSON: where the source is, as platform/build writes and reads it.
  source text not null,
  source_version text,
  slug_id text references slugs (id) on delete set null,
  release_id text references releases (id) on delete set null,
  -- JSON: [{ name, url }].
  buildpacks text not null default '[]',
  -- Secret path of the output stream.
  output_secret text not null unique,
  failure text,
  created_at text not null,
  updated_at text not null
) strict;

-- At most one build of an app runs at a time.
create unique index builds_one_running on builds (app_id) where status = 'pending';

create table buildpack_installations (
  app_id text not null references apps (id) on delete cascade,
  ordinal integer not null,
  url text not null,
  name text not null,
  primary key (app_id, ordinal)
) strict;

create table formations (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  type text not null,
  quantity integer not null,
  size text not null,
  command text not null,
  created_at text not null,
  updated_at text not null,
  unique (app_id, type)
) strict;
