"""Coarser candles, gaps, changes and volatility: computed from what is there, nothing filled in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market.candle_rules import changed_bps, day_change, gaps, opening_of, roll_up, volatility_bps
from core.market.types import INTERVALS, Candle, PriceSource

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SOURCE = PriceSource("test", "recorded_candles", datetime(2024, 8, 5, tzinfo=UTC))


def candle(number, close, *, opened=None, interval="1m", volume: Decimal | None = Decimal(2), jumped=False, high=None, low=None):
    first, last = Decimal(opened if opened is not None else close), Decimal(close)
    at = START + INTERVALS[interval] * number
    top, bottom = Decimal(high or max(first, last)), Decimal(low or min(first, last))
    return Candle("BTC/USDT", interval, at, first, top, bottom, last, volume, SOURCE, minutes=INTERVALS[interval] // MINUTE, jumped=jumped)


def facts(one, *names):
    """The named fields, to compare with plain figures."""
    return tuple(getattr(one, name) for name in names)


@pytest.mark.parametrize(("interval", "opened"), [("1m", "12:34:00"), ("5m", "12:30:00"), ("1h", "12:00:00"), ("1d", "00:00:00")])
def test_candles_begin_at_whole_multiples_in_utc(interval, opened):
    moment = datetime(2026, 5, 1, 12, 34, 56, 789, tzinfo=UTC)
    assert f"{opening_of(moment, interval):%H:%M:%S}" == opened


def test_five_minutes_out_of_their_minutes():
    parts = [candle(0, 10, opened=9, high=12), candle(1, 8, low=7), candle(3, 11), candle(5, 20)]
    first, second = roll_up(parts, "5m")
    assert facts(first, "open", "high", "low", "close") == (9, 12, 7, 11)
    assert (first.open_at, first.volume, first.minutes) == (START, Decimal(6), 3)
    assert facts(second, "open_at", "close", "minutes") == (START + 5 * MINUTE, 20, 1)


def test_a_coarser_candle_knows_a_volume_only_where_all_its_parts_do_and_keeps_a_jump():
    (rolled,) = roll_up([candle(0, 10), candle(1, 10, volume=None, jumped=True)], "1h")
    assert rolled.volume is None
    assert rolled.jumped is True


@given(st.sets(st.integers(0, 59), min_size=1), st.sampled_from(["5m", "1h"]))
def test_rolling_up_loses_no_minute_whatever_is_missing(there, interval):
    rolled = roll_up([candle(number, 10 + number) for number in sorted(there)], interval)
    assert sum(one.minutes for one in rolled) == len(there)
    assert sum(one.volume or 0 for one in rolled) == 2 * len(there)
    assert max(one.high for one in rolled) == 10 + max(there)


def test_gaps_are_told_from_the_first_missing_candle_to_the_next_one_there_is():
    opened = [START + MINUTE * number for number in (0, 1, 4, 5)]
    found = gaps(opened, "1m", START - 2 * MINUTE, START + 8.5 * MINUTE)
    assert [((begin - START) // MINUTE, (end - START) // MINUTE) for begin, end in found] == [(-2, 0), (2, 4), (6, 8)]
    assert gaps(opened[:2], "1m", START + MINUTE / 2, START + 2 * MINUTE) == []
    assert gaps([], "1m", START, START) == []


def test_a_change_reaches_back_over_its_window_or_is_unknown():
    series = [candle(number, 100 + number, opened=99 + number) for number in range(10)]
    at = START + 9.5 * MINUTE
    assert changed_bps(series, 5 * MINUTE, at) == round((109 / 103 - 1) * 10_000)
    assert changed_bps(series, HOUR, at) is None
    assert changed_bps([], HOUR, at) is None


def test_a_jump_of_the_recording_is_left_out_of_the_change():
    series = [candle(0, 100), candle(1, 110), candle(2, 10, opened=110, jumped=True), candle(3, 11)]
    assert changed_bps(series, 3 * MINUTE, START + 3.5 * MINUTE) == round((1.1 * 1.1 - 1) * 10_000)
    unmarked = [replace(one, jumped=False) for one in series]
    assert changed_bps(unmarked, 3 * MINUTE, START + 3.5 * MINUTE) == -8_900


def test_a_first_candle_with_a_jump_counts_from_its_close():
    series = [candle(0, 10, opened=100, jumped=True), candle(1, 11)]
    assert changed_bps(series, MINUTE, START + 1.5 * MINUTE) == 1_000


def test_the_day_of_a_pair():
    hours = [candle(number, 100 + number, interval="1h", high=200 if number == 3 else None) for number in range(25)]
    now = START + 24 * HOUR + timedelta(minutes=30)
    minutes = [replace(candle(0, 150, opened=149), open_at=now - MINUTE * number) for number in (2, 1)]
    told = day_change(minutes, hours, now)
    assert told is not None
    assert facts(told, "price", "high", "low") == (150, 200, 100)
    assert told.change_24h_bps == 2_400
    assert (told.change_5m_bps, told.change_1h_bps) == (None, None)
    assert told.volume == 50
    assert told.since == now - timedelta(days=1)
    assert told.jumps == 0


def test_a_day_with_a_volume_that_is_not_known_and_jumps_says_so():
    hours = [candle(0, 100, interval="1h"), candle(1, 50, interval="1h", volume=None, jumped=True)]
    told = day_change([], hours, START + 1.5 * HOUR)
    assert told is not None
    assert (told.volume, told.jumps, told.change_24h_bps) == (None, 1, None)
    assert told.price == 50
    assert told.since == START


def test_without_candles_there_is_no_day():
    assert day_change([], [], START) is None


def test_volatility_is_the_deviation_of_hourly_changes_over_a_day():
    closes = [100.0]
    for number in range(24):
        closes.append(closes[-1] * (1.01 if number % 2 else 0.99))
    hours = [candle(number, str(close), interval="1h") for number, close in enumerate(closes)]
    changes = [0.01 if number % 2 else -0.01 for number in range(24)]
    deviation = (sum(change**2 for change in changes) / 23) ** 0.5
    expected = deviation * 24**0.5 * 10_000
    assert volatility_bps(hours) in (int(expected), int(expected) + 1)


def test_a_jump_or_a_hole_does_not_make_a_pair_volatile():
    calm = [candle(number, 100, interval="1h") for number in range(20)]
    assert volatility_bps(calm) == 0
    jumped = [*calm, candle(20, 10, interval="1h", jumped=True), *(candle(number, 10, interval="1h") for number in range(21, 30))]
    assert volatility_bps(jumped) == 0
    holed = [*calm, candle(25, 10, interval="1h")]
    assert volatility_bps(holed) == 0
    assert (volatility_bps([*calm, candle(20, 10, interval="1h")]) or 0) > 5_000


def test_too_few_hours_say_nothing():
    assert volatility_bps([candle(number, 100, interval="1h") for number in range(12)]) is None
    assert volatility_bps([candle(number, 100, interval="1h") for number in range(13)]) == 0
