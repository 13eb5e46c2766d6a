-- All that the limits of an order look at, in one call. Coins of the instrument's quote asset, at one venue; orders count over all venues.
--
-- Exact under concurrency only while the caller holds the user's row (trading_decision_context takes it): each statement here sees what
-- was committed before it, and every decision of the same user waits for that row. A stricter isolation level would not do: it would
-- look at an older moment. Positions are worth p_marks (by symbol) or else what was paid. The profit whose peak is kept is the realized
-- one: marks differ from call to call, and a peak of one set of marks says nothing about another. With p_remember the peak is kept;
-- without (a preview) nothing is written and nobody waits.
create or replace function risk_facts(
    p_user bigint, p_venue text, p_symbol text, p_now timestamptz, p_symbols text[], p_marks numeric[], p_remember boolean
) returns table (
    tier text, limit_scopes text[], limit_names text[], limit_values numeric[], limit_raises boolean[],
    quote_asset text, cash numeric, positions_value numeric, position_value numeric, open_buys numeric, open_buys_here numeric,
    realized_today numeric, profit numeric, peak numeric, tripped_until timestamptz,
    in_flight integer, sent integer, oldest_sent timestamptz
)
language plpgsql as $$
#variable_conflict use_column
declare
    v_tier text; v_quote text; v_unit numeric;
    v_scopes text[]; v_names text[]; v_values numeric[]; v_raises boolean[];
    v_cash numeric; v_positions numeric; v_here numeric; v_profit numeric;
    v_in_flight integer; v_buys numeric; v_buys_here numeric;
    v_realized numeric; v_sent integer; v_oldest timestamptz;
    v_peak numeric; v_until timestamptz;
begin
    select u.tier into v_tier from users u where u.id = p_user;
    select i.quote_asset, power(10::numeric, -i.quote_scale) into v_quote, v_unit
      from instruments i where i.venue = p_venue and i.symbol = p_symbol;

    select array_agg(l.scope), array_agg(l.name), array_agg(l.value), array_agg(l.raises) into v_scopes, v_names, v_values, v_raises
      from risk_limits_begun(array['global', 'venue:' || p_venue, 'tier:' || v_tier, 'user:' || p_user]) l;

    select coalesce(sum(a.balance), 0) into v_cash
      from ledger_accounts a join ledger_assets s on s.id = a.asset_id
     where s.code = v_quote
       and a.address in ('user:' || p_user || ':' || p_venue || ':available', 'user:' || p_user || ':' || p_venue || ':held');

    select coalesce(sum(w.worth), 0), coalesce(sum(w.worth) filter (where w.instrument = p_symbol), 0),
           coalesce(sum(w.realized_pnl), 0)
      into v_positions, v_here, v_profit
      from (
        select n.instrument, n.cost, n.realized_pnl, coalesce(trunc(n.quantity * m.mark / v_unit), n.cost) as worth
          from positions n
          join instruments i on i.venue = n.venue and i.symbol = n.instrument and i.quote_asset = v_quote
          left join unnest(p_symbols, p_marks) m (symbol, mark) on m.symbol = n.instrument
         where n.user_id = p_user and n.venue = p_venue
      ) w;

    select count(*)::integer,
           coalesce(sum(h.remaining) filter (where o.side = 'buy' and i.quote_asset = v_quote), 0),
           coalesce(sum(h.remaining) filter (where o.side = 'buy' and o.venue = p_venue and o.instrument = p_symbol), 0)
      into v_in_flight, v_buys, v_buys_here
      from orders o
      left join ledger_holds h on h.id = o.hold_id
      left join instruments i on i.venue = o.venue and i.symbol = o.instrument
     where o.user_id = p_user and o.state in ('SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'PENDING_CANCEL');

    select count(*)::integer, min(o.submitted_at) into v_sent, v_oldest
      from orders o where o.user_id = p_user and o.submitted_at > p_now - interval '1 minute';

    select coalesce(sum(d.realized), 0) into v_realized
      from risk_daily_results d join instruments i on i.venue = d.venue and i.symbol = d.instrument and i.quote_asset = v_quote
     where d.user_id = p_user and d.day = (p_now at time zone 'utc')::date and d.venue = p_venue;

    if v_quote is not null then
        select r.peak, r.tripped_until into v_peak, v_until
          from risk_account_peak(p_user, p_venue, v_quote, v_profit, p_now, p_remember) r;
    end if;
    return query select
        v_tier, coalesce(v_scopes, '{}'), coalesce(v_names, '{}'), coalesce(v_values, '{}'), coalesce(v_raises, '{}'),
        v_quote, v_cash * v_unit, v_positions * v_unit, v_here * v_unit, v_buys * v_unit, v_buys_here * v_unit,
        v_realized * v_unit, v_profit * v_unit, v_peak * v_unit, v_until, v_in_flight, v_sent, v_oldest;
end $$;

-- The newest row that has begun of each limit in these scopes; one that says nothing any more is left out.
create or replace function risk_limits_begun(p_scopes text[]) returns table (
    scope text, name text, value numeric, raises boolean, begins_at timestamptz, set_by text, note text
)
language sql stable as $$
    select n.scope, n.name, n.value, n.raises, n.begins_at, n.set_by, n.note
    from (
        select distinct on (l.scope, l.name) l.*
        from risk_limits l where l.scope = any (p_scopes) and l.begins_at <= now()
        order by l.scope, l.name, l.begins_at desc, l.id desc
    ) n
    where n.value is not null;
$$;

-- The highest realized profit this account has seen, and until when its breaker is open. A breaker whose time is over closes, and the peak
-- begins anew at what is now: what was lost before it opened does not open it again.
create or replace function risk_account_peak(
    p_user bigint, p_venue text, p_quote text, p_profit numeric, p_now timestamptz, p_remember boolean
) returns table (peak numeric, tripped_until timestamptz)
language plpgsql as $$
#variable_conflict use_column
begin
    if p_remember then
        insert into risk_accounts as a (user_id, venue, quote_asset, peak, peak_at)
        values (p_user, p_venue, p_quote, p_profit, p_now)
        on conflict (user_id, venue, quote_asset) do update
            set peak = excluded.peak, peak_at = excluded.peak_at,
                tripped_at = case when a.tripped_until <= p_now then null else a.tripped_at end,
                tripped_until = case when a.tripped_until <= p_now then null else a.tripped_until end
            where excluded.peak > a.peak or a.tripped_until <= p_now;
    end if;
    return query
    select
        case when a.user_id is null or a.tripped_until <= p_now then p_profit else greatest(a.peak, p_profit) end,
        case when a.tripped_until > p_now then a.tripped_until end
    from (select 1) one
    left join risk_accounts a on a.user_id = p_user and a.venue = p_venue and a.quote_asset = p_quote;
end $$;

-- Opens the breaker until p_until; one that is open stays open as long as it was to.
create or replace function risk_trip(p_user bigint, p_venue text, p_quote text, p_now timestamptz, p_until timestamptz) returns boolean
language plpgsql as $$
begin
    update risk_accounts set tripped_at = p_now, tripped_until = p_until
     where user_id = p_user and venue = p_venue and quote_asset = p_quote and tripped_until is null;
    return found;
end $$;
