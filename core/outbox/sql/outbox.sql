-- The outbox's functions. Loaded after the migrations; every one runs inside the caller's transaction.

-- Appends a chat row and wakes the owner of its shard at the commit. The shard's formula is core/inbox/rules.shard_of, given by the caller.
drop function if exists outbox_append_chat(bigint, smallint, smallint, text, text, jsonb, text, text);
create or replace function outbox_append_chat(
    p_chat_id bigint, p_shard smallint, p_priority smallint, p_message_key text, p_screen text, p_data jsonb, p_language text,
    p_correlation_id text, p_silent boolean
) returns bigint language plpgsql as $$
declare
    v_id bigint;
begin
    insert into outbox_chat (chat_id, shard, priority, message_key, screen, data, language, correlation_id, silent)
    values (p_chat_id, p_shard, p_priority, p_message_key, p_screen, p_data, p_language, p_correlation_id, p_silent)
    returning id into v_id;
    perform pg_notify('outbox_chat', p_shard::text);
    return v_id;
end
$$;

create or replace function outbox_append_task(p_task text, p_row_id text, p_queue text) returns bigint language plpgsql as $$
declare
    v_id bigint;
begin
    insert into outbox_tasks (task, row_id, queue) values (p_task, p_row_id, p_queue) returning id into v_id;
    perform pg_notify('outbox_tasks', v_id::text);
    return v_id;
end
$$;

-- Uses a button, or says why not: '' (used now), button_unknown, button_foreign, button_used, button_repeated (the same tap again),
-- button_expired, button_unsettled (its message is not on record yet: ask again). The rows of a group are locked in the order of
-- their handles, so two buttons of one group pressed at once cannot both be used, nor deadlock.
create or replace function outbox_press_button(
    p_handle text, p_user_id bigint, p_chat_id bigint, p_telegram_message_id bigint, p_tap_id text
) returns table (verdict text, action text, argument jsonb, message_key text) language plpgsql as $$
declare
    v_button outbox_buttons;
    v_shown bigint;
begin
    perform 1 from outbox_buttons b
    where b.group_id = (select g.group_id from outbox_buttons g where g.handle = p_handle)
    order by b.handle for update;
    select * into v_button from outbox_buttons b where b.handle = p_handle;
    if not found then
        return query select 'button_unknown', '', '{}'::jsonb, '';
        return;
    end if;
    if v_button.user_id <> p_user_id or v_button.chat_id <> p_chat_id then
        return query select 'button_foreign', '', '{}'::jsonb, '';
        return;
    end if;
    select m.telegram_message_id into v_shown from outbox_messages m
    where m.chat_id = v_button.chat_id and m.message_key = v_button.message_key;
    if v_shown is distinct from p_telegram_message_id then
        return query select case when v_shown is null then 'button_unsettled' else 'button_foreign' end, '', '{}'::jsonb, '';
        return;
    end if;
    update outbox_buttons b set used_at = now(), used_tap = p_tap_id
    where b.handle = p_handle and b.used_at is null and b.expires_at > now();
    if not found then
        return query select case
            when v_button.used_at is not null and v_button.used_tap = p_tap_id and p_tap_id <> '' then 'button_repeated'
            when v_button.used_at is not null then 'button_used' else 'button_expired' end, '', '{}'::jsonb, '';
        return;
    end if;
    update outbox_buttons b set used_at = now() where b.group_id = v_button.group_id and b.used_at is null;
    return query select '', v_button.action, v_button.argument, v_button.message_key;
end
$$;

-- Records what became of chat rows, set-wise. A new message id is kept unless a newer row is shown already; older waiting rows of a
-- message that was just shown are superseded.
create or replace function outbox_deliver(
    p_ids bigint[], p_states text[], p_message_ids bigint[], p_errors text[]
) returns integer language plpgsql as $$
declare
    v_superseded integer;
begin
    with told as (
        select * from unnest(p_ids, p_states, p_message_ids, p_errors) as t(id, state, message_id, error)
    ), done as (
        update outbox_chat c set state = t.state, error = t.error, attempts = c.attempts + 1, finished_at = now()
        from told t where c.id = t.id and c.state = 'pending'
        returning c.id, c.chat_id, c.message_key, t.state, t.message_id
    )
    insert into outbox_messages as m (chat_id, message_key, telegram_message_id, sent_row_id)
    select distinct on (d.chat_id, d.message_key) d.chat_id, d.message_key, d.message_id, d.id from done d
    where d.state = 'sent' and d.message_id is not null
    order by d.chat_id, d.message_key, d.id desc
    on conflict (chat_id, message_key) do update
        set telegram_message_id = excluded.telegram_message_id, sent_row_id = excluded.sent_row_id, updated_at = now()
        where m.sent_row_id <= excluded.sent_row_id;
    with shown as (
        select c.id, c.chat_id, c.message_key from outbox_chat c where c.id = any(p_ids) and c.state = 'sent'
    ), old as (
        update outbox_chat c set state = 'superseded', finished_at = now()
        from shown s where c.chat_id = s.chat_id and c.message_key = s.message_key and c.state = 'pending' and c.id < s.id
        returning 1
    ) select count(*) into v_superseded from old;
    return v_superseded;
end
$$;
