-- What the tables refuse, whoever asks, the owner included: history is append-only, money is neither made nor lost by a statement,
-- and an account is what its address says.

create or replace function ledger_refuse() returns trigger language plpgsql as $$
begin
    raise exception '% of % is refused: the ledger is append-only', tg_op, tg_table_name using errcode = 'SR403';
end $$;

create or replace trigger ledger_transactions_append_only before update or delete on ledger_transactions
    for each row execute function ledger_refuse();
create or replace trigger ledger_transactions_no_truncate before truncate on ledger_transactions
    for each statement execute function ledger_refuse();
create or replace trigger ledger_postings_append_only before update or delete on ledger_postings
    for each row execute function ledger_refuse();
create or replace trigger ledger_postings_no_truncate before truncate on ledger_postings
    for each statement execute function ledger_refuse();
create or replace trigger ledger_accounts_no_delete before delete on ledger_accounts
    for each row execute function ledger_refuse();
create or replace trigger ledger_accounts_no_truncate before truncate on ledger_accounts
    for each statement execute function ledger_refuse();
create or replace trigger ledger_accounts_same_account before update of id, address, asset_id, user_id, may_be_negative on ledger_accounts
    for each row when ((old.id, old.address, old.asset_id, old.user_id, old.may_be_negative)
        is distinct from (new.id, new.address, new.asset_id, new.user_id, new.may_be_negative))
    execute function ledger_refuse();
create or replace trigger ledger_assets_no_change before update or delete on ledger_assets
    for each row execute function ledger_refuse();

-- Every statement that changes balances must change them by nothing in sum, asset by asset: the ledger sums to zero at every commit.
create or replace function ledger_require_zero_sum() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    broken bigint;
begin
    select changes.asset_id into broken
      from (select asset_id, balance from balances_after union all select asset_id, -balance from balances_before) changes
     group by changes.asset_id having sum(changes.balance) <> 0 limit 1;
    if found then
        raise exception 'balances of asset % would no longer sum to zero', broken using errcode = 'SR001';
    end if;
    return null;
end $$;

create or replace trigger ledger_accounts_zero_sum after update on ledger_accounts
    referencing old table as balances_before new table as balances_after
    for each statement execute function ledger_require_zero_sum();

-- A new account: empty, at the place of its asset, and negative only where its kind allows.
create or replace function ledger_shape_account() returns trigger language plpgsql
set search_path = pg_catalog, public, pg_temp as $$
declare
    place text;
    addressed text := split_part(new.address, ':', case when new.address ~ '^user:' then 3 else 2 end);
begin
    if new.balance <> 0 then
        raise exception 'account % would begin with a balance', new.address using errcode = 'SR001';
    end if;
    if new.address !~ ('^(world|user:[1-9][0-9]*:[a-z0-9_-]+:(available|held)|(venue|chain):[a-z0-9_-]+(:[A-Za-z0-9_.-]+)*'
        || '|fees:[a-z0-9_]+(:[0-9]+)?|referrals:[A-Za-z0-9_:-]+|receivable:user:[1-9][0-9]*)$') then
        raise exception 'not an address of the ledger: %', new.address using errcode = 'SR400';
    end if;
    select split_part(code, ':', 1) into strict place from ledger_assets where id = new.asset_id;
    if new.address ~ '^(user|venue|chain):' and addressed <> place then
        raise exception 'an asset at % does not belong to the account %', place, new.address using errcode = 'SR400';
    end if;
    new.user_id := substring(new.address from '^(?:receivable:)?user:([0-9]+)')::bigint;
    new.may_be_negative := new.address = 'world' or new.address like 'venue:%';
    return new;
end $$;

create or replace trigger ledger_accounts_shape before insert on ledger_accounts
    for each row execute function ledger_shape_account();
