-- One row a prediction that was acknowledged. Labels are kept as JSON text, so that 1, "1" and true
-- stay different; `raw` is the request as it came, as the document's server keeps it.
create table model_predictions (
  id bigint generated always as identity primary key,
  observation_id text not null unique,
  id_is_integer boolean not null,
  raw text not null,
  proba double precision,
  probabilities double precision[],
  predicted text not null,
  true_class text,
  model_version text not null,
  source text not null,
  latency_us integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index model_predictions_created_at on model_predictions (created_at);
create index model_predictions_unlabelled on model_predictions (id) where true_class is null;

-- Every outcome that was reported, in order; the newest one stands in model_predictions.
create table model_outcomes (
  id bigint generated always as identity primary key,
  prediction_id bigint not null references model_predictions (id),
  true_class text,
  received_at timestamptz not null default now()
);
create index model_outcomes_prediction on model_outcomes (prediction_id);

-- Which version answers; one row.
create table model_routing (
  only_row boolean primary key default true check (only_row),
  active text,
  previous text,
  shadows text[] not null default '{}',
  canary text,
  canary_share double precision not null default 0,
  changed_at timestamptz not null default now()
);
insert into model_routing default values;

-- What other versions would have said.
create table model_shadow_scores (
  prediction_id bigint not null references model_predictions (id),
  model_version text not null,
  proba double precision,
  predicted text not null,
  primary key (prediction_id, model_version)
);
