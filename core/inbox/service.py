"""The inbox: raw updates in, in order for each user, never lost, never stuck.

`store` is called by the webhook route and the poller, before Telegram is answered; the rest by the bot's consumer, which owns
the shards it claims by a lease. A handler's effects and `finish` are one transaction. A row that cannot be handled is parked
with its error and the others flow.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.db.unit_of_work import UnitOfWork
from core.inbox import repository
from core.inbox.types import BotIdentity, InboxRow, ParkedUpdate, RawUpdate


async def store(uow: UnitOfWork, *, bot_id: int, updates: Sequence[RawUpdate]) -> int:
    """Stores updates, ignoring what is there; how many are new. Wakes the owners of their shards (`inbox`) at the commit."""
    return await repository.insert(uow.connection, bot_id, updates) if updates else 0


async def claim(
    uow: UnitOfWork, *, shards: Collection[int], known: Collection[int] = (), busy_senders: Collection[int] = (), limit: int = 200
) -> list[InboxRow]:
    """The oldest pending updates of `shards`, oldest first, leaving out ids in `known` (in hand) and senders who have enough in hand.

    Changes nothing: the lease over the shards makes the caller the only one who asks.
    """
    return await repository.pending(uow.connection, shards, known, busy_senders, limit)


async def claim_urgent(
    uow: UnitOfWork, *, shards: Collection[int], known: Collection[int] = (), busy_senders: Collection[int] = (), limit: int = 64
) -> list[InboxRow]:
    """The same for senders for whom something urgent waits (`rules.is_urgent`), when there is no room for everybody."""
    return await repository.urgent(uow.connection, shards, known, busy_senders, limit)


async def finish(uow: UnitOfWork, row_id: int) -> bool:
    """Marks an update as done, in the same transaction as its effects. False: it was not pending any more, do nothing."""
    return await repository.finish(uow.connection, row_id)


async def park(uow: UnitOfWork, row_id: int, error: str) -> None:
    """Sets a poisonous update aside. `error` names classes and places, never content."""
    await repository.park(uow.connection, row_id, error)


async def parked(uow: UnitOfWork, limit: int = 50) -> list[ParkedUpdate]:
    """What failed for good, newest first; who sent it and why it failed, never what it says."""
    return await repository.parked(uow.connection, limit)


async def release(uow: UnitOfWork, row_id: int) -> bool:
    """Has a parked update tried anew, as late as it is: what must not happen late (an order) is refused by its age. False: not parked."""
    return await repository.release(uow.connection, row_id)


async def drop(uow: UnitOfWork, row_id: int) -> bool:
    """Sets a parked update aside for good: nobody tries it again, and it goes with what is old. False: not parked."""
    return await repository.drop(uow.connection, row_id)


async def count_attempt(uow: UnitOfWork, row_id: int, error: str) -> int:
    """Counts a failed attempt that may succeed later; how many there were. `rules.retry_delay` says when, or that it is time to park."""
    return await repository.count_attempt(uow.connection, row_id, error)


async def enroll_bot(uow: UnitOfWork, *, bot_id: int, username: str) -> None:
    """Remembers a bot that starts now."""
    await repository.enroll(uow.connection, bot_id, username)


async def current_bot(uow: UnitOfWork) -> BotIdentity | None:
    """The bot that started last: whose updates the webhook receives. None before any did."""
    return await repository.current_bot(uow.connection)
