-- Models in parts: one value of a row cannot hold more than a gigabyte, nor should a query.
create table pio_models (
  id text not null,
  part integer not null,
  data bytea not null,
  primary key (id, part)
);
