create table webhooks (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  url text not null,
  level text not null check (level in ('notify', 'sync')),
  -- JSON: entities, e.g. ["api:release"].
  include text not null,
  -- AES-256-GCM of the secret that signs deliveries, and of the Authorization header if any.
  sealed_secret blob not null,
  sealed_authorization blob,
  created_at text not null,
  updated_at text not null
) strict;

create index webhooks_by_app on webhooks (app_id);

create table webhook_events (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  include text not null,
  -- JSON, as it is delivered.
  payload text not null,
  created_at text not null,
  updated_at text not null
) strict;

create index webhook_events_by_app on webhook_events (app_id, created_at);

create table webhook_deliveries (
  id text primary key,
  -- Deliveries are numbered in the order in which they were made.
  seq integer not null unique,
  webhook_id text not null references webhooks (id) on delete cascade,
  event_id text not null references webhook_events (id) on delete cascade,
  status text not null check (status in ('pending', 'retrying', 'failed', 'succeeded')),
  attempts integer not null default 0,
  next_attempt_at text,
  -- JSON of the last attempt: id, code, error and time.
  last_attempt text,
  created_at text not null,
  updated_at text not null
) strict;

create index webhook_deliveries_due on webhook_deliveries (next_attempt_at);
