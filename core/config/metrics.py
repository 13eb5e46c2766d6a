"""Every metric of the desk, once: names `strongroom_…`, units last, counters end in `_total`.

Imported by whoever counts something; rendered by the `api` process (`render`). With `PROMETHEUS_MULTIPROC_DIR` in the
environment (the supervisor and compose set it) all processes write there and one page shows their sum.
Never use an id, a symbol of a user's choice or any other unbounded word as a label.
"""

from __future__ import annotations

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Buckets of seconds for everything a person waits for."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# Chat in
UPDATES_RECEIVED = Counter("strongroom_updates_received_total", "Raw updates stored in the inbox", ["source"])
UPDATES_HANDLED = Counter("strongroom_updates_handled_total", "Updates taken from the inbox", ["outcome"])
UPDATES_PARKED = Counter("strongroom_updates_parked_total", "Updates set aside with their error")
UPDATES_SHED = Counter("strongroom_updates_shed_total", "Messages and taps that were told that there is too much", ["reason"])
UPDATE_SECONDS = Histogram("strongroom_update_seconds", "From taking an update to the end of its handler", buckets=FAST)
COMMANDS = Counter("strongroom_commands_total", "Commands by their outcome", ["command", "outcome"])
BUTTON_PRESSES = Counter("strongroom_button_presses_total", "Pressed buttons by their outcome", ["outcome"])

# Chat out
CHAT_SENDS = Counter("strongroom_chat_sends_total", "New messages sent to chats", ["outcome"])
CHAT_EDITS = Counter("strongroom_chat_edits_total", "Edits of messages", ["outcome"])
CHAT_SUPERSEDED = Counter("strongroom_chat_superseded_total", "Edits that a newer one replaced before they were sent")
TELEGRAM_RETRY_AFTER = Counter("strongroom_telegram_retry_after_total", "Answers 429 of Telegram")
TELEGRAM_SECONDS = Histogram("strongroom_telegram_seconds", "Calls to the Bot API", ["method"], buckets=FAST)

# Orders
ORDERS = Counter("strongroom_orders_total", "Orders that entered a state", ["state"])
ORDER_SECONDS = Histogram("strongroom_order_decision_seconds", "Decision of an order, its transaction included", buckets=FAST)
HANDOFF_SECONDS = Histogram("strongroom_handoff_seconds", "From the request's commit to the worker's start", buckets=FAST)
RISK_VERDICTS = Counter("strongroom_risk_verdicts_total", "Verdicts of the risk chain", ["check", "verdict"])
VENUE_SECONDS = Histogram("strongroom_venue_seconds", "Calls to venues", ["venue", "call", "outcome"], buckets=FAST)
RECONCILIATIONS = Counter("strongroom_reconciliations_total", "Orders asked about at their venue", ["outcome"])
FILLS = Counter("strongroom_fills_total", "Fills recorded", ["venue", "side"])

# Money
LEDGER_TRANSACTIONS = Counter("strongroom_ledger_transactions_total", "Ledger transactions written", ["kind"])
LEDGER_SECONDS = Histogram("strongroom_ledger_seconds", "Calls of ledger functions", ["call"], buckets=FAST)

# Hand-off and leases
OUTBOX_LAG_SECONDS = Gauge("strongroom_outbox_lag_seconds", "Age of the oldest waiting row", ["kind"], multiprocess_mode="livemostrecent")
OUTBOX_WAITING = Gauge("strongroom_outbox_waiting", "Rows waiting", ["kind"], multiprocess_mode="livemostrecent")
OUTBOX_DISPATCHED = Counter("strongroom_outbox_dispatched_total", "Task rows handed to the queue", ["way"])
LEASES_LOST = Counter("strongroom_leases_lost_total", "Leases that another holder took", ["lease"])

# Market
BOOKS_PUBLISHED = Counter("strongroom_books_published_total", "Order books published", ["source"])
MARKET_AGE_SECONDS = Gauge("strongroom_market_age_seconds", "Age of the oldest active price", multiprocess_mode="livemax")

# Doors
HTTP_REQUESTS = Counter("strongroom_http_requests_total", "HTTP requests answered", ["route", "method", "status"])
HTTP_SECONDS = Histogram("strongroom_http_seconds", "HTTP requests", ["route"], buckets=FAST)
AUTH_FAILURES = Counter("strongroom_auth_failures_total", "Refused for a missing or wrong proof", ["door"])

# The house
BREAKER_STATE = Gauge("strongroom_breaker_state", "0 closed, 1 half open, 2 open", ["dependency"], multiprocess_mode="livemax")
LOG_FIELDS_DROPPED = Counter("strongroom_log_fields_dropped_total", "Log fields outside the allow-list, or of a type not logged")


def render() -> bytes:
    """The Prometheus page: of all processes where they share a folder, else of this one."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def forget_process(pid: int, folder: str) -> None:
    """Removes the live gauges of a process that ended; its counters stay. Called by the supervisor."""
    mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
