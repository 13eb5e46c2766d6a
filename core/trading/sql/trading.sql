-- Hot path of orders. One call a step keeps the decision to few round trips.

-- Locks the order (when one is given) and reads everything its decision looks at: one consistent look over the rooms' tables, read-only.
-- The statements after the lock see what was committed before it was granted. The user's standing is locked too: an account that is
-- frozen meanwhile is frozen for this decision, or after it. Without an order (a preview) it looks as an order of this moment would.
create or replace function trading_decision_context(
    p_order uuid, p_user bigint, p_venue text, p_symbol text, p_side text, p_size_kind text, p_size_value numeric,
    p_duplicate_window_ms integer, p_order_type text, p_limit_price numeric, p_origin text
) returns table (
    state text, standing text, platform_fee_bps integer, pause_scopes text[], pause_reasons text[],
    base_asset text, base_scale integer, quote_asset text, quote_scale integer, tick numeric, lot numeric, minimum_notional numeric,
    taker_fee_bps integer, active boolean, maker_fee_bps integer, available_base numeric, available_quote numeric, position_cost numeric, duplicate_of uuid
)
language plpgsql as $$
declare
    v_state text;
    v_created timestamptz := clock_timestamp();
    v_standing text;
begin
    if p_order is not null then
        select o.state, o.created_at into v_state, v_created from orders o where o.id = p_order for update;
        if not found then
            return;
        end if;
    end if;
    -- Locked before any account of the ledger: whoever freezes the user takes the row first, too. Two decisions of one user follow one
    -- another, so that what limits count (risk_facts, afterwards) is exact. A preview needs no lock.
    if p_order is null then
        select u.standing into v_standing from users u where u.id = p_user;
    else
        select u.standing into v_standing from users u where u.id = p_user for no key update;
    end if;
    return query
    select
        v_state,
        v_standing,
        coalesce(
            (select s.platform_fee_bps from fee_schedules s where s.begins_at <= now() order by s.begins_at desc, s.id desc limit 1), 0
        ),
        p.scopes,
        p.reasons,
        i.base_asset, i.base_scale, i.quote_asset, i.quote_scale, i.tick, i.lot, i.minimum_notional, i.taker_fee_bps, i.active,
        i.maker_fee_bps,
        coalesce(b.base, 0),
        coalesce(b.quote, 0),
        coalesce((select n.cost from positions n where n.user_id = p_user and n.venue = p_venue and n.instrument = p_symbol), 0),
        (
            select d.id from orders d
            where d.user_id = p_user and d.venue = p_venue and d.instrument = p_symbol and d.side = p_side
                and d.size_kind = p_size_kind and d.size_value = p_size_value and d.order_type = p_order_type
                -- the same limit, as said or as the other's decision rounded it to the tick
                and (p_limit_price is null or d.limit_price in (
                    p_limit_price, i.tick * case p_side when 'buy' then floor(p_limit_price / i.tick) else ceil(p_limit_price / i.tick) end
                ))
                and p_origin = 'user' and d.origin = 'user' -- what we emit ourselves has keys of its own
                and (d.state not in ('DENIED', 'REJECTED', 'CANCELED', 'EXPIRED') or d.filled_quantity > 0)
                and d.created_at > v_created - make_interval(secs => p_duplicate_window_ms / 1000.0)
                and (p_order is null or (d.created_at, d.id) < (v_created, p_order))
            order by d.created_at desc, d.id desc limit 1
        )
    from (
        select coalesce(array_agg(c.scope order by c.id), '{}') as scopes, coalesce(array_agg(c.reason order by c.id), '{}') as reasons
        from control_pauses c
        where c.resumed_at is null
            and c.scope in ('global', 'venue:' || p_venue, 'instrument:' || p_symbol, 'user:' || p_user)
    ) p
    left join instruments i on i.venue = p_venue and i.symbol = p_symbol
    left join lateral (
        select
            max(a.balance) filter (where s.code = i.base_asset) as base,
            max(a.balance) filter (where s.code = i.quote_asset) as quote
        from ledger_accounts a join ledger_assets s on s.id = a.asset_id
        where a.address = 'user:' || p_user || ':' || p_venue || ':available' and s.code in (i.base_asset, i.quote_asset)
    ) b on true;
end
$$;

-- Records a decision to send: INITIALIZED → SUBMITTED, with the reasons. Returns false when the order was decided before.
create or replace function trading_submit(
    p_order uuid, p_quantity numeric, p_quote_budget numeric, p_limit_price numeric, p_held numeric, p_client_order_id text, p_hold uuid,
    p_now timestamptz, p_send_until timestamptz, p_reconcile_after timestamptz, p_platform_fee_bps integer,
    p_price_source jsonb, p_price_at timestamptz, p_verdicts jsonb, p_expires_at timestamptz
) returns boolean
language plpgsql as $$
begin
    update orders set
        state = 'SUBMITTED', state_version = state_version + 1, quantity = p_quantity, quote_budget = p_quote_budget,
        limit_price = p_limit_price, held = p_held, client_order_id = p_client_order_id, hold_id = p_hold, submitted_at = p_now,
        updated_at = p_now, send_until = p_send_until, reconcile_after = p_reconcile_after, platform_fee_bps = p_platform_fee_bps,
        price_source = p_price_source, price_at = p_price_at, expires_at = p_expires_at
    where id = p_order and state = 'INITIALIZED';
    if not found then
        return false;
    end if;
    perform decisions_record('order', p_order::text, p_verdicts);
    return true;
end
$$;

-- Records a denial: INITIALIZED → DENIED, with the reasons. Returns false when the order was decided before.
create or replace function trading_deny(
    p_order uuid, p_now timestamptz, p_reason text, p_reason_params jsonb, p_price_source jsonb, p_price_at timestamptz, p_verdicts jsonb
) returns boolean
language plpgsql as $$
begin
    update orders set
        state = 'DENIED', state_version = state_version + 1, updated_at = p_now, reason = p_reason, reason_params = p_reason_params,
        price_source = p_price_source, price_at = p_price_at
    where id = p_order and state = 'INITIALIZED';
    if not found then
        return false;
    end if;
    perform decisions_record('order', p_order::text, p_verdicts);
    return true;
end
$$;

-- Takes up to p_limit open orders whose venue should be asked now, those that wait longest first, and puts each off so that no other
-- worker asks at the same time and the others get their turn. The reports of an order that rests come by themselves: it is asked about
-- the more seldom the longer nothing happened to it (half of that time, at most p_seldom), and once when it should have expired.
create or replace function trading_claim_for_reconciliation(
    p_now timestamptz, p_again timestamptz, p_limit integer, p_seldom interval, p_expiry_grace interval
) returns setof uuid
language sql as $$
    update orders set reconcile_after = case
        when state in ('ACCEPTED', 'PARTIALLY_FILLED') and time_in_force in ('gtc', 'gtd') then greatest(p_again, least(
            p_now + least(p_seldom, (p_now - updated_at) / 2),
            case when expires_at + p_expiry_grace > p_now then expires_at + p_expiry_grace end
        ))
        else p_again
    end
    where id in (
        select id from orders
        where state in ('SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'PENDING_CANCEL') and reconcile_after <= p_now
        order by reconcile_after limit p_limit
        for update skip locked
    )
    returning id;
$$;

-- Takes orders that nobody decided since p_before, for the sweeper to hand off again; each is put off until p_again.
create or replace function trading_claim_undecided(p_before timestamptz, p_now timestamptz, p_again timestamptz, p_limit integer)
returns setof uuid
language sql as $$
    update orders set reconcile_after = p_again
    where id in (
        select id from orders
        where state = 'INITIALIZED' and created_at < p_before and (reconcile_after is null or reconcile_after <= p_now)
        order by reconcile_after nulls first, created_at limit p_limit
        for update skip locked
    )
    returning id;
$$;

-- Takes up to p_limit reports that wait since p_before, those that wait longest for a try first, and puts each off: 2 s, then twice as
-- long each time up to 256 s, so that a worker that is stopped finds few tasks and a report that cannot be applied costs little.
create or replace function trading_claim_waiting_reports(p_before timestamptz, p_now timestamptz, p_limit integer) returns setof uuid
language sql as $$
    with claimed as (
        update order_reports set next_try_at = p_now + interval '2 seconds' * (1 << least(tries, 7)), tries = tries + 1
        where id in (
            select id from order_reports
            where applied_at is null and received_at < p_before and (next_try_at is null or next_try_at <= p_now)
            order by next_try_at nulls first, id limit p_limit
            for update skip locked
        )
        returning order_id
    )
    select distinct order_id from claimed;
$$;

-- Books one batch of fills: rows in the order given, amounts in whole units. The unique key of a venue's fill id is the last guard.
create or replace function trading_insert_fills(
    p_order uuid, p_ids uuid[], p_venue_fill_ids text[], p_prices numeric[], p_quantities numeric[], p_notionals numeric[],
    p_base_amounts numeric[], p_venue_fees numeric[], p_platform_fees numeric[], p_executed_at timestamptz[], p_liquidity text[]
) returns void
language sql as $$
    insert into fills (
        id, order_id, user_id, venue, instrument, venue_fill_id, side, price, quantity, notional, base_amount, venue_fee, platform_fee,
        executed_at, liquidity
    )
    select f.id, o.id, o.user_id, o.venue, o.instrument, f.venue_fill_id, o.side, f.price, f.quantity, f.notional, f.base_amount,
        f.venue_fee, f.platform_fee, f.executed_at, f.liquidity
    from orders o, unnest(
        p_ids, p_venue_fill_ids, p_prices, p_quantities, p_notionals, p_base_amounts, p_venue_fees, p_platform_fees, p_executed_at, p_liquidity
    ) as f (id, venue_fill_id, price, quantity, notional, base_amount, venue_fee, platform_fee, executed_at, liquidity)
    where o.id = p_order;
$$;
