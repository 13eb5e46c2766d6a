"""A venue's report as JSON: recorded raw before it is applied, read back when it is. Pure; every figure travels as text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from core.kernel.money import Price, Quantity
from core.market.types import PriceSource
from core.venues.types import Accepted, Fill, Liquidity, OrderReport, Outcome, Refused, VenueOrderState

Payload = dict[str, Any]


def encode(report: OrderReport) -> Payload:
    """The report as a JSON object."""
    return {
        "client_order_id": report.client_order_id,
        "venue_order_id": report.venue_order_id,
        "state": report.state.value,
        "filled_quantity": str(report.filled_quantity.value),
        "fills": [_encode_fill(fill) for fill in report.fills],
        "reported_at": report.reported_at.isoformat(),
        "source": encode_source(report.source),
        "reason": report.reason,
    }


def decode(payload: Mapping[str, Any]) -> OrderReport:
    """What `encode` was given. KeyError or ValueError for anything else."""
    return OrderReport(
        client_order_id=payload["client_order_id"],
        venue_order_id=payload["venue_order_id"],
        state=VenueOrderState(payload["state"]),
        filled_quantity=Quantity(Decimal(payload["filled_quantity"])),
        fills=tuple(_decode_fill(fill) for fill in payload["fills"]),
        reported_at=datetime.fromisoformat(payload["reported_at"]),
        source=decode_source(payload["source"]),
        reason=payload["reason"],
    )


def report_key(payload: Payload) -> str:
    """The identity of a report: a hash of its content, the moment of telling left out, so that a repetition is recorded once."""
    content = {name: value for name, value in payload.items() if name != "reported_at"}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def report_of(outcome: Outcome, client_order_id: str, at: datetime) -> OrderReport | None:
    """What an outcome says about the order; None when it says nothing (Unknown)."""
    match outcome:
        case Accepted(report=OrderReport() as report):
            return report
        case Accepted(venue_order_id=venue_order_id):
            return OrderReport(client_order_id, venue_order_id, VenueOrderState.ACCEPTED, Quantity(Decimal(0)), (), at)
        case Refused(reason=reason):
            return OrderReport(client_order_id, "", VenueOrderState.REJECTED, Quantity(Decimal(0)), (), at, reason=reason)
        case _:
            return None


def encode_source(source: PriceSource | None) -> Payload | None:
    """A price source as in chat rows: name, kind, recorded_at."""
    if source is None:
        return None
    recorded_at = None if source.recorded_at is None else source.recorded_at.isoformat()
    return {"name": source.name, "kind": source.kind, "recorded_at": recorded_at}


def decode_source(payload: Mapping[str, Any] | None) -> PriceSource | None:
    """What `encode_source` was given."""
    if payload is None:
        return None
    recorded_at = payload["recorded_at"]
    return PriceSource(payload["name"], payload["kind"], None if recorded_at is None else datetime.fromisoformat(recorded_at))


def _encode_fill(fill: Fill) -> Payload:
    return {
        "venue_fill_id": fill.venue_fill_id,
        "price": str(fill.price.value),
        "quantity": str(fill.quantity.value),
        "fee": str(fill.fee),
        "executed_at": fill.executed_at.isoformat(),
        "liquidity": fill.liquidity.value,
    }


def _decode_fill(payload: Mapping[str, Any]) -> Fill:
    return Fill(
        payload["venue_fill_id"],
        Price(Decimal(payload["price"])),
        Quantity(Decimal(payload["quantity"])),
        Decimal(payload["fee"]),
        datetime.fromisoformat(payload["executed_at"]),
        Liquidity(payload.get("liquidity", "taker")),  # reports of before say nothing about it
    )
