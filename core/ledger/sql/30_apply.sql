-- The one way in which money moves: a set of transactions in one call, each applied whole or not at all.
--
-- Transactions come as parallel arrays; accounts are listed once and postings name them by their place in that list (from 1).
-- actions: '' (a plain transaction), 'open' (a hold: one posting from the user's available to the user's held account), 'settle' (spends
-- from a hold), 'close' (spends and gives the rest back), 'void' and 'expire' (give everything back).
--
-- Outcomes, one row a transaction: 'posted'; 'replayed' (the key was there with the same hash; its first id is given); 'insufficient'
-- (nothing of this transaction was done; the others stand); 'hold_closed'; 'conflict' (the key was there with another hash: then nothing
-- of the whole call was done). None of these raises, so the caller's transaction goes on. A malformed request raises SR400.
--
-- Locks, in this order: holds by id, accounts by id, then the keys' unique index. Keys are looked up under the account locks: the same
-- request twice at once meets at its accounts, and the second one finds the first one's row.

create or replace function ledger_place(addresses text[], codes text[], address text, code text) returns int language plpgsql immutable
as $$
declare
    at int := array_position(addresses, address);
begin
    while at is not null and codes[at] <> code loop at := array_position(addresses, address, at + 1); end loop;
    return at;
end $$;

create or replace function ledger_apply(
    keys text[], hashes bytea[], kinds text[], causes text[], reversed bigint[], actions text[], hold_ids uuid[], user_ids bigint[],
    addresses text[], asset_codes text[],
    posting_transactions int[], sources int[], destinations int[], amounts text[]
) returns table (outcome text, transaction_id bigint, account text, asset text, available text, needed text)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
-- Always by index, whatever the statistics said when the plan was made: tables here begin empty and grow without end.
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off set plan_cache_mode = force_generic_plan set jit = off
as $$
#variable_conflict use_variable
declare
    given constant int := cardinality(keys);
    listed constant int := cardinality(addresses);
    units constant numeric[] := amounts::numeric[];
    shown text[] := addresses; codes text[] := asset_codes;
    spends constant boolean := actions && array['settle', 'close', 'void', 'expire'];
    account_ids bigint[]; account_assets int[]; before numeric[]; balances numeric[]; negative_allowed boolean[];
    missing boolean; doubled boolean;
    known_ids bigint[]; known_same boolean[]; new_ids bigint[];
    hold_available text[]; hold_held text[]; hold_code text[]; hold_remaining numeric[]; hold_state text[];
    held_places int[] := '{}'; available_places int[] := '{}'; held_at int; spent numeric; rest numeric;
    outcomes text[] := '{}'; short_at int; short_had numeric; short_needed numeric;
    short_accounts text[] := '{}'; short_assets text[] := '{}'; had text[] := '{}'; wanted text[] := '{}';
    lines int := 0; line_transaction int[] := '{}'; line_number int[] := '{}';
    line_source int[] := '{}'; line_destination int[] := '{}'; line_amount numeric[] := '{}';
    first int; next int := 1; number int; source int; destination int; amount numeric; posted int := 0;
begin
    -- 1. The holds that are spent or closed, and their accounts beside the listed ones.
    if spends then
        with locked as materialized (
            select id, available_id, held_id, remaining, state from ledger_holds where id = any (hold_ids) order by id for no key update
        )
        select array_agg(a.address order by t.n), array_agg(h.address order by t.n), array_agg(s.code order by t.n),
               array_agg(l.remaining order by t.n), array_agg(l.state order by t.n), count(t.id) <> count(distinct t.id)
          into hold_available, hold_held, hold_code, hold_remaining, hold_state, missing
          from unnest(hold_ids) with ordinality t(id, n)
          left join locked l on l.id = t.id
          left join ledger_accounts a on a.id = l.available_id
          left join ledger_accounts h on h.id = l.held_id
          left join ledger_assets s on s.id = h.asset_id;
        if missing then
            raise exception 'a hold stands twice in one call' using errcode = 'SR400';
        end if;
        for i in 1..given loop
            if hold_held[i] is not null then
                held_places[i] := ledger_place(shown, codes, hold_held[i], hold_code[i]);
                if held_places[i] is null then
                    shown := shown || hold_held[i]; codes := codes || hold_code[i]; held_places[i] := cardinality(shown);
                end if;
                available_places[i] := ledger_place(shown, codes, hold_available[i], hold_code[i]);
                if available_places[i] is null then
                    shown := shown || hold_available[i]; codes := codes || hold_code[i]; available_places[i] := cardinality(shown);
                end if;
            end if;
        end loop;
    end if;

    -- 2. The accounts, locked in the order of their ids; opened where they are new.
    for attempt in 1..2 loop
        with locked as materialized (
            select p.n, a.id, a.asset_id, a.balance, a.may_be_negative
              from unnest(shown, codes) with ordinality p(address, code, n)
              join ledger_assets s on s.code = p.code
              join ledger_accounts a on a.address = p.address and a.asset_id = s.id
             order by a.id for no key update of a
        )
        select array_agg(id order by n), array_agg(asset_id order by n), array_agg(balance order by n),
               array_agg(may_be_negative order by n), count(*) <> cardinality(shown), count(*) <> count(distinct id)
          into account_ids, account_assets, before, negative_allowed, missing, doubled
          from locked;
        exit when not missing;
        if attempt = 2 then
            raise exception 'an unknown asset among %', codes using errcode = 'SR400';
        end if;
        perform ledger_open_accounts(shown, codes);
    end loop;
    if doubled then
        raise exception 'an account is listed twice' using errcode = 'SR400';
    end if;
    balances := before;

    -- 3. What was done before.
    select array_agg(k.id order by t.n), array_agg(k.request_hash = t.hash order by t.n)
      into known_ids, known_same
      from unnest(keys, hashes) with ordinality t(key, hash, n)
      left join ledger_transactions k on k.idempotency_key = t.key;

    -- 4. Each transaction in turn, on balances in memory.
    for i in 1..given loop
        first := next;
        while posting_transactions[next] = i loop next := next + 1; end loop;
        if known_ids[i] is not null then
            outcomes[i] := case when known_same[i] then 'replayed' else 'conflict' end;
            continue;
        end if;
        if actions[i] <> '' then
            if actions[i] = 'open' then
                if hold_held[i] is not null then
                    raise exception 'hold % exists under another key', hold_ids[i] using errcode = 'SR400';
                end if;
            elsif hold_held[i] is null then
                raise exception 'unknown hold %', hold_ids[i] using errcode = 'SR400';
            elsif hold_state[i] <> 'pending' then
                outcomes[i] := 'hold_closed'; had[i] := hold_state[i];
                continue;
            end if;
            held_at := held_places[i];
        end if;
        number := 0; spent := 0; short_at := null;
        for p in first..next - 1 loop
            source := sources[p]; destination := destinations[p]; amount := units[p];
            if (amount > 0 and amount = trunc(amount) and source <> destination and source between 1 and listed
                and destination between 1 and listed and account_assets[source] = account_assets[destination]) is not true then
                raise exception 'a posting moves a positive whole amount of one asset between two accounts' using errcode = 'SR400';
            end if;
            if (case actions[i]
                    when '' then addresses[source] not like 'user:%:held' and addresses[destination] not like 'user:%:held'
                    when 'open' then next - first = 1
                        and addresses[source] = format('user:%s:%s:available', user_ids[i], split_part(asset_codes[source], ':', 1))
                        and addresses[destination] = format('user:%s:%s:held', user_ids[i], split_part(asset_codes[source], ':', 1))
                    when 'void' then false
                    when 'expire' then false
                    else (source = held_at or addresses[source] not like 'user:%') and addresses[destination] not like 'user:%:held'
                end) is not true then
                raise exception 'a % transaction may not move % to %', kinds[i], addresses[source], addresses[destination]
                    using errcode = 'SR400';
            end if;
            balances[source] := balances[source] - amount;
            balances[destination] := balances[destination] + amount;
            if source = held_at and actions[i] <> '' then spent := spent + amount; end if;
            lines := lines + 1; number := number + 1;
            line_transaction[lines] := i; line_number[lines] := number;
            line_source[lines] := source; line_destination[lines] := destination; line_amount[lines] := amount;
        end loop;
        if actions[i] = 'open' and number <> 1 then
            raise exception 'a hold is one posting' using errcode = 'SR400';
        end if;
        -- 4a. Enough? Only what this transaction takes from can have become too little.
        if spent > hold_remaining[i] then
            short_at := held_at; short_had := hold_remaining[i]; short_needed := spent;
        else
            for p in first..next - 1 loop
                if balances[sources[p]] < 0 and not negative_allowed[sources[p]] then
                    short_at := sources[p]; short_had := null; short_needed := -balances[short_at];
                    exit;
                end if;
            end loop;
        end if;
        if short_at is not null then
            for p in first..next - 1 loop
                amount := units[p];
                balances[sources[p]] := balances[sources[p]] + amount;
                balances[destinations[p]] := balances[destinations[p]] - amount;
            end loop;
            if short_had is null then
                short_had := balances[short_at]; short_needed := short_had + short_needed;
            end if;
            lines := lines - (next - first);
            outcomes[i] := 'insufficient'; short_accounts[i] := shown[short_at]; short_assets[i] := codes[short_at];
            had[i] := short_had::text; wanted[i] := short_needed::text;
            continue;
        end if;
        -- 4b. The rest of a hold that ends goes back to where it came from.
        if actions[i] in ('settle', 'close', 'void', 'expire') then
            rest := hold_remaining[i] - spent;
            hold_remaining[i] := case when actions[i] = 'settle' then rest else 0 end;
            if actions[i] <> 'settle' and rest > 0 then
                balances[held_at] := balances[held_at] - rest;
                balances[available_places[i]] := balances[available_places[i]] + rest;
                lines := lines + 1;
                line_transaction[lines] := i; line_number[lines] := number + 1;
                line_source[lines] := held_at; line_destination[lines] := available_places[i]; line_amount[lines] := rest;
            end if;
        end if;
        outcomes[i] := 'posted'; posted := posted + 1;
    end loop;
    if next <> cardinality(sources) + 1 then
        raise exception 'postings stand in the order of their transactions' using errcode = 'SR400';
    end if;

    -- 5. Write what was decided: keys, postings, one statement for all balances, holds.
    if posted > 0 and not 'conflict' = any (outcomes) then
        with added as (
            insert into ledger_transactions (idempotency_key, request_hash, kind, reference, reverses)
            select t.key, t.hash, t.kind, t.cause, t.reversed
              from unnest(keys, hashes, kinds, causes, reversed, outcomes) t(key, hash, kind, cause, reversed, outcome)
             where t.outcome = 'posted' order by t.key
                on conflict (idempotency_key) do nothing
            returning id, idempotency_key
        )
        select array_agg(a.id order by t.n), count(a.id) <> posted into new_ids, missing
          from unnest(keys) with ordinality t(key, n) left join added a on a.idempotency_key = t.key;
        if missing then -- the same key at the same moment on other accounts: it cannot be the same request
            raise exception 'the key of another request' using errcode = 'SR409';
        end if;
        insert into ledger_postings (transaction_id, line, asset_id, source_id, destination_id, amount)
        select new_ids[l.transaction], l.number, account_assets[l.source], account_ids[l.source], account_ids[l.destination], l.amount
          from unnest(line_transaction[:lines], line_number[:lines], line_source[:lines], line_destination[:lines], line_amount[:lines])
            l(transaction, number, source, destination, amount);
        update ledger_accounts a set balance = b.balance
          from unnest(account_ids, balances, before) b(id, balance, before)
         where a.id = b.id and b.balance <> b.before;
        for l in 1..lines loop
            number := line_transaction[l];
            if actions[number] = 'open' then
                insert into ledger_holds (id, available_id, held_id, amount, remaining, reference)
                values (hold_ids[number], account_ids[line_source[l]], account_ids[line_destination[l]], line_amount[l], line_amount[l],
                        causes[number]);
            end if;
        end loop;
        for i in 1..given loop
            if outcomes[i] = 'posted' and actions[i] in ('settle', 'close', 'void', 'expire') then
                update ledger_holds
                   set remaining = hold_remaining[i],
                       state = case actions[i] when 'settle' then 'pending' when 'close' then 'settled' when 'void' then 'voided' else 'expired' end,
                       closed_at = case when actions[i] <> 'settle' then now() end
                 where id = hold_ids[i];
            end if;
        end loop;
    end if;
    for i in 1..given loop
        outcome := outcomes[i]; transaction_id := coalesce(known_ids[i], new_ids[i]); account := short_accounts[i];
        asset := short_assets[i]; available := had[i]; needed := wanted[i];
        return next;
    end loop;
end $$;
