"""Random fills, in random batches, into the real ledger: every settlement is accepted, every hold closes, every unit is there."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.ids import new_id
from core.kernel.money import Amount, Asset, Price, Quantity, Rounding, convert
from core.ledger import service as ledger
from core.ledger.types import WORLD, Posting, user_available
from core.market.types import Instrument
from core.trading import funds
from core.trading.booking import book_fills
from core.trading.types import Order, OrderState
from core.venues.types import Fill, Side
from tests.core.trading.test_lifecycle import NOW, order
from tests.support.ledger import require_clean

FINE = Instrument("paper", "X/Y", Asset("paper:X", 8), Asset("paper:Y", 8), Decimal("0.01"), Decimal("0.0000001"), Decimal(0), 10)
COARSE = Instrument("paper", "X/Y", Asset("paper:X", 3), Asset("paper:Y", 2), Decimal("0.0001"), Decimal("0.0001"), Decimal(0), 10)
FUNDS = 10**15


async def has(pool: Pool, user_id: int, asset: Asset) -> tuple[int, int]:
    async with unit_of_work(pool) as uow:
        found = (await ledger.balances(uow, user_id, "paper"))[asset.code]
    return found.available.units, found.held.units


async def start(pool: Pool, instrument: Instrument, user_id: int, side: Side, held: int) -> Order:
    """An order whose user has much of both assets, and its hold."""
    hold_id, order_id = new_id(), new_id()
    paying = instrument.quote if side is Side.BUY else instrument.base
    async with unit_of_work(pool) as uow:
        for asset in (instrument.base, instrument.quote):
            await ledger.ensure_asset(uow, asset)
            given = Posting(WORLD, user_available(user_id, "paper"), Amount(asset, FUNDS))
            await ledger.post(uow, key=f"fund:{user_id}:{asset.code}", kind="fund", postings=[given])
        await ledger.hold(uow, key=f"hold:{order_id}", hold_id=hold_id, user_id=user_id, amount=Amount(paying, held), reference="")
    made = order(side=side, quantity=None, platform_fee_bps=7, held_units=held)
    return replace(made, id=order_id, user_id=user_id, hold_id=hold_id, symbol=instrument.symbol)


async def settle(pool: Pool, instrument: Instrument, before: Order, fills: list[Fill], *, last: bool) -> Order:
    booked = book_fills(before, instrument, fills)
    after = replace(
        before,
        state=OrderState.FILLED if last else OrderState.PARTIALLY_FILLED,
        filled_quantity=booked.filled_quantity,
        filled_notional=booked.filled_notional,
        venue_fee_units=booked.venue_fee,
        platform_fee_units=booked.platform_fee,
    )
    async with unit_of_work(pool) as uow:
        await funds.move(uow, before, after, instrument, booked)
    return after


def random_fills(chance: random.Random, instrument: Instrument, order_id: object) -> list[Fill]:
    return [
        Fill(
            f"{order_id}:{number}",
            Price(instrument.tick * chance.randint(1, 10**7)),
            Quantity(instrument.lot * chance.randint(1, 10**5)),
            Decimal(chance.randint(0, 10**6)).scaleb(-9),
            NOW,
        )
        for number in range(chance.randint(1, 6))
    ]


async def require_exact(pool: Pool, instrument: Instrument, after: Order) -> None:
    """The user paid the whole order rounded up and received it rounded down; nothing is held any more."""
    fees = after.venue_fee_units + after.platform_fee_units
    buying = after.side is Side.BUY
    up, down = Rounding.UP, Rounding.DOWN
    quote = convert(after.filled_notional, instrument.quote, up if buying else down).units
    base = convert(after.filled_quantity, instrument.base, down if buying else up).units
    assert await has(pool, after.user_id, instrument.quote) == (FUNDS - quote - fees if buying else FUNDS + quote - fees, 0)
    assert await has(pool, after.user_id, instrument.base) == (FUNDS + base if buying else FUNDS - base, 0)


@pytest.mark.parametrize("instrument", [FINE, COARSE], ids=["fine", "coarse"])
async def test_every_division_into_fills_and_batches_settles_in_the_ledger(pool: Pool, instrument: Instrument) -> None:
    chance = random.Random(7)
    for user_id in range(1, 41):
        side = chance.choice(list(Side))
        current = await start(pool, instrument, user_id, side, chance.choice((1, 1000, 10**12)))
        fills = random_fills(chance, instrument, current.id)
        while fills:
            cut = chance.randint(1, len(fills))
            current = await settle(pool, instrument, current, fills[:cut], last=cut == len(fills))
            fills = fills[cut:]
        await require_exact(pool, instrument, current)
    await require_clean(pool)
    async with unit_of_work(pool) as uow:
        rounding = await ledger.account_balances(uow, "fees:rounding")
    assert all(one.amount.units >= 0 for one in rounding)


async def test_the_second_half_of_a_fine_buy_takes_its_rounding_back(pool: Pool) -> None:
    current = await start(pool, FINE, 1, Side.BUY, 10**12)
    halves = [Fill(f"half {n}", Price(Decimal("60000.01")), Quantity(Decimal("0.0010005")), Decimal(0), NOW) for n in range(2)]
    for number, half in enumerate(halves):
        current = await settle(pool, FINE, current, [half], last=number == 1)
    await require_exact(pool, FINE, current)
    await require_clean(pool)
