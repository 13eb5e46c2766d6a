"""Data of screens that come with time or trouble, as their features write them: what a short chat does not reach. For P30."""

from __future__ import annotations

from typing import Any

_SOURCE = {"name": "binance recording", "kind": "recorded_book", "recorded_at": "2024-08-08T12:00:00+00:00"}
_AT = "2026-01-02T03:04:05+00:00"
ALERT: dict[str, Any] = {
    "symbol": "BTC/USDT",
    "quote": "USDT",
    "kind": "above",
    "threshold": "70000",
    "window": "",
    "price": "70001.5",
    "source": "binance recording",
    "at": _AT,
    "changes_bps": {"1h": 120},
    "volume_times": {"1h": "3.1"},
}
SAMPLES: list[tuple[str, dict[str, Any]]] = [
    ("alert", ALERT),
    ("alert", {**ALERT, "kind": "move", "threshold": "500", "window": "1h"}),
    ("digest", {"items": [{"screen": "alert", "data": ALERT}] * 30}),
    ("denied", {"code": "insufficient_funds", "params": {"available": "1", "needed": "1250", "asset": "USDT"}}),
    ("denied", {"code": "paused", "params": {"scope": "instrument:BTC/USDT"}}),
]
