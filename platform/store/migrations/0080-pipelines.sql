-- Apps in stages. An app is in one pipeline at most.
create table pipelines (
  id text primary key,
  name text not null unique,
  owner_id text not null references accounts (id),
  created_at text not null,
  updated_at text not null
) strict;

create table pipeline_couplings (
  id text primary key,
  pipeline_id text not null references pipelines (id) on delete cascade,
  app_id text not null unique references apps (id) on delete cascade,
  stage text not null check (stage in ('test', 'review', 'development', 'staging', 'production')),
  created_at text not null,
  updated_at text not null
) strict;

create index pipeline_couplings_by_pipeline on pipeline_couplings (pipeline_id);

create table pipeline_promotions (
  id text primary key,
  pipeline_id text not null references pipelines (id) on delete cascade,
  source_app_id text not null,
  source_release_id text not null,
  created_at text not null,
  updated_at text not null
) strict;

create table pipeline_promotion_targets (
  id text primary key,
  promotion_id text not null references pipeline_promotions (id) on delete cascade,
  app_id text not null,
  -- What the promotion made; its state is the target's. Null where it could not be made.
  release_id text,
  error_message text,
  created_at text not null,
  updated_at text not null
) strict;

create index pipeline_promotion_targets_by_promotion on pipeline_promotion_targets (promotion_id);

-- Config vars of a stage, for the apps that the pipeline makes itself (review apps, tests).
create table pipeline_config_vars (
  pipeline_id text not null references pipelines (id) on delete cascade,
  stage text not null,
  name text not null,
  -- AES-256-GCM, see secrets.ts.
  sealed_value blob not null,
  primary key (pipeline_id, stage, name)
) strict;
