"""Pure decisions about candles: which interval a moment is in, coarser candles out of finer ones, gaps, changes and volatility.

Called by `service.py`, by the builder of live candles and by whoever brings recorded ones. Nothing is ever filled in: a gap stays one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from itertools import groupby, pairwise

from core.kernel.money import Rounding, divide
from core.market.types import INTERVALS, Candle, DayChange, Interval

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = INTERVALS["1m"]
DAY = timedelta(days=1)
LEAST_RETURNS = 12
"""Fewer hourly changes than these say nothing about volatility."""
HOURS_A_DAY = 24
_BPS = Decimal(10_000)
_ROUGH = Context(prec=28)


def opening_of(moment: datetime, interval: Interval) -> datetime:
    """When the candle that contains `moment` began."""
    return moment - (moment - EPOCH) % INTERVALS[interval]


def roll_up(candles: Iterable[Candle], interval: Interval) -> list[Candle]:
    """Candles of `interval` out of finer ones of one symbol and origin, in their order; those that lack parts count fewer minutes."""
    return [_merged(list(parts), interval, begins) for begins, parts in groupby(candles, key=lambda one: opening_of(one.open_at, interval))]


def _merged(parts: Sequence[Candle], interval: Interval, begins: datetime) -> Candle:
    first, last = parts[0], parts[-1]
    volumes = [part.volume for part in parts if part.volume is not None]
    return Candle(
        symbol=first.symbol,
        interval=interval,
        open_at=begins,
        open=first.open,
        high=max(part.high for part in parts),
        low=min(part.low for part in parts),
        close=last.close,
        volume=sum(volumes, Decimal(0)) if len(volumes) == len(parts) else None,
        source=replace(last.source, recorded_at=first.source.recorded_at),
        minutes=sum(part.minutes for part in parts),
        jumped=any(part.jumped for part in parts),
    )


def gaps(opened: Iterable[datetime], interval: Interval, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """Where candles are missing between `since` and `until`: from the first missing opening to the next one that is there, or the end.

    `opened` are the openings there are, in order. The interval of `until` itself counts as unfinished, not as missing.
    """
    length, missing = INTERVALS[interval], []
    expected = opening_of(since, interval)
    if expected < since:
        expected += length
    end = opening_of(until, interval)
    for there in (*(one for one in opened if expected <= one < end), end):
        if there > expected:
            missing.append((expected, there))
        expected = there + length
    return missing


def changed_bps(candles: Sequence[Candle], window: timedelta, at: datetime) -> int | None:
    """How much the price changed over `window` before `at`, in basis points; steps over which a recording jumped are left out.

    `candles` of one interval in order. None where no candle reaches back to the window's beginning.
    """
    begins = at - window
    length = INTERVALS[candles[0].interval] if candles else MINUTE
    inside = [one for one in candles if one.open_at + length > begins]
    if not inside or inside[0].open_at > begins:
        return None
    factor, base = Decimal(1), inside[0].close if inside[0].jumped else inside[0].open
    for before, one in pairwise(inside):
        if one.jumped:
            factor = _ROUGH.multiply(factor, divide(before.close, base, Rounding.DOWN))
            base = one.close
    factor = _ROUGH.multiply(factor, divide(inside[-1].close, base, Rounding.DOWN))
    return int(((factor - 1) * _BPS).to_integral_value())


def day_change(minutes: Sequence[Candle], day: Sequence[Candle], now: datetime) -> DayChange | None:
    """What a pair did lately; `minutes` are its 1m candles of the last hour, `day` candles of one interval over 24 hours, both in order.

    None where there is nothing at all.
    """
    if not minutes and not day:
        return None
    newest = max((*minutes[-1:], *day[-1:]), key=lambda one: (one.open_at + INTERVALS[one.interval], -INTERVALS[one.interval]))
    latest = minutes[-1] if minutes else newest
    inside = [one for one in day if one.open_at + INTERVALS[one.interval] > now - DAY] or list(minutes)
    volumes = [one.volume for one in inside if one.volume is not None]
    return DayChange(
        symbol=latest.symbol,
        price=latest.close,
        at=min(now, latest.open_at + INTERVALS[latest.interval]),
        change_5m_bps=changed_bps(minutes, INTERVALS["5m"], now),
        change_1h_bps=changed_bps(minutes, INTERVALS["1h"], now),
        change_24h_bps=changed_bps(day, DAY, now),
        volume=sum(volumes, Decimal(0)) if len(volumes) == len(inside) else None,
        high=max(one.high for one in (*inside, latest)),
        low=min(one.low for one in (*inside, latest)),
        since=max(inside[0].open_at, now - DAY),
        jumps=sum(one.jumped for one in inside[1:]),
        source=latest.source,
    )


def volatility_bps(hours: Sequence[Candle]) -> int | None:
    """Standard deviation of hourly changes, scaled to a day (times the root of 24), in basis points, rounded up.

    Only changes between neighboring hours count, and none over a jump. None with fewer than 12 of them.
    """
    changes = [
        _ROUGH.divide(_ROUGH.subtract(later.close, earlier.close), earlier.close)
        for earlier, later in pairwise(hours)
        if later.open_at - earlier.open_at == INTERVALS["1h"] and not later.jumped
    ]
    if len(changes) < LEAST_RETURNS:
        return None
    mean = _ROUGH.divide(sum(changes, Decimal(0)), Decimal(len(changes)))
    squares = sum((_ROUGH.power(_ROUGH.subtract(change, mean), 2) for change in changes), Decimal(0))
    daily = _ROUGH.multiply(_ROUGH.divide(squares, Decimal(len(changes) - 1)), Decimal(HOURS_A_DAY))
    return int((_ROUGH.sqrt(daily) * _BPS).to_integral_value(rounding="ROUND_CEILING"))
