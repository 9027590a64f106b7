-- Every start of a dyno: what runs, and the slots of the formation that wait, crashed or sleep.
create table dynos (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  -- web.1, run.4711
  name text not null,
  type text not null,
  -- Place in the formation; null for one-offs.
  ordinal integer,
  command text not null,
  size text not null,
  release_id text not null,
  release_version integer not null,
  state text not null,
  state_since text not null,
  state_reason text,
  -- 0: to be replaced by a new start of the same slot, by a restart or by age.
  fresh integer not null default 1,
  -- 1: no longer part of the formation: it is drained, stopped and forgotten.
  retired integer not null default 0,
  -- 1: the router sends it requests.
  serving integer not null default 0,
  host text,
  port integer,
  -- Crashes in a row, and when a crashed dyno starts again.
  crashes integer not null default 0,
  restart_at text,
  -- When a dyno that runs is replaced for its age.
  cycle_at text,
  -- One-offs: whose terminal it is, until when it may run, how it ended.
  attached integer not null default 0,
  attach_url text,
  deadline text,
  exit_code integer,
  exit_signal text,
  exit_oom integer,
  created_at text not null,
  updated_at text not null
) strict;

create index dynos_of_app on dynos (app_id);
