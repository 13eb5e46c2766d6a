-- Partitions of `candles`: made ahead and dropped by the job that keeps candles, as the application role, which owns no table.
-- Where the table is no partitioned one (a hypertable of TimescaleDB makes its chunks itself) there is nothing to make, and what is
-- too old is deleted.

-- Makes the partitions for every month from that of `p_from` to that of `p_until`; how many are new. Safe to call side by side.
create or replace function market_ensure_partitions(p_interval text, p_from timestamptz, p_until timestamptz) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_list text := 'candles_' || p_interval;
    v_month timestamp := date_trunc('month', p_from at time zone 'UTC');
    v_name text;
    v_made integer := 0;
begin
    if p_interval not in ('1m', '5m', '1h', '1d') or p_until > p_from + interval '60 years' then
        raise exception 'no partitions of % from % to %', p_interval, p_from, p_until using errcode = '22023';
    end if;
    if not exists (select from pg_class where oid = 'public.candles'::regclass and relkind = 'p') then
        return 0;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('market_partitions', 0));
    if to_regclass('public.' || v_list) is null then
        execute format('create table public.%I partition of public.candles for values in (%L) partition by range (open_at)', v_list, p_interval);
    end if;
    while v_month <= p_until at time zone 'UTC' loop
        v_name := v_list || to_char(v_month, '_YYYY_MM');
        if to_regclass('public.' || v_name) is null then
            execute format('create table public.%I partition of public.%I for values from (%L) to (%L)',
                v_name, v_list, v_month at time zone 'UTC', (v_month + interval '1 month') at time zone 'UTC');
            v_made := v_made + 1;
        end if;
        v_month := v_month + interval '1 month';
    end loop;
    return v_made;
end $$;

-- Drops the months of an interval that end before `p_before` altogether; how many partitions (or rows of a hypertable) went.
create or replace function market_drop_partitions(p_interval text, p_before timestamptz) returns integer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    v_month record;
    v_gone integer := 0;
begin
    if not exists (select from pg_class where oid = 'public.candles'::regclass and relkind = 'p') then
        delete from public.candles c where c.interval = p_interval and c.open_at < p_before;
        get diagnostics v_gone = row_count;
        return v_gone;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('market_partitions', 0));
    for v_month in
        select i.inhrelid::regclass as name, right(c.relname, 7) as month
          from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = to_regclass('public.candles_' || p_interval)
    loop
        if to_date(v_month.month, 'YYYY_MM')::timestamp + interval '1 month' <= p_before at time zone 'UTC' then
            execute format('drop table %s', v_month.name);
            v_gone := v_gone + 1;
        end if;
    end loop;
    return v_gone;
end $$;

-- Makes the candles of `p_to` that contain `p_at` out of those of `p_from` in them. A row that saw more minutes stays as it is.
create or replace function market_roll_up(p_origin text, p_symbols text[], p_from text, p_to text, p_since timestamptz, p_until timestamptz)
returns integer language plpgsql set search_path = pg_catalog, public, pg_temp as $$
declare
    v_step interval := case p_to when '5m' then interval '5 minutes' when '1h' then interval '1 hour' else interval '1 day' end;
    v_since timestamptz := date_bin(v_step, p_since, timestamptz '2000-01-01 00:00:00+00');
    v_until timestamptz := date_bin(v_step, p_until, timestamptz '2000-01-01 00:00:00+00') + v_step;
    v_count integer;
begin
    insert into candles as there (symbol, interval, origin, open_at, open, high, low, close, volume, minutes, jumped,
        source_name, source_kind, recorded_at)
    select c.symbol, p_to, c.origin, date_bin(v_step, c.open_at, timestamptz '2000-01-01 00:00:00+00'),
        (array_agg(c.open order by c.open_at))[1], max(c.high), min(c.low), (array_agg(c.close order by c.open_at desc))[1],
        case when bool_and(c.volume is not null) then sum(c.volume) end, sum(c.minutes), bool_or(c.jumped),
        (array_agg(c.source_name order by c.open_at desc))[1], (array_agg(c.source_kind order by c.open_at desc))[1],
        (array_agg(c.recorded_at order by c.open_at))[1]
      from candles c
     where c.interval = p_from and c.origin = p_origin and c.symbol = any (p_symbols) and c.open_at >= v_since and c.open_at < v_until
     group by c.symbol, c.origin, 4
     order by c.symbol, 4
    on conflict (symbol, interval, origin, open_at) do update
       set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume,
           minutes = excluded.minutes, jumped = excluded.jumped, source_name = excluded.source_name,
           source_kind = excluded.source_kind, recorded_at = excluded.recorded_at
     where excluded.minutes >= there.minutes;
    get diagnostics v_count = row_count;
    return v_count;
end $$;
