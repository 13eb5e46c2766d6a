"""Rules by the size of the price, and instruments in the database."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.db.unit_of_work import unit_of_work
from core.market import service
from core.market.instruments import paper_instrument, split_symbol, step_of, tick_for


@pytest.mark.parametrize(
    ("price", "tick", "lot"),
    [
        ("61837.64", "0.01", "0.00001"),
        ("100", "0.01", "0.00001"),
        ("15.2", "0.01", "0.001"),
        ("0.55", "0.0001", "0.1"),
        ("0.0000013", "0.00000001", "1"),
    ],
)
def test_tick_and_lot_follow_the_price(price, tick, lot):
    made = paper_instrument("BTC/USDT", Decimal(price))
    assert (made.tick, made.lot, made.minimum_notional, made.taker_fee_bps) == (Decimal(tick), Decimal(lot), Decimal(5), 10)
    assert (made.base.code, made.base.scale, made.quote.code, made.quote.scale) == ("paper:BTC", 8, "paper:USDT", 8)


def test_a_finer_step_in_the_data_is_taken_a_coarser_one_is_not():
    assert paper_instrument("BTC/USDT", Decimal(100), tick=Decimal(100)).tick == Decimal("0.01")
    assert paper_instrument("BTC/USDT", Decimal(100), tick=Decimal("0.001")).tick == Decimal("0.001")


def test_the_minimum_against_a_coin_is_in_that_coin():
    assert paper_instrument("XRP/ETH", Decimal("0.0014")).minimum_notional == Decimal("0.001")


@given(st.decimals("0.0000001", "1000000", places=10))
def test_a_tick_is_at_most_a_tenth_of_the_price(price):
    assert 0 < tick_for(price) <= price / 10


@given(st.lists(st.decimals("0.0001", "100000", places=4), min_size=1))
def test_every_price_is_a_multiple_of_the_step(prices):
    step = step_of(prices)
    assert step is not None
    assert all(price % step == 0 for price in prices)


@pytest.mark.parametrize(
    ("joined", "symbol"),
    [("btcusdt", "BTC/USDT"), ("ETHBTC", "ETH/BTC"), ("1000pepefdusd", "1000PEPE/FDUSD"), ("usdt", None), ("abc", None)],
)
def test_joined_names_are_split_at_a_known_quote(joined, symbol):
    assert split_symbol(joined) == symbol


BTC = paper_instrument("BTC/USDT", Decimal(60_000))
PEPE = paper_instrument("PEPE/USDT", Decimal("0.0000013"))


async def test_saved_instruments_come_back_equal_and_by_symbol(pool):
    async with unit_of_work(pool) as uow:
        await service.save_instruments(uow, [PEPE, BTC])
    async with unit_of_work(pool) as uow:
        assert await service.instruments(uow, "paper") == [BTC, PEPE]
        found = await service.instrument(uow, "paper", "PEPE/USDT")
        assert found == PEPE
        assert f"{found.minimum_notional} {found.lot}" == "5 1"
        assert await service.instrument(uow, "paper", "DOGE/USDT") is None
        assert await service.instruments(uow, "binance") == []


async def test_saving_again_replaces_the_rules(pool):
    cheaper = paper_instrument("BTC/USDT", Decimal(2))
    async with unit_of_work(pool) as uow:
        await service.save_instruments(uow, [BTC])
        await service.save_instruments(uow, [BTC, cheaper])
        assert await service.instrument(uow, "paper", "BTC/USDT") == cheaper


async def test_an_instrument_without_prices_ends_and_can_come_back(pool):
    async with unit_of_work(pool) as uow:
        await service.save_instruments(uow, [BTC, PEPE])
        assert await service.retire_other_instruments(uow, "paper", {"BTC/USDT"}) == 1
        assert await service.instruments(uow, "paper") == [BTC]
        retired = await service.instrument(uow, "paper", "PEPE/USDT")
        assert retired is not None
        assert not retired.active
        await service.save_instruments(uow, [PEPE])
        assert await service.instruments(uow, "paper") == [BTC, PEPE]
        assert await service.retire_other_instruments(uow, "paper", ()) == 2


async def test_saving_nothing_is_fine(pool):
    async with unit_of_work(pool) as uow:
        await service.save_instruments(uow, [])
