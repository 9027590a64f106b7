-- People and the tokens they hold. Tokens are kept only as hashes.
create table accounts (
  id text primary key,
  email text not null unique collate nocase,
  name text,
  password_hash text,
  created_at text not null,
  updated_at text not null
) strict;

create table authorizations (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  description text not null,
  scope text not null default 'global',
  token_hash text not null unique,
  -- First characters of the token, so that a person can tell one from another.
  token_hint text not null,
  expires_at text,
  created_at text not null,
  updated_at text not null
) strict;

create table account_keys (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  fingerprint text not null,
  public_key text not null,
  comment text not null,
  created_at text not null,
  unique (account_id, fingerprint)
) strict;

create table features (
  -- 'account' or 'app', and whose.
  owner_kind text not null,
  owner_id text not null,
  name text not null,
  enabled integer not null,
  updated_at text not null,
  primary key (owner_kind, owner_id, name)
) strict;
