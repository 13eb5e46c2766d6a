"""The chain: order, first denial ends it, every check denies for its own reason only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from core.kernel.money import Amount
from core.market.types import OrderBook
from core.risk.chain import CHAIN, denial, run_chain
from core.risk.facts import RiskFacts
from core.risk.limits import in_force, scopes
from core.risk.types import OpenPause, RiskContext, SizedOrder, SizeProblem
from core.trading.sizing import Sizing, size_order
from core.trading.types import OrderSize, SizeKind
from core.venues.types import Side
from tests.support.books import ODD_ASKS, ODD_BIDS, TEST_SOURCE, levels
from tests.support.desk import BTC, BTC_USDT, USDT

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOOK = OrderBook("BTC/USDT", levels(ODD_BIDS), levels(ODD_ASKS), 7, NOW, TEST_SOURCE)


def sized() -> SizedOrder:
    rich = Amount(USDT, 10**12)
    found = size_order(
        Sizing(Side.BUY, OrderSize(SizeKind.QUOTE_AMOUNT, Decimal(50)), 100, BTC_USDT, BOOK, Amount(BTC, 0), rich, Amount(USDT, 0), 0)
    )
    assert isinstance(found, SizedOrder)
    return found


def context(**changes: Any) -> RiskContext:
    plain = RiskContext(
        now=NOW,
        user_id=7,
        standing="active",
        venue="paper",
        tradable=True,
        symbol="BTC/USDT",
        side=Side.BUY,
        pauses=(),
        instrument=BTC_USDT,
        book=BOOK,
        price_max_age=timedelta(seconds=5),
        duplicate_of=None,
        duplicate_window=timedelta(seconds=3),
        facts=RiskFacts(quote_asset="paper:USDT", cash=Decimal(10_000)),
        limits=in_force(scopes("paper", "standard", 7), ()),
        sized=sized(),
        available=Amount(USDT, 50 * 10**8),
    )
    return replace(plain, **changes)


def test_what_is_right_passes_every_check() -> None:
    verdicts = run_chain(context())
    assert len(verdicts) == len(CHAIN)
    assert denial(verdicts) is None


@pytest.mark.parametrize(
    ("changes", "check", "code"),
    [
        ({"standing": "frozen"}, "account_standing", "account_frozen"),
        ({"standing": "unknown"}, "account_standing", "account_frozen"),
        ({"pauses": (OpenPause("global", "x"),)}, "kill_switch", "paused"),
        ({"tradable": False}, "instrument", "live_not_available"),
        ({"instrument": None}, "instrument", "unknown_instrument"),
        ({"instrument": replace(BTC_USDT, active=False)}, "instrument", "unknown_instrument"),
        ({"book": None}, "price_age", "no_price"),
        ({"now": NOW + timedelta(milliseconds=5_001)}, "price_age", "price_stale"),
        ({"duplicate_of": "1"}, "duplicate", "duplicate"),
        ({"sized": None, "problem": SizeProblem("not_enough_depth", {})}, "instrument_rules", "not_enough_depth"),
        ({"instrument": replace(BTC_USDT, minimum_notional=Decimal(50))}, "instrument_rules", "below_minimum_notional"),
        ({"available": Amount(USDT, 50 * 10**8 - 1)}, "funds", "insufficient_funds"),
        ({"available": None}, "funds", "insufficient_funds"),
    ],
)
def test_each_denial_comes_from_its_own_check_and_ends_the_chain(changes: dict[str, Any], check: str, code: str) -> None:
    verdicts = run_chain(context(**changes))
    assert (verdicts[-1].check, verdicts[-1].reason) == (check, code)
    assert all(verdict.passed for verdict in verdicts[:-1])


def test_a_price_exactly_at_its_age_limit_passes() -> None:
    assert denial(run_chain(context(now=NOW + timedelta(seconds=5)))) is None


def test_the_widest_pause_is_named() -> None:
    verdict = denial(run_chain(context(pauses=(OpenPause("user:7", "a"), OpenPause("global", "b")))))
    assert verdict is not None
    assert verdict.params == {"scope": "global", "reason": "b"}


def test_inputs_and_figures_are_plain_json() -> None:
    for changes in ({}, {"available": None}, {"book": None}, {"pauses": (OpenPause("global", ""),)}):
        for verdict in run_chain(context(**changes)):
            orjson.dumps([verdict.inputs, verdict.params])
            assert all(isinstance(value, str) for value in verdict.params.values())
