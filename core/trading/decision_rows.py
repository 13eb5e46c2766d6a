"""What a decision reads and writes, in one call each. Called by `core/trading/decision.py` inside its unit of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.db.unit_of_work import UnitOfWork
from core.kernel.money import Amount
from core.market.types import Instrument, OrderBook, PriceSource
from core.risk import service as risk
from core.risk.facts import RiskFacts
from core.risk.types import OpenPause
from core.risk.volatility import Volatility
from core.trading.reports import encode_source
from core.trading.repository import instrument_from_row
from core.trading.types import OrderCommand, OrderState


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """What `trading_decision_context` read. `state` is None for a preview."""

    state: OrderState | None
    standing: str
    platform_fee_bps: int
    pauses: tuple[OpenPause, ...]
    instrument: Instrument | None
    available_base_units: int
    available_quote_units: int
    position_cost_units: int
    duplicate_of: UUID | None
    risk: RiskFacts


@dataclass(frozen=True, slots=True)
class Asking:
    """When a decision is asked for, at which book, and for which order; without one it is a preview, which locks and writes nothing."""

    now: datetime
    duplicate_window: timedelta
    volatility: Volatility
    book: OrderBook | None = None
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """What a decision to send writes into the order's row."""

    quantity: Decimal | None
    quote_budget: Decimal | None
    limit_price: Decimal
    held_units: int
    client_order_id: str
    hold_id: UUID
    now: datetime
    send_until: datetime
    reconcile_after: datetime
    platform_fee_bps: int
    source: PriceSource
    price_at: datetime
    expires_at: datetime | None = None


async def decision_facts(uow: UnitOfWork, command: OrderCommand, asking: Asking) -> DecisionFacts | None:
    """Locks the order and its user, if an order is given, and reads what the decision looks at. None when there is no such order.

    What limits look at is read after the lock: it sees what every earlier decision on the same user left.
    """
    row = await uow.connection.fetchrow(
        "select * from trading_decision_context($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        asking.order_id,
        command.user_id,
        command.venue,
        command.symbol,
        command.side.value,
        command.size.kind.value,
        command.size.value,
        asking.duplicate_window // timedelta(milliseconds=1),
        command.order_type.value,
        command.limit_price,
        command.origin,
    )
    if row is None:
        return None
    return DecisionFacts(
        state=None if row["state"] is None else OrderState(row["state"]),
        standing=row["standing"] or "unknown",
        platform_fee_bps=row["platform_fee_bps"],
        pauses=tuple(OpenPause(scope, reason) for scope, reason in zip(row["pause_scopes"], row["pause_reasons"], strict=True)),
        instrument=instrument_from_row(row, command.venue, command.symbol),
        available_base_units=int(row["available_base"]),
        available_quote_units=int(row["available_quote"]),
        position_cost_units=int(row["position_cost"]),
        duplicate_of=row["duplicate_of"],
        risk=await _risk_facts(uow, command, asking, traded=row["base_asset"] is not None),
    )


async def _risk_facts(uow: UnitOfWork, command: OrderCommand, asking: Asking, *, traded: bool) -> RiskFacts:
    mid = None if asking.book is None else asking.book.mid()
    return await risk.facts(
        uow,
        user_id=command.user_id,
        venue=command.venue,
        symbol=command.symbol,
        now=asking.now,
        marks={} if mid is None else {command.symbol: mid},
        volatility_bps=await asking.volatility.of(uow, command.symbol, asking.now) if traded else None,
        remember=asking.order_id is not None,
    )


async def submit(uow: UnitOfWork, order_id: UUID, submission: Submission, verdicts: Sequence[Mapping[str, Any]]) -> bool:
    """INITIALIZED → SUBMITTED with its reasons; False when the order was decided before."""
    return bool(
        await uow.connection.fetchval(
            "select trading_submit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            order_id,
            submission.quantity,
            submission.quote_budget,
            submission.limit_price,
            submission.held_units,
            submission.client_order_id,
            submission.hold_id,
            submission.now,
            submission.send_until,
            submission.reconcile_after,
            submission.platform_fee_bps,
            encode_source(submission.source),
            submission.price_at,
            list(verdicts),
            submission.expires_at,
        )
    )


async def deny(
    uow: UnitOfWork,
    order_id: UUID,
    *,
    now: datetime,
    reason: str,
    params: Mapping[str, Any],
    source: PriceSource | None,
    price_at: datetime | None,
    verdicts: Sequence[Mapping[str, Any]],
) -> bool:
    """INITIALIZED → DENIED with its reasons; False when the order was decided before."""
    return bool(
        await uow.connection.fetchval(
            "select trading_deny($1, $2, $3, $4, $5, $6, $7)",
            order_id,
            now,
            reason,
            dict(params),
            encode_source(source),
            price_at,
            list(verdicts),
        )
    )


def amounts(facts: DecisionFacts, instrument: Instrument) -> tuple[Amount, Amount, Amount]:
    """Available base, available quote and the position's cost as amounts."""
    return (
        Amount(instrument.base, facts.available_base_units),
        Amount(instrument.quote, facts.available_quote_units),
        Amount(instrument.quote, facts.position_cost_units),
    )
