"""Leases with fencing tokens: one holder at a time, and a holder that was stopped too long cannot write any more.

Guards the poller, shards and the relay. The database's clock decides. The token grows with each new holder; whoever writes under a
lease calls `require` in the same unit of work, first of all. Must never trust the holder's own clock or memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import LeaseLost


@dataclass(frozen=True, slots=True)
class Lease:
    """Proof of having been the holder: `token` is stale as soon as another took over."""

    name: str
    holder: str
    token: int
    ttl: timedelta


_ACQUIRE = """
with free as (select name from leases where name = $1 and expires_at <= clock_timestamp() for update skip locked),
taken as (
    update leases set holder = $2, token = leases.token + 1, expires_at = clock_timestamp() + $3
      from free where leases.name = free.name returning leases.token),
made as (
    insert into leases (name, holder, token, expires_at) select $1, $2, 1, clock_timestamp() + $3
     where not exists (select from leases where name = $1) on conflict (name) do nothing returning token)
select token from taken union all select token from made"""
_RENEW = """
update leases set expires_at = clock_timestamp() + $4
 where name = $1 and holder = $2 and token = $3 and expires_at > clock_timestamp()"""
_RELEASE = (
    "update leases set expires_at = clock_timestamp() where name = $1 and holder = $2 and token = $3 and expires_at > clock_timestamp()"
)
_REQUIRE = """
select token = $3 and holder = $2 and expires_at > clock_timestamp(),
       set_config('idle_in_transaction_session_timeout', $4, true)
  from leases where name = $1 for share"""
SHORTEST_PATIENCE = timedelta(seconds=1)


async def acquire(pool: Pool, name: str, holder: str, ttl: timedelta) -> Lease | None:
    """Takes the lease if it is free or expired; None while somebody holds it (the same holder too: each taking is a new token).

    Never waits: None too while a unit of work of the last holder still stands under it.
    """
    token = await pool.fetchval(_ACQUIRE, name, holder, ttl)
    return None if token is None else Lease(name, holder, token, ttl)


async def renew(pool: Pool, lease: Lease) -> bool:
    """Extends it by its ttl from now. False when it expired or went to another: then it must be acquired anew."""
    status = await pool.execute(_RENEW, lease.name, lease.holder, lease.token, lease.ttl)
    return status == "UPDATE 1"


async def release(pool: Pool, lease: Lease) -> None:
    """Frees it at once for the next holder. Nothing happens when it is lost already."""
    await pool.execute(_RELEASE, lease.name, lease.holder, lease.token)


async def require(uow: UnitOfWork, lease: Lease) -> None:
    """Locks the lease's row until the unit of work ends, so that nobody takes over in between.

    Raises LeaseLost for a stale token and for a lease that has expired, even if nobody took it over yet. A process that is stopped
    inside the unit of work keeps its successor waiting no longer than the lease would: then the database ends its transaction.
    """
    patience = max(lease.ttl, SHORTEST_PATIENCE) // timedelta(milliseconds=1)
    held = await uow.connection.fetchval(_REQUIRE, lease.name, lease.holder, lease.token, str(patience))
    if not held:
        raise LeaseLost(f"{lease.name} is no longer held with token {lease.token}")
