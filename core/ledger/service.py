"""The ledger's use cases: post, hold, settle, void; alone or many in one round trip.

Called by whatever moves money (trading, funding, onboarding), inside the caller's unit of work. Every call locks the accounts it
touches until that unit ends: put what belongs together into one call, so that two units never wait for each other in a circle.
A denial leaves the unit usable; nothing of the denied request was done. Must never make a network call.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from core.db.unit_of_work import UnitOfWork
from core.kernel.money import Amount, Asset
from core.ledger import repository
from core.ledger.rules import entry_of
from core.ledger.types import (
    AccountBalance,
    AssetCheck,
    Balance,
    Hold,
    HoldRequest,
    HoldState,
    Posting,
    PostResult,
    Release,
    Request,
    Settlement,
    Transaction,
)


async def ensure_asset(uow: UnitOfWork, asset: Asset) -> None:
    """Makes the asset known. ValueError where it is known with another scale."""
    await repository.ensure_asset(uow, asset)


async def post(
    uow: UnitOfWork, *, key: str, kind: str, postings: Sequence[Posting], reference: str = "", reverses: int | None = None
) -> PostResult:
    """Posts one transaction. Held accounts are out of its reach.

    Raises Denied(insufficient_funds: asset, available, needed | already_reversed), IdempotencyConflict, ValueError (malformed).
    """
    return await _one(uow, Transaction(key, kind, tuple(postings), reference, reverses))


async def post_many(uow: UnitOfWork, batch: Sequence[Request]) -> list[PostResult]:
    """Any requests in one round trip, in order, each whole or not at all: a denied one carries its `denial`, the others stand.

    Sets of 64 to 256 are fastest. A key or a hold may stand once in a batch. Raises IdempotencyConflict (nothing was done), ValueError.
    """
    return await repository.apply(uow, [entry_of(request) for request in batch]) if batch else []


async def hold(uow: UnitOfWork, *, key: str, hold_id: UUID, user_id: int, amount: Amount, reference: str) -> Hold:
    """Sets `amount` of the user's available at the asset's own place aside. Returns the hold as it was made, also when replayed.

    Raises Denied(insufficient_funds), IdempotencyConflict, ValueError.
    """
    if amount.units <= 0:
        raise ValueError("a hold is of a positive amount")
    await _one(uow, HoldRequest(key, hold_id, user_id, amount, reference))
    return Hold(hold_id, amount, amount, HoldState.PENDING, reference)


async def settle(uow: UnitOfWork, *, key: str, hold_id: UUID, postings: Sequence[Posting], close: bool) -> PostResult:
    """Spends from a hold. The hold's own held account is the only account of a user that the postings may take from.

    With `close` what is left returns to available and the hold is settled. Raises Denied(insufficient_funds | hold_closed),
    IdempotencyConflict, ValueError (also for an unknown hold).
    """
    return await _one(uow, Settlement(key, hold_id, tuple(postings), close))


async def void(uow: UnitOfWork, *, key: str, hold_id: UUID, expired: bool = False) -> PostResult:
    """Everything left goes back to available; the hold is voided (or expired). Raises Denied(hold_closed), IdempotencyConflict."""
    return await _one(uow, Release(key, hold_id, expired))


async def balances(uow: UnitOfWork, user_id: int, place: str) -> dict[str, Balance]:
    """What the user has at `place`, by asset code; assets never touched are missing."""
    return await repository.balances(uow, user_id, place)


async def account_balances(uow: UnitOfWork, prefix: str = "") -> list[AccountBalance]:
    """Accounts by address, those that begin with `prefix`: `user:7:`, `fees:`, or all. For operators, not for the hot path."""
    return await repository.account_balances(uow, prefix)


async def check(uow: UnitOfWork) -> list[AssetCheck]:
    """One line an asset, in one snapshot: what `ops ledger check` prints."""
    return await repository.check(uow)


async def _one(uow: UnitOfWork, request: Request) -> PostResult:
    [result] = await post_many(uow, [request])
    if result.denial is not None:
        raise result.denial
    return result
