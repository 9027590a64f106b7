-- What a collaborator may do: words of platform/api/permissions.ts, with commas.
alter table collaborators add column permissions text not null default 'view,deploy,operate';
