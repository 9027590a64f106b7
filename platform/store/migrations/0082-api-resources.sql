create table app_transfers (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  owner_id text not null references accounts (id) on delete cascade,
  recipient_id text not null references accounts (id) on delete cascade,
  state text not null check (state in ('pending', 'accepted', 'declined')),
  created_at text not null,
  updated_at text not null
) strict;

create table oauth_clients (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  name text not null,
  redirect_uri text not null,
  sealed_secret blob not null,
  created_at text not null,
  updated_at text not null
) strict;

create table app_setups (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  account_id text not null references accounts (id) on delete cascade,
  -- Its state, and that of its release, are the setup's.
  build_id text,
  created_at text not null,
  updated_at text not null
) strict;
