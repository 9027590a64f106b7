-- Stores many saves in one call: one way to the server and back, whatever their number.
--
-- input: a list of { u: uniqueid, f: whole document, b: version that x is based on, x: what changed
-- against it, p: page, s: number of the save on that page }; each uniqueid once.
-- Answers with the participants that exist: the save's version, and whether it is the document now.
create function experiment_save(for_study text, participants regclass, input json)
returns table (uniqueid text, version integer, is_current boolean)
language plpgsql as $$
begin
  -- In order, so that two processes cannot wait for each other. What follows sees what was
  -- committed meanwhile, since every statement of a function looks anew.
  execute format(
    'select 1 from %s as a where a.uniqueid = any($1) order by a.uniqueid for update', participants
  ) using (select array_agg(i ->> 'u') from json_array_elements(input) as i);

  return query execute format($query$
    with input as materialized (
      select * from json_to_recordset($2) as i (u text, f text, b int, x text, p text, s bigint)
    ), known as materialized (
      select i.*, coalesce(d.version, 0) + 1 as version,
        (i.p is null or d.page is null or i.p <> d.page or i.s > d.sequence) as is_current
      from input i
      join %1$s a on a.uniqueid = i.u
      left join experiment_documents d on d.study = $1 and d.uniqueid = i.u
    ), logged as (
      insert into experiment_saves (study, uniqueid, version, base, is_current, body)
      select $1, k.u, k.version, case when k.b < k.version then k.b end, k.is_current,
        case when k.b < k.version then k.x else k.f end
      from known k
    ), noted as (
      insert into experiment_documents as d (study, uniqueid, version, page, sequence)
      select $1, k.u, k.version, k.p, k.s from known k
      on conflict (study, uniqueid) do update set version = excluded.version,
        page = coalesce(excluded.page, d.page),
        sequence = case when excluded.page = d.page
          then greatest(excluded.sequence, d.sequence)
          else coalesce(excluded.sequence, d.sequence) end
    ), stored as (
      update %1$s as a set datastring = k.f from known k where a.uniqueid = k.u and k.is_current
    )
    select k.u, k.version, k.is_current from known k
  $query$, participants) using for_study, input;
end
$$;
