"""Roles of the database and what each may do. The owner migrates; processes use the application role; a signer role has room here.

Called by `migrations/apply.py` after tables and functions exist. Must never let the application role write a ledger table: money
moves through the ledger's functions (security definer) alone.
"""

from __future__ import annotations

APPLICATION_ROLE = "strongroom_app"

_DELETABLE: tuple[str, ...] = (
    "process_heartbeats",
    "inbox_updates",
    "outbox_tasks",
    "outbox_chat",
    "outbox_buttons",
    "order_reports",
)
"""Tables from which the application role may delete: all are pruned by `core/db/retention`."""

_APPEND_ONLY: tuple[str, ...] = ("operator_actions",)
"""Tables that the application role may add to and read, and never change."""


def grants() -> str:
    """SQL that gives the application role exactly its rights, taking away what an earlier version gave. Run as the owner."""
    deletable = "".join(f"grant delete on {table} to {APPLICATION_ROLE};\n" for table in _DELETABLE)
    append_only = "".join(f"revoke update on {table} from {APPLICATION_ROLE};\n" for table in _APPEND_ONLY)
    return _GRANTS.replace("APP", APPLICATION_ROLE) + deletable + append_only


_GRANTS = """
grant usage on schema public to APP;
do $$
declare
    ours record;
begin
    for ours in select oid::regclass as name, relkind from pg_class
                 where relnamespace = 'public'::regnamespace and relowner = current_user::regrole and relkind in ('r', 'p', 'S') loop
        execute format('revoke all on %s from public, APP', ours.name);
        if ours.relkind = 'S' then
            execute format('grant usage on sequence %s to APP', ours.name);
        elsif ours.name::text like 'ledger\\_%' or ours.name::text = 'alembic_version' then
            execute format('grant select on %s to APP', ours.name);
        else
            execute format('grant select, insert, update on %s to APP', ours.name);
        end if;
    end loop;
    for ours in select oid::regprocedure as name from pg_proc
                 where pronamespace = 'public'::regnamespace and proowner = current_user::regrole loop
        execute format('revoke all on function %s from public, APP', ours.name);
        execute format('grant execute on function %s to APP', ours.name);
    end loop;
end $$;
"""
