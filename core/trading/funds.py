"""Moves an order's money in the ledger: spends its hold, ends it, and takes what goes beyond it. Called by settlement and cancellation.

Must never fail to book what really happened. One call of the ledger for what belongs together, so that units of work never wait for
each other in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.config.logging import get_logger
from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied, InvariantViolated
from core.kernel.ids import new_id
from core.kernel.money import Amount, Asset
from core.ledger import service as ledger
from core.ledger.types import WORLD, Posting, receivable, user_available
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
    if allocation.owed or was_final:
        await users.lock(uow, before.user_id)  # before the ledger's accounts, as decisions do: this may end in a freeze
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


async def receivables(uow: UnitOfWork, user_id: int) -> list[Amount]:
    """What the user owes us, one amount an asset; empty where nothing is owed."""
    found = await ledger.account_balances(uow, receivable(user_id))
    return [one.amount for one in found if one.address == receivable(user_id) and one.amount.units > 0]


async def repay_receivable(uow: UnitOfWork, user_id: int, asset: Asset) -> Amount:
    """Pays back from the user's available all that is owed of an asset; how much that was, 0 where nothing was owed.

    What the house had advanced goes back to the world, and the claim with it. Raises Denied('insufficient_funds'): then nothing is paid.
    """
    owed = next((amount for amount in await receivables(uow, user_id) if amount.asset == asset), Amount(asset, 0))
    if owed.units:
        postings = [Posting(user_available(user_id, asset.place), WORLD, owed), Posting(receivable(user_id), WORLD, owed)]
        await ledger.post(uow, key=f"repay:{new_id()}", kind="repay", postings=postings, reference=f"user:{user_id}")
    return owed


async def _settle_hold(uow: UnitOfWork, before: Order, after: Order, key: str, postings: Sequence[Posting], *, close: bool) -> None:
    if before.hold_id is None:
        raise InvariantViolated("an order was sent without a hold")
    if close and after.filled_quantity == 0:
        await ledger.void(uow, key=key, hold_id=before.hold_id)
    else:
        await ledger.settle(uow, key=key, hold_id=before.hold_id, postings=postings, close=close)


async def _post_all(uow: UnitOfWork, order: Order, key: str, postings: Sequence[Posting], owed: Sequence[Posting]) -> None:
    """Outside the hold: from what is available; what that does not cover is a receivable, which freezes the account."""
    if await _paid(uow, order, key, (*postings, *owed)):
        return
    balances = await ledger.balances(uow, order.user_id, order.venue)
    available = {code: balance.available.units for code, balance in balances.items()}
    if not await _paid(uow, order, key, (*postings, *cover(order.user_id, owed, available))):  # spent by another order since we looked
        await _post(uow, order, key, (*postings, *cover(order.user_id, owed, {})))
    await freeze(uow, order, "receivable")


async def _paid(uow: UnitOfWork, order: Order, key: str, postings: Sequence[Posting]) -> bool:
    try:
        await _post(uow, order, key, postings)
    except Denied as refusal:
        if refusal.code != "insufficient_funds":
            raise
        return False
    return True


async def _post(uow: UnitOfWork, order: Order, key: str, postings: Sequence[Posting]) -> None:
    if postings:
        await ledger.post(uow, key=key, kind="fill", postings=postings, reference=f"order:{order.id}")


def cover(user_id: int, owed: Sequence[Posting], available: Mapping[str, int]) -> list[Posting]:
    """Who pays what a user owes: the user as far as `available` (units by asset code) goes, the house for the rest.

    What the house advances comes from the world, and the same sum stands on the user's receivable until it is paid back.
    """
    left = dict(available)
    postings: list[Posting] = []
    for posting in owed:
        asset = posting.amount.asset
        part = min(posting.amount.units, left.get(asset.code, 0))
        left[asset.code] = left.get(asset.code, 0) - part
        rest = Amount(asset, posting.amount.units - part)
        if part:
            postings.append(Posting(posting.source, posting.destination, Amount(asset, part)))
        if rest.units:
            postings += [Posting(WORLD, posting.destination, rest), Posting(WORLD, receivable(user_id), rest)]
    return postings
