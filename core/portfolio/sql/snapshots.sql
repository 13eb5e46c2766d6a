-- Hourly values are kept for a while, those of midnight (UTC) for ever. The application role may delete no snapshot but through this.
-- How many went, at most p_limit.
create or replace function portfolio_thin_snapshots(p_before timestamptz, p_limit integer) returns bigint
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
    with old as (
        select user_id, venue, taken_at from portfolio_snapshots
        where taken_at < least(p_before, now() - interval '7 days') and extract(hour from taken_at at time zone 'UTC') <> 0
        order by taken_at limit p_limit
    ), gone as (
        delete from portfolio_snapshots s using old
        where (s.user_id, s.venue, s.taken_at) = (old.user_id, old.venue, old.taken_at) returning 1
    )
    select count(*) from gone
$$;
