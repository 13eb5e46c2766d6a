"""Logs: one JSON object a line, from structlog and from every library, with an allow-list of fields and one correlation id.

Owns what may be logged. Called by each process's entry point (`configure_logging`) and by everybody who logs (`get_logger`).
It must never write a secret: fields outside the list are dropped and counted, only plain values pass, what looks like a token
is masked, a library's arguments are left out (its template stays), and of an exception only class and places are written
(its text too where the class is ours).
"""

from __future__ import annotations

import logging
import os
import re
import sys
import traceback
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO, cast
from uuid import UUID

import orjson
import structlog
from structlog.typing import FilteringBoundLogger

from core.config.metrics import LOG_FIELDS_DROPPED
from core.kernel.errors import StrongroomError
from core.kernel.ids import new_id

_FIELDS = """
event level timestamp process pid logger correlation_id template error error_code error_text sqlstate constraint where dropped_fields

user_id chat_id bot_id update_id message_id message_key order_id conditional_id client_order_id venue_order_id hold_id fill_id row_id
report_id button_id request_id transaction_id task task_id queue name kind symbol venue side state previous_state screen action
command method route door status code reason check verdict scope mode language role outcome source path call

count size attempts attempt limit shard shards lease token_number duration_ms age_ms lag_ms latency_ms retry_after_ms delay_ms ttl_ms
timeout_ms offset sequence line expected actual waiting concurrency

component part version port host signal exit_code child child_pid dependency breaker revision file symbols speed recorded_at price_at
started_at
"""
ALLOWED_FIELDS = frozenset(_FIELDS.split())
"""Names of fields that may be logged. Add one here with care: its values must be harmless whatever a user or venue sends."""

PLAIN = (str, int, float, bool, type(None), Decimal, UUID, date)
LONGEST = 500
QUIET = (
    "httpx",
    "httpcore",
    "telegram",
    "aiohttp.access",
    "uvicorn.access",
    "asyncio",
    "celery.redirected",
    "celery.worker.strategy",
    "watchfiles",
)
"""Libraries whose ordinary lines are left out: their URLs and payloads hold tokens, or they say nothing."""

_MASKS = (
    re.compile(r"\d{5,}:[A-Za-z0-9_-]{20,}"),  # bot token
    re.compile(r"(?<=://)[^/\s@]+@"),  # user and password of an address
    re.compile(r"(?i)\b(?:0x)?[0-9a-f]{64,}\b"),  # key in hex
    re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"),  # JWT
    re.compile(r"-----BEGIN[^-]*PRIVATE KEY-----.*", re.DOTALL),
)

_correlation: ContextVar[str] = ContextVar("correlation_id", default="")


def bind_correlation(correlation_id: str) -> None:
    """From here on every line of this task carries `correlation_id`."""
    _correlation.set(correlation_id)


def current_correlation() -> str:
    """The id bound to this task, or ''."""
    return _correlation.get()


def new_correlation() -> str:
    """Makes an id, binds and returns it."""
    made = new_id().hex
    bind_correlation(made)
    return made


def get_logger() -> FilteringBoundLogger:
    """A logger; fine to keep in a module (it is bound to the configuration at its first line)."""
    return cast("FilteringBoundLogger", structlog.get_logger())


def mask(text: str) -> str:
    """`text` without what looks like a secret, at most 500 characters."""
    for pattern in _MASKS:
        text = pattern.sub("[masked]", text)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def configure_logging(process: str, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Sets up structlog, the standard library's logging and the hook for uncaught exceptions. `process` as in `processes.json`."""
    out = stream or sys.stdout
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=_chain(process),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=stream is None,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Bridge(out, _chain(process))]
    root.setLevel(number)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "celery", "celery.task"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught


Event = MutableMapping[str, Any]


def _chain(process: str) -> list[Callable[[Any, str, Event], Any]]:
    def identify(_logger: Any, name: str, event: Event) -> Event:
        event["level"] = name
        event["process"] = process
        event["pid"] = os.getpid()
        if _correlation.get() and "correlation_id" not in event:
            event["correlation_id"] = _correlation.get()
        return event

    return [identify, structlog.processors.TimeStamper(fmt="iso", utc=True), _exception, only_allowed, _render]


def only_allowed(_logger: Any, _name: str, event: Event) -> Event:
    """Keeps allowed fields with plain values; counts the others. Strings are masked and cut."""
    kept: dict[str, Any] = {}
    for key, value in event.items():
        if key in ALLOWED_FIELDS and _plain(value):
            kept[key] = _shown(value)
    dropped = len(event) - len(kept)
    if dropped:
        LOG_FIELDS_DROPPED.inc(dropped)
        kept["dropped_fields"] = dropped
    return kept


def _plain(value: object) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return len(value) <= 64 and all(isinstance(one, PLAIN) for one in value)
    return isinstance(value, PLAIN)


def _shown(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(one) for one in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    return mask(str(value))


def _exception(_logger: Any, _name: str, event: Event) -> Event:
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()[1]
    if isinstance(raised, tuple):
        raised = raised[1]
    if isinstance(raised, BaseException):
        event.update(describe(raised))
    return event


def describe(error: BaseException) -> dict[str, Any]:
    """What may be written about an exception: class, code, places in the code; its text only where the class is ours."""
    told: dict[str, Any] = {"error": type(error).__name__, "where": _places(error.__traceback__)}
    if isinstance(error, StrongroomError):
        told["error_text"] = str(error)
    for field, attribute in (
        ("error_code", "code"),
        ("sqlstate", "sqlstate"),
        ("constraint", "constraint_name"),
        ("error_code", "sqlite_errorname"),
        ("error_code", "errno"),
    ):
        value = getattr(error, attribute, None)
        if isinstance(value, str | int):
            told.setdefault(field, value)
    return told


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-12:]
    return [f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}" for frame in frames]


def _render(_logger: Any, _name: str, event: Event) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class _Bridge(logging.Handler):
    """Brings lines of the standard library's logging into the same chain: template and exception, never arguments."""

    def __init__(self, out: TextIO, chain: list[Callable[[Any, str, Event], Any]]) -> None:
        super().__init__()
        self._out = structlog.WriteLogger(file=out)
        self._chain = chain

    def emit(self, record: logging.LogRecord) -> None:
        event: Any = {
            "event": "library_line",
            "logger": record.name,
            "template": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
        }
        if record.exc_info:
            event["exc_info"] = record.exc_info
        for step in self._chain:
            event = step(None, record.levelname.lower(), event)
        self._out.msg(event)


def _uncaught(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    get_logger().critical("uncaught_exception", exc_info=error)
