-- Certificates that users bring for their domains.
create table sni_endpoints (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  name text not null unique,
  display_name text,
  -- PEM: the server's own certificate first, then what leads to its authority.
  certificate_chain text not null,
  -- AES-256-GCM of the PEM of the key, see secrets.ts.
  sealed_key blob not null,
  created_at text not null,
  updated_at text not null
) strict;

create index sni_endpoints_of_app on sni_endpoints (app_id);

-- Host names of apps besides their own `<app>.<domain>`.
create table domains (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  -- Lower case, punycode; `*.` in front stands for all names below.
  hostname text not null unique,
  sni_endpoint_id text references sni_endpoints (id) on delete set null,
  created_at text not null,
  updated_at text not null
) strict;

create index domains_of_app on domains (app_id);
