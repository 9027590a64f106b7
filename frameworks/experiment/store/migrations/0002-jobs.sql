-- Long actions that were started from the dashboard: any process can show how far they are.
create table experiment_jobs (
  id uuid primary key default gen_random_uuid(),
  study text not null,
  name text not null,
  done integer not null default 0,
  total integer not null,
  outcomes jsonb not null default '[]',
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  ended_at timestamptz
);
create index experiment_jobs_by_study on experiment_jobs (study, started_at);
