create table pio_apps (
  id integer primary key,
  name text not null unique,
  description text
);

-- Access keys are shown by `pio app list` for ever, so they cannot be kept hashed.
create table pio_access_keys (
  key text collate "C" primary key,
  app_id integer not null references pio_apps on delete cascade,
  events text[] not null
);

-- Channel 0 is every app's default channel and has no row.
create table pio_channels (
  id integer primary key generated always as identity,
  app_id integer not null references pio_apps on delete cascade,
  name text not null,
  unique (app_id, name)
);

create table pio_engine_instances (
  id text primary key,
  status text not null,
  start_time timestamptz not null,
  end_time timestamptz not null,
  engine_id text not null,
  engine_version text not null,
  engine_variant text not null,
  engine_factory text not null,
  batch text not null,
  -- Environment, Spark settings, parameters of the four kinds of component, reason of a failure.
  details jsonb not null
);

create index pio_engine_instances_newest
  on pio_engine_instances (engine_id, engine_version, engine_variant, start_time);

create table pio_evaluation_instances (
  id text primary key,
  status text not null,
  start_time timestamptz not null,
  end_time timestamptz not null,
  evaluation_class text not null,
  engine_params_generator_class text not null,
  batch text not null,
  env jsonb not null,
  evaluator_results text not null,
  evaluator_results_html text not null,
  evaluator_results_json text not null
);
