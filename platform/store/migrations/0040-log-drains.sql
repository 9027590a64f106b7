create table log_drains (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  -- Sealed like config vars, because URLs of drains carry credentials.
  sealed_url blob not null,
  -- Names the app to the receiver, e.g. d.01234567-89ab-cdef-0123-456789abcdef.
  token text not null unique,
  created_at text not null,
  updated_at text not null
) strict;

create index log_drains_of_app on log_drains (app_id);
