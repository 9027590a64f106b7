create table addons (
  id text primary key,
  -- The app that owns (and on Heroku pays for) it; null once that app is gone and this follows.
  app_id text references apps (id) on delete set null,
  name text not null unique,
  service text not null,
  plan text not null,
  state text not null check (state in ('provisioning', 'provisioned', 'deprovisioning', 'deprovisioned')),
  -- Work that a change has announced and not finished; done again after a crash.
  task text check (task in ('configure')),
  -- Who asked last: releases that the add-on causes are made in this name.
  account_id text references accounts (id) on delete set null,
  -- JSON: options of addons:create after the double dash.
  options text not null default '{}',
  -- AES-256-GCM of the JSON in which the provider keeps names and passwords of what it made.
  sealed_resource blob not null,
  -- What the provider tells the user, e.g. why it failed.
  message text,
  created_at text not null,
  updated_at text not null
) strict;

create index addons_by_app on addons (app_id);

create table addon_attachments (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  addon_id text not null references addons (id) on delete cascade,
  name text not null,
  -- `credential:NAME` for a role of its own; null for the default one.
  namespace text,
  created_at text not null,
  updated_at text not null,
  unique (app_id, name)
) strict;

create index addon_attachments_by_addon on addon_attachments (addon_id);
