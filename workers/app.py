"""Processes `worker` and `beat`: `python -m workers.app worker [number]`, `python -m workers.app beat`.

Celery is the distributed engine, PostgreSQL the truth: tasks are acknowledged after they ran and carry a row id; no results, events,
gossip, mingle, heartbeats or remote control. Losing the queue loses nothing: the relay sends again what is stale.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Mapping
from typing import Any

from celery import Celery
from celery.signals import setup_logging

from core.bootstrap.worker import open_database, open_worker
from core.config.logging import configure_logging
from core.config.settings import WorkerSettings
from core.db.heartbeats import State
from workers.runtime import Runtime
from workers.schedule import SCHEDULE, Ticks
from workers.tasks import alerts, broadcasts, housekeeping, notifications, portfolio, trading

QUEUE = "trade"
VISIBILITY_TIMEOUT_S = 60
"""After this long an unacknowledged task is delivered again. Longer than any task may run, or it would run twice at once."""
SILENT_AFTER_S = 10


_TASKS = {
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_ignore_result": True,
    "task_store_errors_even_if_ignored": False,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_default_queue": QUEUE,
    "task_create_missing_queues": True,
    "task_send_sent_event": False,
}
_WORKER = {
    "worker_send_task_events": False,
    "worker_enable_remote_control": False,
    "worker_prefetch_multiplier": 1,
    "worker_pool": "threads",
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
}
_BROKER = {
    "broker_connection_retry": True,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "broker_pool_limit": 10,
    "broker_transport_options": {
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_keepalive": True,
        "socket_connect_timeout": 2,
        "health_check_interval": 5,
    },
}
_BEAT = {
    "beat_scheduler": "workers.schedule:DeskScheduler",
    "beat_max_loop_interval": 1,
    "beat_schedule": SCHEDULE,
    "redbeat_redis_options": {"socket_timeout": 5, "socket_connect_timeout": 2},
    "timezone": "UTC",
}


def create_app(settings: WorkerSettings) -> Celery:
    """The Celery app without tasks."""
    app = Celery("strongroom", broker=settings.redis_url.reveal())
    app.conf.update({**_TASKS, **_WORKER, **_BROKER, **_BEAT})
    app.conf.update(worker_concurrency=settings.worker_concurrency, redbeat_redis_url=settings.redis_url.reveal())
    return app


def run_worker(settings: WorkerSettings, number: int = 0) -> None:
    """Works until SIGTERM (then what runs is finished) or SIGQUIT."""
    app = create_app(settings)
    name = worker_name(number, alone_on_its_host=os.getpid() == 1)
    runtime = Runtime(name, lambda: open_worker(settings))
    trading.register(app, runtime)
    alerts.register(app, runtime)
    notifications.register(app, runtime)
    broadcasts.register(app, runtime)
    portfolio.register(app, runtime)
    housekeeping.register(app, runtime, days=settings.retention_days)
    runtime.start()
    try:
        app.worker_main(
            [
                "-q",
                "worker",
                "-n",
                f"{name}@%h",
                "-Q",
                QUEUE,
                "--without-gossip",
                "--without-mingle",
                "--without-heartbeat",
                "-l",
                "WARNING",
            ]
        )
    finally:
        runtime.stop()


def worker_name(number: int, *, alone_on_its_host: bool) -> str:
    """`worker-0`; in a container (the first process of a host of its own) the host is in it, because each of several is number 0."""
    return f"worker-{socket.gethostname()}-{number}" if alone_on_its_host else f"worker-{number}"


def run_beat(settings: WorkerSettings) -> None:
    """Sends what is due until SIGTERM. Several may run: one leads."""
    app = create_app(settings)
    ticks = app.desk_ticks = Ticks()  # type: ignore[attr-defined]

    def health() -> tuple[State, Mapping[str, Any]]:
        age_s = ticks.age_s()
        return ("degraded" if age_s > SILENT_AFTER_S else "ok"), {"last_tick_age_s": age_s}

    runtime = Runtime("beat-0", lambda: open_database(settings, "beat"), health)
    runtime.start()
    try:
        app.Beat(scheduler_cls="workers.schedule:DeskScheduler", max_interval=1, loglevel="WARNING", quiet=True).run()
    finally:
        runtime.stop()


def main(arguments: list[str]) -> int:
    """The entry point."""
    kind = arguments[0] if arguments else ""
    if kind not in {"worker", "beat"} or not all(part.isdigit() for part in arguments[1:2]):
        sys.stderr.write("usage: python -m workers.app worker [number] | beat\n")
        return 2
    settings = WorkerSettings()
    configure_logging(kind, settings.log_level)
    setup_logging.connect(_keep_our_logging)
    if kind == "beat":
        run_beat(settings)
    else:
        run_worker(settings, int(arguments[1]) if len(arguments) > 1 else 0)
    return 0


def _keep_our_logging(**_: object) -> None:
    """Celery leaves logging alone when somebody listens to this signal. Its lines for every task say nothing that ours do not."""
    for name in ("celery.app.trace", "celery.beat"):
        logging.getLogger(name).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
