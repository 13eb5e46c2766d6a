-- What `ops ledger check` prints: one statement, hence one snapshot. `problems` is empty where every unit is there.

create or replace function ledger_check() returns table (asset text, accounts bigint, postings bigint, balance_sum text, problems text[])
language sql stable set search_path = pg_catalog, public, pg_temp as $$
    with moved as (
        select account_id, asset_id, sum(amount) as amount
          from (select destination_id as account_id, asset_id, amount from ledger_postings
                union all select source_id, asset_id, -amount from ledger_postings) sides
         group by account_id, asset_id
    ),
    held as (
        select held_id, sum(remaining) as remaining from ledger_holds group by held_id
    ),
    wrong as (
        select a.asset_id, array_agg(a.address || ': ' || trouble order by a.address, trouble) as problems
          from ledger_accounts a
          left join moved m on m.account_id = a.id
          left join held h on h.held_id = a.id
         cross join lateral (values
            (case when a.balance <> coalesce(m.amount, 0) then 'balance ' || a.balance || ', postings ' || coalesce(m.amount, 0) end),
            (case when m.asset_id <> a.asset_id then 'a posting in another asset' end),
            (case when a.balance < 0 and not (a.address = 'world' or a.address like 'venue:%') then 'negative ' || a.balance end),
            (case when (a.address like 'user:%:held' or h.held_id is not null) and a.balance <> coalesce(h.remaining, 0)
                  then 'balance ' || a.balance || ', holds ' || coalesce(h.remaining, 0) end)
         ) found(trouble)
         where trouble is not null
         group by a.asset_id
    ),
    orphans as (
        select p.asset_id, array_agg(distinct 'posting ' || p.transaction_id || '.' || p.line || ' names what is not there') as problems
          from ledger_postings p
          left join ledger_transactions t on t.id = p.transaction_id
          left join ledger_accounts s on s.id = p.source_id and s.asset_id = p.asset_id
          left join ledger_accounts d on d.id = p.destination_id and d.asset_id = p.asset_id
         where t.id is null or s.id is null or d.id is null
         group by p.asset_id
    ),
    totals as (
        select asset_id, count(*) as accounts, sum(balance) as balance_sum from ledger_accounts group by asset_id
    ),
    counted as (
        select asset_id, count(*) as postings from ledger_postings group by asset_id
    )
    select s.code, coalesce(t.accounts, 0), coalesce(c.postings, 0), coalesce(t.balance_sum, 0)::text,
           case when coalesce(t.balance_sum, 0) <> 0 then array['balances sum to ' || t.balance_sum] else '{}' end
           || coalesce(w.problems, '{}') || coalesce(o.problems, '{}')
      from ledger_assets s
      left join totals t on t.asset_id = s.id
      left join counted c on c.asset_id = s.id
      left join wrong w on w.asset_id = s.id
      left join orphans o on o.asset_id = s.id
     order by s.code;
$$;
