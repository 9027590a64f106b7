-- What we keep beside the original's tables, which stay exactly as psiTurk made them.
-- `study` is the name of the participant table: several studies may share a database.

create table experiment_secrets (
  study text primary key,
  secret text not null,
  created_at timestamptz not null default now()
);

-- The version of a participant's current document, and the last save of the page that sent it.
create table experiment_documents (
  study text not null,
  uniqueid text not null,
  version integer not null,
  page text,
  sequence bigint,
  primary key (study, uniqueid)
);

-- Every save that was ever acknowledged. `base` null: body is the whole document; otherwise body is
-- what changed against that version.
create table experiment_saves (
  study text not null,
  uniqueid text not null,
  version integer not null,
  base integer,
  is_current boolean not null,
  saved_at timestamptz not null default now(),
  body text not null,
  primary key (study, uniqueid, version)
);

-- One row a payment that was asked for, written before the marketplace is asked, so that an
-- interrupted run repeats it under the same token and nobody is paid twice.
create table experiment_payments (
  token uuid primary key,
  study text not null,
  uniqueid text not null,
  amount numeric(10, 2) not null,
  reason text not null,
  asked_at timestamptz not null default now(),
  paid_at timestamptz
);
create index experiment_payments_by_participant on experiment_payments (study, uniqueid);

-- Work that repeats: campaign rounds and approvals.
create table experiment_tasks (
  id uuid primary key default gen_random_uuid(),
  study text not null,
  name text not null,
  campaign integer,
  mode text not null,
  interval_minutes integer not null check (interval_minutes > 0),
  next_run_at timestamptz not null default now(),
  last_outcome text
);

-- Personal links for people who are recruited without a marketplace.
create table experiment_links (
  study text not null,
  worker text not null,
  assignment text not null,
  label text not null default '',
  created_at timestamptz not null default now(),
  primary key (study, worker)
);
