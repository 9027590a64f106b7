-- When it was shown that the app's people control the name; until then it is not served. Domains of
-- before were added without being asked.
alter table domains add column proved_at text;
update domains set proved_at = created_at;
