"""A share of everything limits nothing, and of two limits on the same thing the smaller one is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from core.risk import exposures
from core.risk.types import RiskContext, Verdict
from tests.core.risk.test_limit_checks import FACTS, limited

POOR = replace(FACTS, cash=Decimal(1), positions_value=Decimal(1_000), position_value=Decimal(1_000), open_buys=Decimal(500))


@pytest.mark.parametrize(
    ("check", "limit"),
    [(exposures.exposure, "exposure_bps"), (exposures.concentration, "concentration_bps")],
    ids=["exposure", "one market"],
)
def test_a_share_of_everything_limits_nothing(check: Callable[[RiskContext], Verdict], limit: str) -> None:
    """Open buys and this order are more than the account has: that is for the check of funds to say."""
    assert check(limited(replace(POOR, open_buys_here=Decimal(500)), **{limit: 10_000})).passed
    assert not check(limited(replace(POOR, open_buys_here=Decimal(500)), **{limit: 9_999})).passed


@pytest.mark.parametrize(("coins", "bps", "most"), [(400, 500, "400"), (400, 300, "300")])
def test_of_a_limit_in_coins_and_a_share_the_smaller_one_counts_and_is_shown(coins: int, bps: int, most: str) -> None:
    passing = exposures.exposure(limited(FACTS, exposure__USDT=coins, exposure_bps=bps))
    denied = exposures.exposure(limited(replace(FACTS, open_buys=Decimal(399)), exposure__USDT=coins, exposure_bps=bps))

    assert (passing.reason, passing.inputs["most"]) == ("", most)
    assert (denied.reason, denied.inputs["most"], denied.params["limit"]) == ("exposure", most, most)
