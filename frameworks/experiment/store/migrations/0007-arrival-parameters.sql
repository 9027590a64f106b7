-- What the address of a participant's arrival said beside the ids, such as a survey code: for the
-- way back to who sent them, and for the files.
create table experiment_parameters (
  study text not null,
  uniqueid text not null,
  parameters jsonb not null,
  primary key (study, uniqueid)
);

-- Which loaded page sent each save. A page that saves again after another one did: two pages of one
-- participant are open, and each overwrites the document of the other.
alter table experiment_saves add column page text;
alter table experiment_documents add column previous_page text;
alter table experiment_documents add column has_two_pages boolean not null default false;
