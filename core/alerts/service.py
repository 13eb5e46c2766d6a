"""Alerts on price, moves and volume: armed by users, evaluated every two seconds, told once.

An alert ends in the transaction that tells of it, so it is told once however many evaluators run; a crash before the commit leaves it
armed. It looks at the moment, not at what happened between two looks. Must never place an order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.alerts import repository
from core.alerts.ports import Herald
from core.alerts.rules import VOLUME_WINDOWS, of, require_sensible, volume_times
from core.alerts.types import Alert, AlertCommand, Observation
from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.decisions import service as decisions
from core.kernel.clock import Clock
from core.kernel.errors import Denied, InvariantViolated
from core.kernel.ids import new_id
from core.market import service as market
from core.market.ports import BookReader
from core.market.types import Interval, OrderBook

MOST_ALERTS = 50
SUBJECT = "alert"
NOTE_EVERY = timedelta(seconds=30)
_CANDLES: dict[str, Interval] = {"5m": "5m", "1h": "1h"}


@dataclass
class AlertService:
    """`max_age`: an older book is no price. Keeps only when it last wrote down what it saw."""

    pool: Pool
    books: BookReader
    clock: Clock
    herald: Herald
    max_age: timedelta
    _noted_at: datetime | None = None

    async def evaluate(self) -> int:
        """Looks at every market with armed alerts and ends those that fire. How many fired. Raises Unavailable without prices."""
        async with unit_of_work(self.pool) as uow:
            watched = await repository.watched(uow)
        if not watched:
            return 0
        books = await self.books.books(sorted(watched))
        now = self.clock.now()
        noting = self._noted_at is None or now - self._noted_at >= NOTE_EVERY
        fired = 0
        for symbol, wanted in sorted(watched.items()):
            async with unit_of_work(self.pool) as uow:
                seen = await observe(uow, symbol, books.get(symbol), now, self.max_age, wanted)
                fired += await self._look(uow, seen, now)
                if noting:
                    await repository.note(uow, symbol, describe(seen))
        self._noted_at = now if noting else self._noted_at
        return fired

    async def _look(self, uow: UnitOfWork, seen: Observation, now: datetime) -> int:
        fired = 0
        for alert in await repository.due(uow, seen.symbol, seen.price):
            evaluation = of(alert, seen)
            counted = {**describe(seen), "counted": str(evaluation.counted)}
            if evaluation.fires and await repository.finish(uow, alert.id, "triggered", counted):
                row = {
                    "check": alert.kind.value,
                    "verdict": "passed",
                    "reason": "",
                    "inputs": {**counted, "threshold": str(alert.threshold)},
                }
                await decisions.record(uow, SUBJECT, str(alert.id), [row])
                await self.herald.tell(uow, alert, seen, now)
                fired += 1
        return fired


async def observe(
    uow: UnitOfWork, symbol: str, book: OrderBook | None, now: datetime, max_age: timedelta, wanted: Iterable[str]
) -> Observation:
    """What is known of a market: the price of a fresh book, and the changes and volumes that `wanted` (`move:1h`, `volume:5m`) names."""
    fresh = book is not None and book.age(now) <= max_age
    price = book.mid() if book is not None and fresh else None
    kinds = {one.partition(":")[0] for one in wanted}
    changes: dict[str, int | None] = {}
    if "move" in kinds:
        day = await market.day_change(uow, symbol)
        if day is not None and now - day.at <= timedelta(minutes=2):
            changes = {"5m": day.change_5m_bps, "1h": day.change_1h_bps, "24h": day.change_24h_bps}
    volumes: dict[str, Decimal | None] = {}
    for window in VOLUME_WINDOWS:
        if f"volume:{window}" in set(wanted):
            since = now - timedelta(hours=25)
            candles = await market.candles(uow, symbol, _CANDLES[window], since=since, limit=400)
            volumes[window] = volume_times(candles, window, now)
    return Observation(symbol, now, price, None if book is None else book.source, changes, volumes)


def describe(seen: Observation) -> dict[str, Any]:
    """A look as JSON: what was seen, and when."""
    return {
        "at": seen.at.isoformat(),
        "price": None if seen.price is None else format(seen.price.normalize(), "f"),
        "source": None if seen.source is None else seen.source.name,
        "changes_bps": dict(seen.changes_bps),
        "volume_times": {window: None if times is None else str(times) for window, times in seen.volume_times.items()},
    }


async def create(uow: UnitOfWork, command: AlertCommand, *, idempotency_key: str, seen: Observation) -> Alert:
    """Arms an alert, once a key. Raises Denied('too_many_alerts' | 'alert_range' | 'alert_window' | 'alert_already_true')."""
    known = await repository.by_key(uow, idempotency_key)
    if known is not None:
        return known
    require_sensible(command, seen)
    if await repository.lock_and_count(uow, command.user_id) >= MOST_ALERTS:
        raise Denied("too_many_alerts", limit=str(MOST_ALERTS))
    await repository.insert(uow, new_id(), command, idempotency_key)
    alert = await repository.by_key(uow, idempotency_key)
    if alert is None:
        raise InvariantViolated("an alert just inserted is not there")
    return alert


async def cancel(uow: UnitOfWork, *, user_id: int, alert_id: UUID) -> None:
    """Ends an armed alert of this user. Raises Denied('alert_not_found')."""
    if not await repository.finish(uow, alert_id, "canceled", None, user_id=user_id):
        raise Denied("alert_not_found")


async def armed(uow: UnitOfWork, user_id: int) -> list[Alert]:
    """A user's armed alerts, oldest first."""
    return await repository.armed_of(uow, user_id)
