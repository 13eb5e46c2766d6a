"""What fills mean in money: whole units, postings, sums. Pure; called by settlement.

Every figure of an order is the rounded value of its running total, so the number of fills changes nothing: what a user pays and fees
are rounded up once, what a user receives is rounded down once, the venue's side is rounded down, and the difference is on
`fees:rounding`. A fill's own figures are the steps between two running totals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from core.fees.rules import next_fee
from core.kernel.money import EXACT, Amount, Asset, Rounding, convert, multiply
from core.ledger.types import FEE_SHARDS, ROUNDING, Posting, fee_account, user_available, user_held, venue_account
from core.market.types import Instrument
from core.trading.types import Order
from core.venues.types import Fill, Side


@dataclass(frozen=True, slots=True)
class BookedFill:
    """A fill in whole units: `notional` is the quote the user pays or is due before fees, `base` what the user receives or gives."""

    fill: Fill
    notional: int
    base: int
    venue_fee: int
    platform_fee: int
    postings: tuple[Posting, ...]
    owed: tuple[Posting, ...]
    """Fees that exceed the proceeds of a tiny sale, to be taken from what the user has available."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A batch of fills and the order's sums after it."""

    fills: tuple[BookedFill, ...]
    filled_quantity: Decimal
    filled_notional: Decimal
    venue_fee: int
    platform_fee: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who pays: `from_hold` are the postings that settle the hold (and those that take from no user), `owed` the rest."""

    from_hold: tuple[Posting, ...]
    owed: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class _Steps:
    """One running total's step, rounded both ways."""

    down: int
    up: int


def book_fills(order: Order, instrument: Instrument, fills: Iterable[Fill]) -> Booking:
    """The money of new fills, after what the order has booked already. Fees: the venue's as told, ours as promised at the decision."""
    quantity, notional = order.filled_quantity, order.filled_notional
    booked: list[BookedFill] = []
    venue_fee = platform_fee = 0
    for fill in fills:
        quantity_after = EXACT.add(quantity, fill.quantity.value)
        notional_after = EXACT.add(notional, multiply(fill.price.value, fill.quantity.value))
        one = _book(order, instrument, fill, (quantity, quantity_after), (notional, notional_after))
        booked.append(one)
        venue_fee += one.venue_fee
        platform_fee += one.platform_fee
        quantity, notional = quantity_after, notional_after
    return Booking(tuple(booked), quantity, notional, order.venue_fee_units + venue_fee, order.platform_fee_units + platform_fee)


def hold_remaining(order: Order, instrument: Instrument) -> int:
    """What is left of the order's hold after everything booked so far; 0 where the bookings went beyond it."""
    if order.held_units is None:
        return 0
    if order.side is Side.BUY:
        paid = convert(order.filled_notional, instrument.quote, Rounding.UP).units + order.venue_fee_units + order.platform_fee_units
    else:
        paid = convert(order.filled_quantity, instrument.base, Rounding.UP).units
    return max(0, order.held_units - paid)


def allocate(order: Order, booking: Booking, remaining: int) -> Allocation:
    """Takes from the hold what is left of it; what goes beyond is owed from the user's available. Nothing is ever moved into a hold."""
    held, available = user_held(order.user_id, order.venue), user_available(order.user_id, order.venue)
    from_hold: list[Posting] = []
    owed = [posting for one in booking.fills for posting in one.owed]
    for posting in _set_off(_merged(posting for one in booking.fills for posting in one.postings), held, venue_of(order)):
        if posting.source != held:
            from_hold.append(posting)
            continue
        part = min(posting.amount.units, remaining)
        remaining -= part
        rest = posting.amount.units - part
        if part:
            from_hold.append(Posting(held, posting.destination, Amount(posting.amount.asset, part)))
        if rest:
            owed.append(Posting(available, posting.destination, Amount(posting.amount.asset, rest)))
    return Allocation(tuple(from_hold), tuple(_merged(owed)))


def _set_off(postings: Sequence[Posting], held: str, venue: str) -> list[Posting]:
    """A rounding step that goes down gives its unit to the venue, and the hold pays the venue that much less.

    The hold pays at least as much: what the user pays in all never goes down.
    """
    returned = {posting.amount.asset: posting.amount.units for posting in postings if posting.destination == held}
    result: list[Posting] = []
    for posting in postings:
        asset, units = posting.amount.asset, posting.amount.units
        if posting.destination == held:
            result.append(Posting(posting.source, venue, posting.amount))
        elif (posting.source, posting.destination) != (held, venue) or asset not in returned:
            result.append(posting)
        elif units > returned[asset]:
            result.append(Posting(held, venue, Amount(asset, units - returned[asset])))
    return result


def _merged(postings: Iterable[Posting]) -> list[Posting]:
    """One posting for each pair of accounts and asset, in order of first appearance; opposite ones are set off."""
    sums: dict[tuple[str, str, Asset], int] = {}
    for posting in postings:
        way = (posting.source, posting.destination, posting.amount.asset)
        back = (posting.destination, posting.source, posting.amount.asset)
        if back in sums:
            sums[back] -= posting.amount.units
        else:
            sums[way] = sums.get(way, 0) + posting.amount.units
    return _postings([(source, destination, asset, units) for (source, destination, asset), units in sums.items()])


def _book(
    order: Order, instrument: Instrument, fill: Fill, quantities: tuple[Decimal, Decimal], notionals: tuple[Decimal, Decimal]
) -> BookedFill:
    base = _steps(quantities, instrument.base)
    quote = _steps(notionals, instrument.quote)
    buying = order.side is Side.BUY
    total_before, total_after = (convert(value, instrument.quote, Rounding.UP).units for value in notionals)
    platform_fee = next_fee(total_before, total_after, order.platform_fee_bps)
    venue_fee = convert(fill.fee, instrument.quote, Rounding.UP).units
    make = _buy_postings if buying else _sell_postings
    postings, owed = make(order, instrument, quote, base, (venue_fee, platform_fee))
    return BookedFill(
        fill, quote.up if buying else quote.down, base.down if buying else base.up, venue_fee, platform_fee, tuple(postings), tuple(owed)
    )


def _buy_postings(
    order: Order, instrument: Instrument, quote: _Steps, base: _Steps, fees: tuple[int, int]
) -> tuple[list[Posting], list[Posting]]:
    held, venue = user_held(order.user_id, order.venue), venue_of(order)
    moves = [
        (held, venue, instrument.quote, quote.down),
        *_fee_moves(order, instrument, held, fees),
        (held, rounding_of(order), instrument.quote, quote.up - quote.down),
        (venue, user_available(order.user_id, order.venue), instrument.base, base.down),
        (venue, rounding_of(order), instrument.base, base.up - base.down),
    ]
    return _postings(moves), []


def _sell_postings(
    order: Order, instrument: Instrument, quote: _Steps, base: _Steps, fees: tuple[int, int]
) -> tuple[list[Posting], list[Posting]]:
    held, venue = user_held(order.user_id, order.venue), venue_of(order)
    proceeds = quote.down
    covered = (min(fees[0], proceeds), min(fees[1], max(0, proceeds - fees[0])))
    moves = [
        (held, venue, instrument.base, base.down),
        (held, rounding_of(order), instrument.base, base.up - base.down),
        (venue, user_available(order.user_id, order.venue), instrument.quote, proceeds - sum(covered)),
        *_fee_moves(order, instrument, venue, covered),
        (venue, rounding_of(order), instrument.quote, quote.up - quote.down),
    ]
    uncovered = (fees[0] - covered[0], fees[1] - covered[1])
    return _postings(moves), _postings(_fee_moves(order, instrument, user_available(order.user_id, order.venue), uncovered))


_Move = tuple[str, str, Asset, int]


def _fee_moves(order: Order, instrument: Instrument, source: str, fees: tuple[int, int]) -> list[_Move]:
    accounts = (venue_fee_account(order), platform_fee_account(order))
    return [(source, account, instrument.quote, fee) for account, fee in zip(accounts, fees, strict=True)]


def _steps(totals: tuple[Decimal, Decimal], asset: Asset) -> _Steps:
    down, up = (
        convert(totals[1], asset, rounding).units - convert(totals[0], asset, rounding).units for rounding in (Rounding.DOWN, Rounding.UP)
    )
    return _Steps(down, up)


def _postings(moves: Sequence[_Move]) -> list[Posting]:
    """Leaves out what moves nothing; a rounding step that goes down is taken back from where it was put."""
    return [
        Posting(source, destination, Amount(asset, units)) if units > 0 else Posting(destination, source, Amount(asset, -units))
        for source, destination, asset, units in moves
        if units != 0
    ]


def shard_of(order_id: UUID) -> int:
    """The shard of hot accounts that an order uses."""
    return order_id.int % FEE_SHARDS


def venue_of(order: Order) -> str:
    """The counterpart of the order's fills, sharded: every fill at a venue touches it."""
    return f"{venue_account(order.venue)}:{shard_of(order.id)}"


def rounding_of(order: Order) -> str:
    """Where the order's rounding differences are, so that a step down finds what an earlier step left."""
    return f"{ROUNDING}:{shard_of(order.id)}"


def venue_fee_account(order: Order) -> str:
    """What the venue has taken in fees."""
    return fee_account(f"venue_{order.venue.replace('-', '_')}", shard_of(order.id))


def platform_fee_account(order: Order) -> str:
    """What we have taken in fees."""
    return fee_account("platform", shard_of(order.id))
