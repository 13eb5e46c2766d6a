"""Times that must agree: no task may still run when the queue delivers it again; and names that must not collide."""

from __future__ import annotations

import socket
from datetime import timedelta

from core.trading.context import TradingLimits
from core.trading.reconciliation import BEGIN_WITHIN_S
from workers.app import VISIBILITY_TIMEOUT_S, worker_name
from workers.runtime import OPEN_WITHIN_S
from workers.tasks.trading import LIMIT_S, RECONCILE_LIMIT_S

ANSWER_S = TradingLimits(timedelta(), timedelta(), timedelta()).answer_within.seconds


def test_a_task_has_ended_before_the_queue_delivers_it_again() -> None:
    longest = OPEN_WITHIN_S + max(LIMIT_S, RECONCILE_LIMIT_S) + OPEN_WITHIN_S
    assert longest < VISIBILITY_TIMEOUT_S


def test_a_round_of_reconciliation_fits_into_its_limit() -> None:
    assert BEGIN_WITHIN_S + 2 * ANSWER_S < RECONCILE_LIMIT_S


def test_workers_are_told_apart_by_number_on_one_host_and_by_host_otherwise() -> None:
    assert worker_name(0, alone_on_its_host=False) == "worker-0"
    assert worker_name(0, alone_on_its_host=True) == f"worker-{socket.gethostname()}-0"
