-- How full the cells of a study were when its participants were last counted, and who came since:
-- a count looks at every participant, so it is not repeated for each arrival. Written under the
-- lock of arrivals, in their transaction.
create table experiment_balance (
  study text not null,
  code_version text not null,
  mode text not null,
  counts jsonb not null,
  counted_at bigint not null, -- milliseconds since 1970
  primary key (study, code_version, mode)
);
