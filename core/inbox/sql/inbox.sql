-- The inbox's functions. Loaded after the migrations; every one runs inside the caller's transaction.

-- Stores one update, as a parked text where it is not storable as JSON. Returns 1 when it is new.
create or replace function inbox_store_doubtful(
    p_bot_id bigint, p_update_id bigint, p_sender_id bigint, p_shard smallint, p_payload text
) returns integer language plpgsql as $$
declare
    v_error text;
begin
    begin
        insert into inbox_updates (bot_id, update_id, sender_id, shard, payload, correlation_id)
        values (p_bot_id, p_update_id, p_sender_id, p_shard, p_payload::jsonb, replace(gen_random_uuid()::text, '-', ''))
        on conflict (bot_id, update_id) do nothing;
    exception when data_exception or program_limit_exceeded then
        get stacked diagnostics v_error = message_text;
        insert into inbox_updates (bot_id, update_id, sender_id, shard, payload, state, error, finished_at)
        values (
            p_bot_id, p_update_id, p_sender_id, p_shard,
            jsonb_build_object('unreadable', encode(convert_to(left(p_payload, 100000), 'UTF8'), 'base64')),
            'parked', 'not storable: ' || v_error, now()
        ) on conflict (bot_id, update_id) do nothing;
    end;
    return case when found then 1 else 0 end;
end
$$;

-- Stores raw updates, ignoring those that are there. What PostgreSQL cannot read as JSON is stored as a text and parked, so that
-- nothing that Telegram sends can stop the queue. Returns how many are new, and wakes the shards' owners at the commit.
drop function if exists inbox_store(bigint, bigint[], bigint[], smallint[], text[]);
create or replace function inbox_store(
    p_bot_id bigint, p_update_ids bigint[], p_sender_ids bigint[], p_shards smallint[], p_payloads text[], p_urgent boolean[]
) returns integer language plpgsql as $$
declare
    v_new integer := 0;
    v_shard smallint;
begin
    begin
        insert into inbox_updates (bot_id, update_id, sender_id, shard, payload, urgent, correlation_id)
        select p_bot_id, u.update_id, u.sender_id, u.shard, u.payload::jsonb, u.urgent, replace(gen_random_uuid()::text, '-', '')
        from unnest(p_update_ids, p_sender_ids, p_shards, p_payloads, p_urgent) with ordinality
            as u(update_id, sender_id, shard, payload, urgent, place)
        order by u.place
        on conflict (bot_id, update_id) do nothing;
        get diagnostics v_new = row_count;
    exception when data_exception or program_limit_exceeded then
        for i in 1 .. array_length(p_update_ids, 1) loop
            v_new := v_new + inbox_store_doubtful(p_bot_id, p_update_ids[i], p_sender_ids[i], p_shards[i], p_payloads[i]);
        end loop;
    end;
    if v_new > 0 then
        for v_shard in select distinct s from unnest(p_shards) as s loop
            perform pg_notify('inbox', v_shard::text);
        end loop;
    end if;
    return v_new;
end
$$;

-- Marks an update as handled, in the transaction of its effects. False when somebody else already did.
create or replace function inbox_finish(p_id bigint) returns boolean language sql as $$
    with done as (
        update inbox_updates set state = 'done', finished_at = now(), attempts = attempts + 1
        where id = p_id and state = 'pending' returning 1
    ) select exists (select 1 from done)
$$;
