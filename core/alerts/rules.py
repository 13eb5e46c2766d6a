"""When an alert fires. Pure; called by the service."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from core.alerts.types import WINDOWS, Alert, AlertCommand, AlertKind, Evaluation, Observation
from core.kernel.errors import Denied
from core.market.types import Candle

MAX_MOVE_BPS = 1_000_000
MIN_MOVE_BPS = 10
MIN_TIMES, MAX_TIMES = Decimal("1.5"), Decimal(1000)
VOLUME_WINDOWS = ("5m", "1h")
LEAST_WINDOWS = 6
"""So many windows must be known before a volume is called usual."""


def evaluate(kind: AlertKind, threshold: Decimal, window: str, seen: Observation) -> Evaluation:
    """What a look means for an alert. Nothing fires on what is not known."""
    match kind:
        case AlertKind.ABOVE | AlertKind.BELOW:
            if seen.price is None:
                return Evaluation(False, None, "no_price")
            fires = seen.price >= threshold if kind is AlertKind.ABOVE else seen.price <= threshold
            return Evaluation(fires, seen.price)
        case AlertKind.MOVE:
            change = seen.changes_bps.get(window)
            if change is None:
                return Evaluation(False, None, "no_candles")
            return Evaluation(abs(Decimal(change)) >= threshold, Decimal(change))
    times = seen.volume_times.get(window)
    if times is None:
        return Evaluation(False, None, "no_volume")
    return Evaluation(times >= threshold, times)


def require_sensible(command: AlertCommand, seen: Observation) -> None:
    """Raises Denied('alert_range' | 'alert_window' | 'alert_already_true'): a price alert that is true now would tell nothing."""
    if command.kind in (AlertKind.MOVE, AlertKind.VOLUME):
        windows = tuple(WINDOWS) if command.kind is AlertKind.MOVE else VOLUME_WINDOWS
        if command.window not in windows:
            raise Denied("alert_window", windows=", ".join(windows))
        low, high = (Decimal(MIN_MOVE_BPS), Decimal(MAX_MOVE_BPS)) if command.kind is AlertKind.MOVE else (MIN_TIMES, MAX_TIMES)
        if not low <= command.threshold <= high:
            raise Denied("alert_range")
        return
    if command.threshold <= 0:
        raise Denied("alert_range")
    now = evaluate(command.kind, command.threshold, command.window, seen)
    if now.fires and now.counted is not None:
        raise Denied("alert_already_true", price=format(now.counted.normalize(), "f"), symbol=command.symbol)


def volume_times(candles: Sequence[Candle], window: str, now: datetime) -> Decimal | None:
    """How many times the usual volume was traded in the last whole `window`: the newest candle that ended against the median of those
    before it. None where volumes are not told or too few are known; a candle that a jump of a recording cut counts as unknown."""
    span = WINDOWS[window]
    known = [one.volume for one in candles if one.volume is not None and not one.jumped and one.open_at + span <= now]
    newest = next((one for one in reversed(candles) if one.open_at + span <= now), None)
    if newest is None or newest.volume is None or newest.jumped or now - newest.open_at > 2 * span + timedelta(minutes=1):
        return None
    earlier = sorted(known[:-1])
    if len(earlier) < LEAST_WINDOWS:
        return None
    usual = earlier[len(earlier) // 2]
    return None if usual == 0 else (newest.volume / usual).quantize(Decimal("0.01"))


def of(alert: Alert, seen: Observation) -> Evaluation:
    """`evaluate` for a row."""
    return evaluate(alert.kind, alert.threshold, alert.window, seen)
