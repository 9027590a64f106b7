-- Participants whose bonus a person has to look at before it is paid. `is_under_way`: the study's
-- code was asked for the bonus and has not finished; it stays so if the code ends in between.
create table experiment_bonus_marks (
  study text not null,
  uniqueid text not null,
  is_under_way boolean not null,
  reason text not null,
  marked_at timestamptz not null default now(),
  primary key (study, uniqueid)
);
