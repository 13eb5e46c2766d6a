"""Rates, worth and time-weighted growth: deposits are no profit, what has no price is said, and a path is told with its age."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.kernel.money import Amount, Asset
from core.market.types import PriceSource
from core.portfolio.conversion import Mark, Rate, find_rate, marks_of
from core.portfolio.growth import Moved, Rates, Snapshot, next_snapshot, total_return, worth
from core.portfolio.pnl import pnl_report
from core.portfolio.types import Position
from tests.support.books import StaticBooks
from tests.support.desk import BTC, USDT

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
BOOK, OTHER = PriceSource("a recording", "recorded_book"), PriceSource("another", "simulated")
EUR = Asset("paper:EUR", 2)


def mark(price: str, age_s: int = 0, source: PriceSource = BOOK) -> Mark:
    return Mark(Decimal(price), NOW - timedelta(seconds=age_s), source)


MARKS = {"BTC/USDT": mark("100", 5), "ETH/BTC": mark("0.05", 60, OTHER), "EUR/USDT": mark("1.25", 1)}


def test_a_rate_goes_through_as_few_prices_as_possible_and_says_which() -> None:
    assert find_rate("BTC", "USDT", MARKS) == Rate(Decimal(100), ("BTC/USDT",), NOW - timedelta(seconds=5), (BOOK,))
    far = find_rate("ETH", "EUR", MARKS)
    assert far is not None
    assert (far.value, far.path, far.sources) == (Decimal(4), ("ETH/BTC", "BTC/USDT", "EUR/USDT"), (OTHER, BOOK))
    assert far.seen_at == NOW - timedelta(seconds=60)
    assert find_rate("X", "X", {}) == Rate(Decimal(1))


def test_what_no_price_leads_to_has_no_rate() -> None:
    assert find_rate("BTC", "JPY", MARKS) is None
    assert find_rate("DOGE", "USDT", MARKS) is None


def test_a_book_with_one_side_has_no_mark() -> None:
    books = StaticBooks()
    whole, half = books.set("BTC/USDT", [(90, 1)], [(110, 1)], observed_at=NOW), books.set("ETH/USDT", [(90, 1)], [])
    assert marks_of({"BTC/USDT": whole, "ETH/USDT": half}) == {"BTC/USDT": Mark(Decimal(100), NOW, whole.source)}


def test_worth_names_what_it_leaves_out_and_its_oldest_price() -> None:
    rates = Rates("USDT", MARKS)
    found = worth({USDT: 5 * 10**8, BTC: 2 * 10**8, EUR: 0, Asset("paper:DOGE", 8): 1, Asset("paper:ETH", 8): 10**8}, rates)
    assert (found.value, found.unpriced, found.priced_at) == (Decimal(210), ("DOGE",), NOW - timedelta(seconds=60))
    assert worth({USDT: 7}, rates).priced_at is None


def snapshot(hour: int, value: str, growth: str = "1", **changes: object) -> Snapshot:
    made = Snapshot(1, "paper", NOW + timedelta(hours=hour), "USDT", Decimal(value), Decimal(0), Decimal(growth))
    return replace(made, **changes)  # type: ignore[arg-type]


def came(units: int, *, minutes: int = 0, asset: Asset = USDT) -> Moved:
    return Moved(asset, units, NOW + timedelta(minutes=minutes))


FLOWS = st.lists(st.tuples(st.integers(-(10**12), 10**12), st.integers(0, 59)), max_size=8)


@given(st.integers(0, 10**12), FLOWS, st.decimals("0.01", "100", places=4))
def test_deposits_and_withdrawals_alone_are_no_growth(start: int, flows: list[tuple[int, int]], growth: Decimal) -> None:
    before = snapshot(0, str(Decimal(start).scaleb(-8)), str(growth))
    value = Decimal(start + sum(units for units, _ in flows)).scaleb(-8)
    after = next_snapshot(before, snapshot(1, str(value)), [came(units, minutes=at) for units, at in flows], Rates("USDT", MARKS))
    assert after.growth == growth
    assert after.flow == Decimal(sum(units for units, _ in flows)).scaleb(-8)


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 10**9)), min_size=1, max_size=10))
def test_growth_is_that_of_the_prices_whatever_is_paid_in(steps: list[tuple[int, int]]) -> None:
    """Each hour everything moves by a percentage, then (at the next hour's first moment) something is paid in."""
    value, expected, last, told = Decimal(1000), Decimal(1), snapshot(0, "1000"), [snapshot(0, "1000")]
    paid: list[Moved] = []
    for hour, (percent, deposit) in enumerate(steps, start=1):
        factor = Decimal(100 + percent) / 100
        value, expected = value * factor, expected * factor
        last = next_snapshot(last, snapshot(hour, str(value)), paid, Rates("USDT", MARKS))
        told.append(last)
        paid = [came(deposit, minutes=60 * hour)]
        value += Decimal(deposit).scaleb(-8)
    assert abs(last.growth - expected) < Decimal("1e-12")
    found = total_return(told)
    assert found is not None
    assert abs(found - (expected - 1)) < Decimal("1e-12")


def test_what_came_in_counts_for_the_time_it_was_there() -> None:
    half_way = next_snapshot(snapshot(0, "100"), snapshot(1, "220"), [came(100 * 10**8, minutes=30)], Rates("USDT", MARKS))
    assert half_way.growth == Decimal("1.133333333333333333")
    coins = next_snapshot(snapshot(0, "100"), snapshot(1, "200"), [came(10**8, asset=BTC)], Rates("USDT", MARKS))
    assert (coins.growth, coins.flow) == (Decimal(1), Decimal(100))


def test_a_gap_is_not_measured() -> None:
    rates, before = Rates("USDT", MARKS), snapshot(0, "100", "1.5")
    unpriced = next_snapshot(before, snapshot(1, "10", unpriced=("DOGE",)), [], rates)
    assert (unpriced.growth, unpriced.complete) == (Decimal("1.5"), False)
    assert next_snapshot(before, snapshot(1, "90", quote_symbol="EUR"), [], rates).growth == Decimal("1.5")
    assert next_snapshot(before, snapshot(1, "90"), [came(5, asset=Asset("paper:DOGE", 8))], rates).growth == Decimal("1.5")
    assert next_snapshot(None, snapshot(1, "90"), [came(5)], rates).flow == 0


def test_growth_never_ends_below_nothing_and_begins_with_money() -> None:
    rates = Rates("USDT", MARKS)
    assert next_snapshot(snapshot(0, "100"), snapshot(1, "0"), [came(50 * 10**8, minutes=59)], rates).growth == 0
    assert next_snapshot(snapshot(0, "0"), snapshot(1, "10"), [], rates).growth == 1
    assert total_return([snapshot(0, "1")]) is None
    assert total_return([snapshot(0, "1", "0"), snapshot(1, "1", "0")]) is None


def position(symbol: str, quantity: str, cost: int, realized: int, fees: int, quote: Asset = USDT) -> Position:
    return Position(1, "paper", symbol, Decimal(quantity), Amount(quote, cost), Amount(quote, realized), Amount(quote, fees))


def test_a_report_is_in_one_currency_with_fees_apart() -> None:
    held = position("BTC/USDT", "2", 150 * 10**8, 10 * 10**8, 10**8)
    abroad = position("ETH/EUR", "10", 2_000, 400, 100, EUR)
    closed = position("BTC/EUR", "0", 0, 800, 200, EUR)
    report = pnl_report([held, abroad, closed], MARKS, "USDT")
    assert [(one.value, one.unrealized) for one in report.lines] == [
        (Decimal(200), Decimal(50)),
        (Decimal(50), Decimal(25)),
        (Decimal(0), Decimal(0)),
    ]
    assert (report.value, report.unrealized, report.realized, report.fees) == (Decimal(250), Decimal(75), Decimal(25), Decimal("4.75"))
    assert (report.missing, report.seen_at, report.sources) == ((), NOW - timedelta(seconds=60), (BOOK, OTHER))
    assert report.lines[1].path == ("ETH/BTC", "BTC/USDT")


def test_a_report_names_what_has_no_price_and_leaves_it_out() -> None:
    strange = position("DOGE/USDT", "5", 10**8, 3 * 10**8, 10**8)
    foreign = position("BTC/JPY", "1", 100, 50, 10, Asset("paper:JPY", 0))
    report = pnl_report([strange, foreign], MARKS, "USDT")
    assert report.missing == ("DOGE", "JPY")
    assert (report.value, report.unrealized, report.realized, report.fees) == (Decimal(0), Decimal(0), Decimal(3), Decimal(1))
    assert [one.value for one in report.lines] == [None, None]
    assert pnl_report([], MARKS, "USDT").seen_at is None
