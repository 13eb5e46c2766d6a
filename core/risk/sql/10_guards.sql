-- What the tables of risk keep by themselves: limits are history that nobody rewrites, and every realized result is counted on its day.

create or replace function risk_refuse() returns trigger language plpgsql as $$
begin
    raise exception '% of % is refused: limits are append-only', tg_op, tg_table_name using errcode = 'SR403';
end $$;

create or replace trigger risk_limits_append_only before update or delete on risk_limits
    for each row execute function risk_refuse();
create or replace trigger risk_limits_no_truncate before truncate on risk_limits
    for each statement execute function risk_refuse();

-- Whoever moves a position's realized result, the day's sum moves in the same transaction. The row is locked by its position's already.
create or replace function risk_keep_daily_result() returns trigger language plpgsql as $$
declare
    v_change numeric := new.realized_pnl - case when tg_op = 'UPDATE' then old.realized_pnl else 0 end;
begin
    if v_change <> 0 then
        insert into risk_daily_results (user_id, day, venue, instrument, realized)
        values (new.user_id, (now() at time zone 'utc')::date, new.venue, new.instrument, v_change)
        on conflict (user_id, day, venue, instrument) do update set realized = risk_daily_results.realized + excluded.realized;
    end if;
    return null;
end $$;

create or replace trigger risk_daily_results_kept after insert or update of realized_pnl on positions
    for each row execute function risk_keep_daily_result();
