"""Finds the desk an operator's command is about: DATABASE_URL, else `desk.json` in DATA_DIR (written by `make run`).

Called by every command of `python -m ops`. Must never print an address: it holds a password.
"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.config.settings import OpsSettings
from core.db.pool import Pool, create_pool
from core.kernel.secret import Secret


def actor() -> str:
    """Who sits at the command line, as `operator_actions` names them."""
    try:
        return f"ops:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user without a name
        return f"ops:{os.getuid()}"


class NoDesk(Exception):
    """There is no desk to talk to; the message says what would help."""


def database_url(settings: OpsSettings) -> Secret:
    """The application role's address. Raises NoDesk."""
    if settings.database_url:
        return settings.database_url
    found = settings.data_dir / "desk.json"
    try:
        return Secret(json.loads(found.read_text())["database_url"])
    except (OSError, ValueError, KeyError) as error:
        raise NoDesk(
            f"no DATABASE_URL, and no desk in {settings.data_dir}: start one with `make run`, or set DATABASE_URL or DATA_DIR"
        ) from error


def redis_url() -> Secret:
    """The price store's address: REDIS_URL, else what `make run` wrote beside the database's."""
    settings = OpsSettings()
    if "redis_url" in settings.model_fields_set:
        return settings.redis_url
    try:
        told = json.loads((settings.data_dir / "desk.json").read_text())["redis_url"]
        return Secret(told) if told else settings.redis_url
    except (OSError, ValueError, KeyError):
        return settings.redis_url


@asynccontextmanager
async def open_pool() -> AsyncIterator[Pool]:
    """One connection as the application role, which may take its time. Raises NoDesk."""
    dsn = database_url(OpsSettings())
    try:
        pool = await create_pool(dsn, application_name="ops", max_size=1)
    except OSError as error:
        raise NoDesk("the desk's database does not answer: is the desk running?") from error
    try:
        await pool.execute("set statement_timeout = 0")
        yield pool
    finally:
        await pool.close()
