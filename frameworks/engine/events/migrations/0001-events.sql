-- All events of all apps and channels; channel 0 is the default channel of an app.
-- `seq` is the order of arrival: it breaks ties between events of the same instant.
create table pio_events (
  seq bigint generated always as identity,
  app_id integer not null,
  channel_id integer not null,
  id text collate "C" not null,
  event text collate "C" not null,
  entity_type text collate "C" not null,
  entity_id text collate "C" not null,
  target_entity_type text collate "C",
  target_entity_id text collate "C",
  properties jsonb not null,
  event_time timestamptz not null,
  event_offset_minutes smallint not null,
  pr_id text,
  creation_time timestamptz not null,
  primary key (app_id, channel_id, id)
);

-- Exactly two more indexes: each costs a third of the ingest rate.
create index pio_events_by_time on pio_events (app_id, channel_id, event_time);
create index pio_events_by_entity
  on pio_events (app_id, channel_id, entity_type, entity_id, event_time);
