-- What people with a role did stays as it was written, whoever asks.

create or replace function audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception '% of % is refused: it is append-only', tg_op, tg_table_name using errcode = 'SR403';
end $$;

create or replace trigger operator_actions_append_only before update or delete on operator_actions
    for each row execute function audit_refuse();
create or replace trigger operator_actions_no_truncate before truncate on operator_actions
    for each statement execute function audit_refuse();
