"""The checks of limits: by table where each begins to deny, by property that sells get out and that what is offered would pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.money import Amount, Price, Quantity
from core.market.rules import Walk
from core.risk import exposures, losses, prices, velocity
from core.risk.chain import CHAIN, denial, run_chain, run_to_fit, trips
from core.risk.facts import OrderTerms, RiskFacts
from core.risk.limits import Limit, in_force, scopes
from core.risk.types import RiskContext, SizedOrder, Verdict
from core.venues.types import Side
from tests.core.risk.test_chain import BOOK, NOW, context, sized
from tests.support.desk import BTC, USDT

Check = Callable[[RiskContext], Verdict]
ALONE = scopes("elsewhere", "standard", 7)
FACTS = RiskFacts(quote_asset="paper:USDT", cash=Decimal(10_000))


def limited(facts: RiskFacts = FACTS, side: Side = Side.BUY, /, **limits: object) -> RiskContext:
    """A context with these limits on top of the defaults; `__` stands for the colon."""
    rows = [Limit("global", name.replace("__", ":"), Decimal(str(value))) for name, value in limits.items()]
    amount = sized() if side is Side.BUY else selling()
    return context(facts=facts, side=side, sized=amount, limits=in_force(ALONE, rows), available=amount.hold)


def selling(quantity: str = "0.5", price: str = "90", impact_bps: int = 0) -> SizedOrder:
    walk = Walk((), Quantity(Decimal(quantity)), Decimal(quantity) * Decimal(price), Price(Decimal(price)), exhausted=False)
    base, quote = Amount(BTC, int(Decimal(quantity).scaleb(8))), Amount(USDT, 0)
    return SizedOrder(Quantity(Decimal(quantity)), None, Price(Decimal(price)), base, walk, quote, quote, quote, quote, impact_bps)


def priced(price: str, *, impact_bps: int = 0) -> SizedOrder:
    return replace(sized(), limit_price=Price(Decimal(price)), price_impact_bps=impact_bps)


@pytest.mark.parametrize(
    ("check", "given", "code"),
    [
        (velocity.order_rate, limited(replace(FACTS, sent=4), orders_per_minute=5), ""),
        (velocity.order_rate, limited(replace(FACTS, sent=5), orders_per_minute=5), "too_many_orders"),
        (velocity.order_rate, limited(replace(FACTS, sent=5), Side.SELL, orders_per_minute=5), ""),
        (velocity.order_rate, limited(replace(FACTS, sent=5), Side.SELL, exits_per_minute=5), "too_many_orders"),
        (velocity.in_flight, limited(replace(FACTS, in_flight=49)), ""),
        (velocity.in_flight, limited(replace(FACTS, in_flight=50)), "too_many_open_orders"),
        (velocity.in_flight, limited(replace(FACTS, in_flight=50), Side.SELL), ""),
        (velocity.in_flight, limited(replace(FACTS, in_flight=200), Side.SELL), "too_many_open_orders"),
        (losses.daily_loss, limited(replace(FACTS, realized_today=Decimal(-99)), daily_loss__USDT=100), ""),
        (losses.daily_loss, limited(replace(FACTS, realized_today=Decimal(-100)), daily_loss__USDT=100), "daily_loss"),
        (losses.daily_loss, limited(replace(FACTS, realized_today=Decimal(500)), daily_loss__USDT=0), ""),
        (losses.daily_loss, limited(replace(FACTS, realized_today=Decimal(-100)), Side.SELL, daily_loss__USDT=100), ""),
        # 10,000 left after a loss of 1,000: the day began with 11,000, of which 10 % are 1,100
        (losses.daily_loss, limited(replace(FACTS, realized_today=Decimal(-1_000)), daily_loss_bps=1_000), ""),
        (losses.daily_loss, limited(replace(FACTS, realized_today=Decimal(-1_112)), daily_loss_bps=1_000), "daily_loss"),
        (losses.drawdown, limited(replace(FACTS, peak=Decimal(1_000), profit=Decimal(0)), drawdown_bps=911), ""),
        (losses.drawdown, limited(replace(FACTS, peak=Decimal(1_000), profit=Decimal(0)), drawdown_bps=910), "drawdown"),
        (losses.drawdown, limited(replace(FACTS, peak=Decimal(1_000), profit=Decimal(0)), Side.SELL, drawdown_bps=0), ""),
        (losses.drawdown, limited(drawdown_bps=0), ""),
        (losses.drawdown, limited(replace(FACTS, tripped_until=NOW + timedelta(seconds=1))), "breaker_open"),
        (losses.drawdown, limited(replace(FACTS, tripped_until=NOW + timedelta(seconds=1)), Side.SELL), ""),
        (losses.drawdown, limited(replace(FACTS, tripped_until=NOW)), ""),
        (exposures.exposure, limited(replace(FACTS, open_buys=Decimal(50)), exposure__USDT=100), ""),
        (exposures.exposure, limited(replace(FACTS, open_buys=Decimal("50.01")), exposure__USDT=100), "exposure"),
        (exposures.exposure, limited(replace(FACTS, positions_value=Decimal(51)), exposure__USDT=100), "exposure"),
        (exposures.exposure, limited(replace(FACTS, positions_value=Decimal(51)), Side.SELL, exposure__USDT=100), ""),
        (exposures.exposure, limited(exposure_bps=50), ""),
        (exposures.exposure, limited(exposure_bps=49), "exposure"),
        (exposures.concentration, limited(concentration_bps=50), ""),
        (exposures.concentration, limited(concentration_bps=49), "concentration"),
        (exposures.concentration, limited(replace(FACTS, open_buys_here=Decimal("0.01")), concentration_bps=50), "concentration"),
        (exposures.concentration, limited(replace(FACTS, position_value=Decimal(9_999)), Side.SELL, concentration_bps=1), ""),
        (exposures.concentration, limited(RiskFacts(quote_asset="paper:USDT"), concentration_bps=1), "concentration"),
        (prices.size_against_depth, limited(depth_share_bps=4_995), ""),
        (prices.size_against_depth, limited(depth_share_bps=4_994), "depth_share"),
        (prices.size_against_depth, limited(FACTS, Side.SELL, depth_share_bps=5_000), ""),
        (prices.size_against_depth, limited(FACTS, Side.SELL, depth_share_bps=4_999), "depth_share"),
    ],
)
def test_where_each_limit_begins_to_deny(check: Check, given: RiskContext, code: str) -> None:
    verdict = check(given)
    assert (verdict.reason, verdict.passed) == (code, not code)
    orjson.dumps([verdict.inputs, verdict.params])
    assert all(isinstance(figure, str) for figure in verdict.params.values())


@pytest.mark.parametrize(
    ("price", "side", "limit_order", "volatility", "code"),
    [
        ("104.5", Side.BUY, True, None, ""),  # the middle is 95: 10 % above it
        ("104.6", Side.BUY, True, None, "price_band"),
        ("104.6", Side.BUY, True, 510, ""),
        ("1", Side.BUY, True, None, ""),
        ("86.37", Side.SELL, True, None, ""),
        ("86.36", Side.SELL, True, None, "price_band"),
        ("86.36", Side.SELL, True, 505, ""),
        ("9999", Side.SELL, True, None, ""),
        ("285", Side.BUY, False, None, ""),
        ("285.1", Side.BUY, False, 5_000, "protection_band"),
        ("31.6", Side.SELL, False, None, "protection_band"),
    ],
)
def test_a_price_may_be_worse_than_the_market_by_its_band(
    price: str, side: Side, limit_order: bool, volatility: int | None, code: str
) -> None:
    given = limited(replace(FACTS, volatility_bps=volatility), side)
    verdict = prices.price_band(replace(given, sized=priced(price), limit_order=limit_order))
    assert verdict.reason == code


def test_a_band_needs_a_market_with_two_sides() -> None:
    one_sided = replace(BOOK, bids=())
    assert prices.price_band(replace(limited(), book=one_sided, sized=priced("99999"))).passed


def test_price_impact_asks_once_more_and_takes_the_answer_for_what_was_shown() -> None:
    moved = replace(limited(), sized=priced("101", impact_bps=5_001))
    verdict = prices.price_impact(moved)
    assert (verdict.reason, verdict.params) == ("price_impact", {"impact_bps": "5001", "limit_bps": "5000"})
    assert prices.price_impact(replace(moved, sized=priced("101", impact_bps=5_000))).passed
    assert prices.price_impact(replace(moved, terms=OrderTerms(accepted_impact_bps=5_001))).passed
    assert not prices.price_impact(replace(moved, terms=OrderTerms(accepted_impact_bps=5_000))).passed
    sale = replace(limited(FACTS, Side.SELL), sized=selling(impact_bps=5_001))
    assert prices.price_impact(sale).reason == "price_impact"
    assert prices.price_band(replace(moved, sized=priced("9999"), terms=OrderTerms(accepted_impact_bps=1))).passed


def test_figures_say_what_would_change_it() -> None:
    sent = replace(FACTS, sent=120, oldest_sent=NOW - timedelta(seconds=45))
    assert velocity.order_rate(limited(sent)).params == {"count": "120", "limit": "120", "wait_ms": "15000"}
    assert velocity.order_rate(limited(replace(sent, oldest_sent=None))).params["wait_ms"] == "60000"
    lost = losses.daily_loss(limited(replace(FACTS, realized_today=Decimal("-120.5")), daily_loss__USDT=100)).params
    assert lost == {"loss": "120.5", "limit": "100", "asset": "USDT", "until": "2026-01-02T00:00:00+00:00"}
    held = exposures.exposure(limited(replace(FACTS, positions_value=Decimal(70)), exposure__USDT=100))
    assert (held.params["most"], held.most) == ("30", Decimal(30))
    full = exposures.exposure(limited(replace(FACTS, positions_value=Decimal(170)), exposure__USDT=100))
    assert full.params["most"] == "0"
    share = exposures.concentration(limited(concentration_bps=10)).params
    assert share == {"share_bps": "50", "limit_bps": "10", "most": "10", "asset": "USDT", "symbol": "BTC/USDT"}
    depth = prices.size_against_depth(limited(depth_share_bps=1_000))
    assert (depth.params["most"], depth.params["asset"], depth.params["limit_bps"]) == ("10", "USDT", "1000")
    assert prices.size_against_depth(limited(FACTS, Side.SELL, depth_share_bps=1_000)).params["asset"] == "BTC"


def test_the_breaker_opens_on_a_fall_even_when_the_order_is_a_sell() -> None:
    fallen = replace(FACTS, peak=Decimal(9_000), profit=Decimal(0))
    for side in Side:
        assert trips([losses.drawdown(limited(fallen, side))])
    assert not trips([losses.drawdown(limited())])
    again = replace(fallen, tripped_until=NOW + timedelta(hours=1))
    verdict = losses.drawdown(limited(again))
    assert (verdict.trips, verdict.params["until"]) == (False, "2026-01-01T01:00:00+00:00")


def test_a_breaker_that_is_open_holds_whatever_the_limit_says_now() -> None:
    tripped = replace(limited(replace(FACTS, tripped_until=NOW + timedelta(hours=1))), limits={})
    assert losses.drawdown(tripped).params["limit_bps"] == "0"


def test_an_account_without_anything_has_no_drawdown_to_measure() -> None:
    nothing = RiskFacts(quote_asset="paper:USDT", cash=Decimal(-1), peak=Decimal(1))
    assert losses.drawdown(limited(nothing)).inputs["drawdown_bps"] == 0


@pytest.mark.parametrize("check", [velocity.order_rate, velocity.in_flight, losses.daily_loss, losses.drawdown, prices.price_band])
def test_what_is_not_limited_passes(check: Check) -> None:
    facts = replace(FACTS, sent=10**6, in_flight=10**6, realized_today=Decimal(-(10**9)), peak=Decimal(10**9))
    assert check(replace(limited(facts), limits={})).passed
    for other in (prices.price_impact, prices.size_against_depth, exposures.exposure, exposures.concentration):
        assert other(replace(limited(facts), limits={}, sized=priced("9999", impact_bps=10**6))).passed


@pytest.mark.parametrize(
    "check", [prices.price_band, prices.price_impact, prices.size_against_depth, exposures.exposure, exposures.concentration]
)
def test_an_order_without_figures_passes_nowhere(check: Check) -> None:
    assert check(replace(limited(), sized=None)).reason == "unknown_instrument"


MONEY = st.decimals(0, 10**7, places=2)
SIGNED = st.decimals(-(10**7), 10**7, places=2)
ANY_FACTS = st.builds(
    RiskFacts,
    quote_asset=st.just("paper:USDT"),
    cash=MONEY,
    positions_value=MONEY,
    position_value=MONEY,
    open_buys=MONEY,
    open_buys_here=MONEY,
    realized_today=SIGNED,
    profit=SIGNED,
    peak=SIGNED,
    tripped_until=st.sampled_from([None, datetime(2026, 1, 2, tzinfo=UTC)]),
    in_flight=st.integers(0, 199),
    sent=st.integers(0, 599),
    volatility_bps=st.one_of(st.none(), st.integers(0, 10_000)),
)


@given(facts=ANY_FACTS, strict=st.integers(0, 100))
def test_a_sell_is_never_stopped_by_losses_exposure_or_rate(facts: RiskFacts, strict: int) -> None:
    names = ("orders_per_minute", "in_flight", "daily_loss_bps", "daily_loss__USDT", "drawdown_bps", "exposure_bps", "concentration_bps")
    given = limited(facts, Side.SELL, **dict.fromkeys((*names, "exposure__USDT"), strict), depth_share_bps=10_000)
    assert denial(run_chain(given)) is None


@given(
    facts=ANY_FACTS, limits=st.dictionaries(st.sampled_from(["exposure_bps", "exposure__USDT", "concentration_bps"]), st.integers(0, 9_999))
)
def test_the_size_that_is_offered_would_pass(facts: RiskFacts, limits: dict[str, int]) -> None:
    given = limited(facts, **limits)
    for check in (exposures.exposure, exposures.concentration):
        verdict = check(given)
        if verdict.most is not None and verdict.most > 0 and given.sized is not None:
            smaller = replace(given.sized, hold=Amount(USDT, int(verdict.most.scaleb(8))))
            assert check(replace(given, sized=smaller)).passed


def resizing(given: RiskContext) -> Callable[[Decimal], RiskContext]:
    def resize(most: Decimal) -> RiskContext:
        assert given.sized is not None
        return replace(given, sized=replace(given.sized, hold=Amount(USDT, int(most.scaleb(8)))))

    return resize


def test_a_size_of_max_is_made_to_fit_one_limit_after_the_other() -> None:
    given = limited(exposure_bps=40, concentration_bps=20)
    smaller, verdicts = run_to_fit(given, resizing(given))
    assert denial(verdicts) is None
    assert smaller.sized is not None
    assert smaller.sized.hold == Amount(USDT, 20 * 10**8)
    assert [(verdict.check, verdict.word) for verdict in verdicts[-2:]] == [("exposure", "scaled"), ("concentration", "scaled")]
    assert {verdict.word for verdict in verdicts[:-2]} == {"passed"}
    assert len(verdicts) == len(CHAIN)


def test_what_cannot_be_made_to_fit_keeps_its_first_denial() -> None:
    full = limited(replace(FACTS, positions_value=Decimal(10**6)), exposure__USDT=100)
    found = run_to_fit(full, resizing(full))[1][-1]
    assert (found.reason, found.word) == ("exposure", "denied")
    given = limited(exposure_bps=40)
    stubborn = run_to_fit(given, lambda _: given)[1][-1]
    assert (stubborn.reason, stubborn.most) == ("exposure", Decimal(40))
    too_small = run_to_fit(given, lambda _: replace(given, sized=None))[1][-1]
    assert too_small.reason == "exposure"


def test_a_size_that_fits_is_left_as_it_is() -> None:
    given = limited()
    assert run_to_fit(given, resizing(given))[0] is given


def test_other_denials_are_not_made_to_fit() -> None:
    given: Any = replace(limited(), standing="frozen")
    assert run_to_fit(given, resizing(given))[1][-1].reason == "account_frozen"
