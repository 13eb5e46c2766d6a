-- One request in one call, with as few statements as it can have: what most callers ask for, a hold, a settlement or a plain transaction.
--
-- The same rules, the same locks in the same order (the hold, accounts by id, the key's unique index) and the same rows as `ledger_apply`.
-- Each returns the id of the new transaction, or null when it did nothing: too little money, a key that is there, a hold that has ended,
-- an account that does not exist yet, a malformed request. Then the caller asks `ledger_apply`, which opens the accounts or says what is
-- wrong. So there is one place for every refusal, and these two must never write what `ledger_apply` would not write.

-- A hold: from the user's available to the user's held account, at the place of the asset.
create or replace function ledger_hold_one(
    p_key text, p_hash bytea, p_cause text, p_hold uuid, p_user bigint, p_code text, p_amount text
) returns bigint language plpgsql security definer set search_path = pg_catalog, public, pg_temp
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
    amount constant numeric := p_amount::numeric;
    mine constant text := 'user:' || p_user || ':' || split_part(p_code, ':', 1);
    spendable constant text := mine || ':available';
    asset int; available bigint; held bigint; enough boolean; added_id bigint;
begin
    select min(l.asset_id), min(l.id) filter (where l.address = spendable), min(l.id) filter (where l.address <> spendable),
           bool_and(l.balance >= amount) filter (where l.address = spendable)
      into asset, available, held, enough
      from (select a.id, a.asset_id, a.address, a.balance from ledger_accounts a
             where a.address in (spendable, mine || ':held') and a.asset_id = (select s.id from ledger_assets s where s.code = p_code)
             order by a.id for no key update of a) l;
    if (enough and held is not null and amount > 0 and amount = trunc(amount)) is not true then
        return null;
    end if;
    with added as (
        insert into ledger_transactions (idempotency_key, request_hash, kind, reference) values (p_key, p_hash, 'hold', p_cause)
            on conflict (idempotency_key) do nothing returning id
    ), posted as (
        insert into ledger_postings (transaction_id, line, asset_id, source_id, destination_id, amount)
        select added.id, 1, asset, available, held, amount from added
    ), opened as (
        insert into ledger_holds (id, available_id, held_id, amount, remaining, reference)
        select p_hold, available, held, amount, amount, p_cause from added
    ), moved as (
        update ledger_accounts a set balance = a.balance + case a.id when held then amount else -amount end
          from added where a.id in (available, held)
    )
    select id into added_id from added;
    return added_id;
end $$;

-- A plain transaction (`p_hold` is null), or a settlement of a hold; with `p_closes` what is left of it goes back.
create or replace function ledger_post_one(
    p_key text, p_hash bytea, p_kind text, p_cause text, p_reversed bigint, p_hold uuid, p_closes boolean,
    p_addresses text[], p_codes text[], p_sources int[], p_destinations int[], p_amounts text[]
) returns bigint language plpgsql security definer set search_path = pg_catalog, public, pg_temp
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off set plan_cache_mode = force_generic_plan set jit = off
as $$
declare
    available bigint; held bigint; remaining numeric; spent numeric := 0;
    ids bigint[]; assets int[]; balances numeric[]; negative_allowed boolean[]; changes numeric[];
    sources int[] := p_sources; destinations int[] := p_destinations; amounts numeric[] := p_amounts;
    lines int := cardinality(p_sources); source int; destination int; amount numeric; added_id bigint;
begin
    if p_hold is not null then
        select h.available_id, h.held_id, h.remaining into available, held, remaining
          from ledger_holds h where h.id = p_hold and h.state = 'pending' for no key update;
        if not found then
            return null;
        end if;
    end if;
    -- The hold's own accounts are locked with the others, listed or not: `ledger_apply`, when it is asked next, wants them too, and a lock
    -- taken out of the order of ids would wait in a circle with a hold of the same user.
    with wanted as (
        select p.n, a.id
          from unnest(p_addresses, p_codes) with ordinality p(address, code, n)
          join ledger_assets s on s.code = p.code
          join ledger_accounts a on a.address = p.address and a.asset_id = s.id
        union all
        select null, own.id from unnest(array[available, held]) own(id) where own.id is not null
    ), locked as materialized (
        select w.n, a.id, a.asset_id, a.balance, a.may_be_negative
          from wanted w join ledger_accounts a on a.id = w.id
         order by a.id for no key update of a
    )
    select array_agg(l.id order by l.n), array_agg(l.asset_id order by l.n), array_agg(l.balance order by l.n),
           array_agg(l.may_be_negative order by l.n)
      into ids, assets, balances, negative_allowed from locked l where l.n is not null;
    if cardinality(ids) is distinct from cardinality(p_addresses) then
        return null;
    end if;
    changes := array_fill(0::numeric, array[cardinality(ids)]);
    for i in 1..lines loop
        source := sources[i]; destination := destinations[i]; amount := amounts[i];
        if (amount > 0 and amount = trunc(amount) and ids[source] <> ids[destination] and assets[source] = assets[destination]
            and p_addresses[destination] not like 'user:%:held'
            and (ids[source] = held or p_addresses[source] not like case when held is null then 'user:%:held' else 'user:%' end)) is not true then
            return null;
        end if;
        changes[source] := changes[source] - amount;
        changes[destination] := changes[destination] + amount;
        if ids[source] = held then spent := spent + amount; end if;
    end loop;
    if spent > remaining then
        return null;
    end if;
    if p_closes and spent < remaining then
        lines := lines + 1; amount := remaining - spent;
        source := array_position(ids, held); destination := array_position(ids, available);
        if (source <> destination) is not true then
            return null;
        end if;
        changes[source] := changes[source] - amount;
        changes[destination] := changes[destination] + amount;
        sources[lines] := source; destinations[lines] := destination; amounts[lines] := amount;
    end if;
    with added as (
        insert into ledger_transactions (idempotency_key, request_hash, kind, reference, reverses)
        select p_key, p_hash, p_kind, p_cause, p_reversed
         where not exists (select from unnest(balances, changes, negative_allowed) c(had, change, below)
                            where c.had + c.change < 0 and not c.below)
            on conflict (idempotency_key) do nothing returning id
    ), posted as (
        insert into ledger_postings (transaction_id, line, asset_id, source_id, destination_id, amount)
        select added.id, l.n, assets[l.source], ids[l.source], ids[l.destination], l.amount
          from added, unnest(sources, destinations, amounts) with ordinality l(source, destination, amount, n)
    ), moved as (
        update ledger_accounts a set balance = a.balance + c.change
          from added, unnest(ids, changes) c(id, change) where a.id = c.id and c.change <> 0
    ), closed as (
        update ledger_holds h
           set remaining = case when p_closes then 0 else h.remaining - spent end,
               state = case when p_closes then 'settled' else h.state end, closed_at = case when p_closes then now() end
          from added where h.id = p_hold
    )
    select id into added_id from added;
    return added_id;
end $$;
