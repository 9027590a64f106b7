-- Who runs the installation: may stop it and see all of it. The first account was the owner's.
alter table accounts add column role text not null default 'member';
update accounts set role = 'owner'
where id = (select id from accounts order by created_at, rowid limit 1);
