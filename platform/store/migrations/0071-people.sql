-- `session`: made by signing in, in a browser or with `heroku login`; ends by signing out.
alter table authorizations add column kind text not null default 'token';
update authorizations set kind = 'session'
where description = 'hokku: browser session' or description like 'Heroku CLI login%';

-- One-time links by which a person makes the first token of an account.
create table invitations (
  id text primary key,
  account_id text not null references accounts (id) on delete cascade,
  secret_hash text not null unique,
  invited_by text not null references accounts (id) on delete cascade,
  expires_at text not null,
  used_at text,
  created_at text not null,
  updated_at text not null
) strict;

-- Who did what, from where, and what came of it. Entries are only added; see audit-log.ts.
create table audit_log (
  id integer primary key autoincrement,
  at text not null,
  -- The address of the account then; null for a request without a valid token.
  email text,
  -- What the token is called.
  credential text,
  address text not null,
  action text not null,
  -- The app that it was about, by the name it had then.
  app text,
  status integer not null
) strict;

create index audit_log_app on audit_log (app, id);
create index audit_log_email on audit_log (email, id);

create trigger audit_log_is_not_changed before update on audit_log
begin
  select raise(abort, 'the audit log is not changed');
end;

create trigger audit_log_keeps_a_year before delete on audit_log
when old.at > strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-365 days')
begin
  select raise(abort, 'the audit log keeps a year');
end;
