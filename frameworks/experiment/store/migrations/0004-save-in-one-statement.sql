-- Saves are stored by one statement, which locks, compares and writes (store/saves.ts).
drop function experiment_save(text, regclass, json);

-- Whether the last save became the document, or came later than a newer one of its page.
alter table experiment_documents add column is_current boolean not null default true;
