"""Moves an order's money in the ledger: spends its hold, ends it, and takes what goes beyond it. Called by settlement and cancellation.

Must never fail to book what really happened. One call of the ledger for what belongs together, so that units of work never wait for
each other in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.config.logging import get_logger
from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied, InvariantViolated
from core.ledger import service as ledger
from core.ledger.types import WORLD, Posting, receivable
from core.market.types import Instrument
from core.trading.booking import Booking, allocate, hold_remaining
from core.trading.types import FINAL_STATES, Order
from core.users import service as users

_log = get_logger()


async def move(uow: UnitOfWork, before: Order, after: Order, instrument: Instrument, booked: Booking) -> None:
    """The ledger's side of a settlement: fills out of the hold, the hold ended when the order is, what goes beyond it owed."""
    was_final, is_final = before.state in FINAL_STATES, after.state in FINAL_STATES
    remaining = 0 if was_final else hold_remaining(before, instrument)
    allocation = allocate(before, booked, remaining)
    key = f"fill:{before.venue}:{before.symbol}:{booked.fills[0].fill.venue_fill_id}" if booked.fills else f"end:{before.id}"
    if was_final:
        await _post_all(uow, before, key, allocation.from_hold, allocation.owed)
        return
    if booked.fills or is_final:
        await _settle_hold(uow, before, after, key, allocation.from_hold, close=is_final)
    if allocation.owed:
        await _post_all(uow, before, f"{key}:owed", (), allocation.owed)


async def release(uow: UnitOfWork, order: Order) -> None:
    """Gives an order's whole hold back; it never executed."""
    if order.hold_id is not None:
        await ledger.void(uow, key=f"end:{order.id}", hold_id=order.hold_id)


async def freeze(uow: UnitOfWork, order: Order, reason: str) -> None:
    """Stops the order's account: its next orders are denied until an operator has looked."""
    user = await users.by_id(uow, order.user_id)
    if user is not None and user.standing != "frozen":
        await users.set_standing(uow, order.user_id, "frozen")
        _log.critical("account_frozen", user_id=order.user_id, order_id=str(order.id), reason=reason)


async def _settle_hold(uow: UnitOfWork, before: Order, after: Order, key: str, postings: Sequence[Posting], *, close: bool) -> None:
    if before.hold_id is None:
        raise InvariantViolated("an order was sent without a hold")
    if close and after.filled_quantity == 0:
        await ledger.void(uow, key=key, hold_id=before.hold_id)
    else:
        await ledger.settle(uow, key=key, hold_id=before.hold_id, postings=postings, close=close)


async def _post_all(uow: UnitOfWork, order: Order, key: str, postings: Sequence[Posting], owed: Sequence[Posting]) -> None:
    """Outside the hold: all at once from what is available, else the missing part as a receivable that freezes the account."""
    try:
        await _post(uow, order, key, (*postings, *owed))
        return
    except Denied as refusal:
        if refusal.code != "insufficient_funds":
            raise
    advanced = [part for posting in owed for part in advance(order.user_id, posting)]
    await _post(uow, order, key, (*postings, *advanced))
    await freeze(uow, order, "receivable")


async def _post(uow: UnitOfWork, order: Order, key: str, postings: Sequence[Posting]) -> None:
    if postings:
        await ledger.post(uow, key=key, kind="fill", postings=postings, reference=f"order:{order.id}")


def advance(user_id: int, posting: Posting) -> tuple[Posting, Posting]:
    """What a user cannot pay: the house advances it, and the same sum stands on the user's receivable until it is paid back."""
    return Posting(WORLD, posting.destination, posting.amount), Posting(WORLD, receivable(user_id), posting.amount)
