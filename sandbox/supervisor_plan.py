"""What the supervisor runs: which processes, with which command, and with only the environment each needs. Pure.

Called by `sandbox/supervisor.py`. A process gets the variables of its settings class and nothing more: the bot token reaches
`bot` alone, the owner's database address reaches the migrations alone. `.env` is read here, never by the processes themselves
(they run in a folder without one), so that no process holds the others' secrets.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from core.config.settings import PROCESS_SETTINGS

ROOT = Path(__file__).resolve().parent.parent
TELEGRAM = "https://api.telegram.org"
LOOPBACK = ("127.0.0.1", "localhost", "::1")

PASSED_ON = (
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "PGBIN", "VALKEY_BIN",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip
"""Of the machine's own variables, what every process may see."""


class BadSettings(Exception):
    """The settings cannot run; the message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Command:
    """One process of the table: its name in `processes.json`, how it starts, its whole environment."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM


@dataclass(frozen=True, slots=True)
class Desk:
    """The settings of one run, resolved: every path absolute, every default filled in."""

    values: Mapping[str, str]

    @property
    def data_dir(self) -> Path:
        """Everything embedded lives here."""
        return Path(self.values["DATA_DIR"])

    @property
    def host(self) -> str:
        """HTTP_HOST."""
        return self.values["HTTP_HOST"]

    @property
    def port(self) -> int:
        """HTTP_PORT."""
        return int(self.values["HTTP_PORT"])

    @property
    def address(self) -> str:
        """The one address, with a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"

    @property
    def sandbox(self) -> bool:
        """Whether the Telegram sandbox is served."""
        return self.values["SANDBOX"] == "on"

    def with_values(self, **more: str) -> Desk:
        """The same with some variables set."""
        return Desk({**self.values, **more})


def read_variables(folder: Path = ROOT) -> dict[str, str]:
    """`.env` of `folder`, overridden by the environment; empty values count as unset."""
    merged = {**dotenv_values(folder / ".env"), **os.environ}
    return {name: value for name, value in merged.items() if value}


def resolve(variables: Mapping[str, str]) -> Desk:
    """Fills in what `make run` assumes. Raises BadSettings."""
    values = {**variables}
    values["DATA_DIR"] = str(Path(values.get("DATA_DIR", ".data")).absolute())
    values.setdefault("SANDBOX", "on")
    values.setdefault("HTTP_HOST", "127.0.0.1")
    values.setdefault("HTTP_PORT", "8000")
    if not values["HTTP_PORT"].isdigit() or not 0 < int(values["HTTP_PORT"]) < 65_536:
        raise BadSettings(f"HTTP_PORT is a number from 1 to 65535, not {values['HTTP_PORT']!r}.")
    if values["SANDBOX"] not in ("on", "off"):
        raise BadSettings("SANDBOX is `on` or `off`.")
    if values["SANDBOX"] == "on" and values["HTTP_HOST"] not in LOOPBACK:
        raise BadSettings(f"The sandbox lets anybody trade as anybody, so it is refused on HTTP_HOST={values['HTTP_HOST']}: use 127.0.0.1.")
    if "DATABASE_URL" in values and "MIGRATION_DATABASE_URL" not in values:
        raise BadSettings("DATABASE_URL is set, so MIGRATION_DATABASE_URL (the owner of the tables) is needed too.")
    _resolve_market(values)
    _resolve_telegram(values)
    return Desk(values)


def _resolve_market(values: dict[str, str]) -> None:
    named = values.get("MARKET_DATA_DIR")
    if named:
        values["MARKET_DATA_DIR"] = str(Path(named).absolute())
        return
    for folder in (ROOT / "market", ROOT.parent / "shared" / "market"):
        if folder.is_dir():
            values["MARKET_DATA_DIR"] = str(folder)
            return


def _resolve_telegram(values: dict[str, str]) -> None:
    if "TELEGRAM_API_URL" in values or values["SANDBOX"] == "off":
        return
    if "TELEGRAM_BOT_TOKEN" in values:
        values["TELEGRAM_API_URL"] = TELEGRAM
    else:
        values["TELEGRAM_API_URL"] = Desk(values).address.rstrip("/")


def environment_of(process: str, desk: Desk) -> dict[str, str]:
    """The whole environment of a process: the machine's few, its settings' own, and where metrics are shared."""
    settings = PROCESS_SETTINGS["worker" if process == "beat" else process]
    wanted = {name.upper() for name in settings.model_fields}
    chosen = {name: value for name, value in desk.values.items() if name in wanted or name in PASSED_ON}
    fixed = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}
    return {**chosen, **fixed, "PROMETHEUS_MULTIPROC_DIR": str(desk.data_dir / "metrics")}


def process_table(desk: Desk) -> list[Command]:
    """The desk's own processes, in the order in which they start."""
    modules = {
        "api": ("sandbox", "serve") if desk.sandbox else ("api",),
        "streams": ("workers.streams",),
        "worker": ("workers.app", "worker"),
        "bot": ("bot",),
        "relay": ("workers.relay",),
        "beat": ("workers.app", "beat"),
    }
    return [Command(name, (sys.executable, "-m", *module), environment_of(name, desk)) for name, module in modules.items()]


def migration_command(desk: Desk) -> Command:
    """Migrates and ends. Alone knows the owner's address."""
    named = ("MIGRATION_DATABASE_URL", "DATABASE_URL", *PASSED_ON)
    chosen = {name: desk.values[name] for name in named if name in desk.values}
    return Command("migrations", (sys.executable, "-m", "migrations"), {**chosen, "PYTHONPATH": str(ROOT)})
