-- The region an app was asked for. All are this machine; the name is kept for those who ask again.
alter table apps add column region text not null default 'us';
