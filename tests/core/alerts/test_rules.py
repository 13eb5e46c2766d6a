"""When an alert fires: at the threshold and beyond, never on what is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.alerts.rules import evaluate, require_sensible, volume_times
from core.alerts.types import AlertCommand, AlertKind, Observation
from core.kernel.errors import Denied
from core.market.types import Candle
from tests.support.books import TEST_SOURCE

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def seen(price: str | None = "100", change: int | None = None, times: str | None = None) -> Observation:
    volume = None if times is None else Decimal(times)
    return Observation("BTC/USDT", NOW, None if price is None else Decimal(price), TEST_SOURCE, {"1h": change}, {"1h": volume})


@pytest.mark.parametrize(
    ("kind", "threshold", "look", "fires"),
    [
        (AlertKind.ABOVE, "100", seen("100"), True),
        (AlertKind.ABOVE, "100", seen("99.99"), False),
        (AlertKind.BELOW, "100", seen("100"), True),
        (AlertKind.BELOW, "100", seen("100.01"), False),
        (AlertKind.ABOVE, "100", seen(None), False),
        (AlertKind.MOVE, "500", seen(change=500), True),
        (AlertKind.MOVE, "500", seen(change=-500), True),
        (AlertKind.MOVE, "500", seen(change=499), False),
        (AlertKind.MOVE, "500", seen(), False),
        (AlertKind.VOLUME, "3", seen(times="3"), True),
        (AlertKind.VOLUME, "3", seen(times="2.99"), False),
        (AlertKind.VOLUME, "3", seen(), False),
    ],
)
def test_conditions(kind: AlertKind, threshold: str, look: Observation, fires: bool) -> None:
    found = evaluate(kind, Decimal(threshold), "1h", look)
    assert found.fires is fires
    assert (found.counted is None) == bool(found.missing)


@pytest.mark.parametrize(
    ("kind", "threshold", "window", "code"),
    [
        (AlertKind.ABOVE, "99", "", "alert_already_true"),
        (AlertKind.BELOW, "101", "", "alert_already_true"),
        (AlertKind.ABOVE, "0", "", "alert_range"),
        (AlertKind.MOVE, "5", "1h", "alert_range"),
        (AlertKind.MOVE, "500", "3d", "alert_window"),
        (AlertKind.VOLUME, "1.2", "1h", "alert_range"),
        (AlertKind.VOLUME, "3", "24h", "alert_window"),
    ],
)
def test_what_would_tell_nothing_is_denied(kind: AlertKind, threshold: str, window: str, code: str) -> None:
    with pytest.raises(Denied, match=code):
        require_sensible(AlertCommand(1, "BTC/USDT", kind, Decimal(threshold), window), seen())


def test_sensible_ones_pass_also_without_a_price() -> None:
    require_sensible(AlertCommand(1, "BTC/USDT", AlertKind.ABOVE, Decimal(101)), seen())
    require_sensible(AlertCommand(1, "BTC/USDT", AlertKind.ABOVE, Decimal(1)), seen(None))
    require_sensible(AlertCommand(1, "BTC/USDT", AlertKind.MOVE, Decimal(500), "24h"), seen())


def hours(*volumes: str | None, jumped: bool = False, until: datetime = NOW) -> list[Candle]:
    """One-hour candles, the last of which ended at `until`."""
    one, begin = Decimal(1), until - timedelta(hours=len(volumes))
    return [
        Candle(
            "BTC/USDT",
            "1h",
            begin + timedelta(hours=number),
            one,
            one,
            one,
            one,
            None if volume is None else Decimal(volume),
            TEST_SOURCE,
            jumped=jumped and number == len(volumes) - 1,
        )
        for number, volume in enumerate(volumes)
    ]


def test_a_volume_is_compared_with_the_median_of_those_before() -> None:
    assert volume_times(hours("1", "2", "1", "2", "90", "2", "2", "6"), "1h", NOW) == 3


@pytest.mark.parametrize(
    "candles",
    [
        [],
        hours("2", "2", "6"),
        hours("2", "2", "2", "2", "2", "2", "2", None),
        hours("0", "0", "0", "0", "0", "0", "0", "6"),
        hours("2", "2", "2", "2", "2", "2", "2", "6", jumped=True),
        hours("2", "2", "2", "2", "2", "2", "2", "6", until=NOW - timedelta(hours=3)),
    ],
    ids=["none", "few", "untold", "nothing usual", "jumped", "old"],
)
def test_a_volume_that_is_not_known_is_none(candles: list[Candle]) -> None:
    assert volume_times(candles, "1h", NOW) is None


def test_the_hour_that_is_not_over_does_not_count() -> None:
    assert volume_times([*hours("2", "2", "2", "2", "2", "2", "2", "6"), *hours("999", until=NOW + timedelta(minutes=30))], "1h", NOW) == 3
