-- Assets and accounts come into being on first use.

create or replace function ledger_ensure_asset(asset_code text, asset_scale int) returns void language plpgsql
security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    known int;
begin
    select scale into known from ledger_assets where code = asset_code;
    if not found then
        insert into ledger_assets (code, scale) values (asset_code, asset_scale) on conflict (code) do nothing;
        select scale into known from ledger_assets where code = asset_code;
    end if;
    if known <> asset_scale then
        raise exception 'asset % has % decimals, not %', asset_code, known, asset_scale using errcode = 'SR400';
    end if;
end $$;

-- In the order of the unique index, so that two calls opening the same accounts wait for each other and never lock up.
create or replace function ledger_open_accounts(addresses text[], asset_codes text[]) returns void language sql
set search_path = pg_catalog, public, pg_temp as $$
    insert into ledger_accounts (address, asset_id, may_be_negative)
    select wanted.address, asset.id, false
      from (select distinct address, code from unnest(addresses, asset_codes) u(address, code)) wanted
      join ledger_assets asset on asset.code = wanted.code
     order by wanted.address, asset.id
        on conflict (address, asset_id) do nothing;
$$;
