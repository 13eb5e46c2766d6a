"""Roles of the database and what each may do. The owner migrates; processes use the application role; a signer role has room here.

Called by `migrations/apply.py` after tables and functions exist. Must never let the application role write a ledger table: money
moves through the ledger's functions (security definer) alone.
"""

from __future__ import annotations

APPLICATION_ROLE = "strongroom_app"

_DELETABLE: tuple[str, ...] = ("process_heartbeats",)
"""Tables from which the application role may delete."""


def grants() -> str:
    """SQL that gives the application role exactly its rights, taking away what an earlier version gave. Run as the owner."""
    deletable = "".join(f"grant delete on {table} to {APPLICATION_ROLE};\n" for table in _DELETABLE)
    return _GRANTS.replace("APP", APPLICATION_ROLE) + deletable


_GRANTS = """
revoke all on all tables in schema public from public, APP;
revoke all on all functions in schema public from public, APP;
grant usage on schema public to APP;
do $$
declare
    relation regclass;
begin
    for relation in select oid from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') loop
        if relation::text like 'ledger\\_%' or relation::text = 'alembic_version' then
            execute format('grant select on %s to APP', relation);
        else
            execute format('grant select, insert, update on %s to APP', relation);
        end if;
    end loop;
end $$;
grant usage on all sequences in schema public to APP;
grant execute on all functions in schema public to APP;
"""
