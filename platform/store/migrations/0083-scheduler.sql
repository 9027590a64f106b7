create table scheduled_jobs (
  id text primary key,
  app_id text not null references apps (id) on delete cascade,
  command text not null,
  -- Five fields of cron.
  schedule text not null,
  timezone text not null,
  size text,
  -- Local time of the last run, by which no run is made twice.
  last_run text,
  created_at text not null,
  updated_at text not null
) strict;

create index scheduled_jobs_by_app on scheduled_jobs (app_id);

create table scheduled_runs (
  id text primary key,
  job_id text not null references scheduled_jobs (id) on delete cascade,
  dyno text,
  -- Null while it runs.
  exit_code integer,
  failure text,
  finished_at text,
  created_at text not null,
  updated_at text not null
) strict;

create index scheduled_runs_by_job on scheduled_runs (job_id, created_at);
