"""Checks asked alone: each denies what it cannot judge, whatever stands before it in the chain."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.risk.checks import below_minimum, funds, instrument_rules
from core.risk.types import SizeProblem
from tests.core.risk.test_chain import context


@pytest.mark.parametrize(
    "changes",
    [
        {"instrument": None},
        {"sized": None, "problem": None},
        {"instrument": None, "sized": None, "problem": SizeProblem("nothing_to_sell", {})},
    ],
    ids=["no instrument", "no figures and no reason", "a reason without an instrument"],
)
def test_rules_of_nothing_let_nothing_pass(changes: dict[str, Any]) -> None:
    verdict = instrument_rules(context(**changes))

    assert (verdict.passed, verdict.reason, verdict.params) == (False, "unknown_instrument", {"symbol": "BTC/USDT", "venue": "paper"})


def test_an_order_without_figures_is_not_paid_for() -> None:
    verdict = funds(context(sized=None))

    assert (verdict.passed, verdict.reason, verdict.params["needed"]) == (False, "insufficient_funds", "0")


def test_the_figures_of_too_small_an_order_name_no_asset_without_an_instrument() -> None:
    assert below_minimum(context(instrument=None), Decimal("4.50")) == {"minimum": "0", "notional": "4.5", "asset": ""}
    assert below_minimum(context(), Decimal("4.50")) == {"minimum": "5", "notional": "4.5", "asset": "USDT"}
