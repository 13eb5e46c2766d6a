"""The commands around a running desk: run, stop, health. Each prints plain lines and returns an exit status.

Called by `python -m sandbox`. `run` refuses a folder that another supervisor holds, and says what runs there.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from sandbox.postgres import ServerFailed
from sandbox.supervisor import Supervisor, require_free_port
from sandbox.supervisor_files import DeskFolder
from sandbox.supervisor_health import read_health
from sandbox.supervisor_plan import ROOT, BadSettings, Desk, read_variables, resolve
from sandbox.supervisor_reload import code_changes

STOP_TIMEOUT_S = 15


def desk_of_environment() -> Desk:
    """From `.env` and the environment, with what is generated once filled in where nothing is set."""
    return resolve(read_variables())


def with_generated(desk: Desk, folder: DeskFolder) -> Desk:
    """The secrets that nobody set: kept in DATA_DIR, the same at the next start."""
    made = {"TELEGRAM_WEBHOOK_SECRET": folder.secret("telegram_webhook_secret"), "CARD_SECRET": folder.secret("card_secret")}
    if desk.sandbox and "TELEGRAM_BOT_TOKEN" not in desk.values:
        made["TELEGRAM_BOT_TOKEN"] = "7000000001:" + folder.secret("sandbox_bot_token")[:35]
    return desk.with_values(**{name: value for name, value in made.items() if name not in desk.values})


def run(*, reload: bool = False) -> int:
    """Until Ctrl-C, SIGTERM or `stop`. 0 when it ended in order or runs already, 1 with one line when it cannot run."""
    try:
        desk = desk_of_environment()
        folder = DeskFolder(desk.data_dir)
        if not folder.lock():
            return say_what_runs(folder)
        require_free_port(desk)
        if not desk.sandbox and "TELEGRAM_BOT_TOKEN" not in desk.values:
            raise BadSettings("SANDBOX=off needs a TELEGRAM_BOT_TOKEN.")
        say_what_starts(desk)
        watch = code_changes(ROOT) if reload else None
        return Supervisor(with_generated(desk, folder), folder, say=say).run(watch)
    except (BadSettings, ServerFailed) as problem:
        print(problem, file=sys.stderr)
        return 1
    except TimeoutError:
        print(f"PostgreSQL or Valkey did not answer in time: see {desk.data_dir / 'logs'}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"The desk cannot start: {problem}", file=sys.stderr)
        return 1


def say(line: str) -> None:
    """Prints at once, also into a pipe."""
    print(line, flush=True)


def say_what_starts(desk: Desk) -> None:
    """Two lines: where prices come from, and which bot it is."""
    prices = desk.values.get("MARKET_DATA_DIR")
    say(f"Strongroom starts in {desk.data_dir}")
    say(f"  prices: {'recorded, from ' + prices if prices else 'simulated (MARKET_DATA_DIR names no recording)'}")
    real = "TELEGRAM_BOT_TOKEN" in desk.values
    yours = f"yours, at {desk.values.get('TELEGRAM_API_URL', 'Telegram')}"
    say(f"  bot: {yours if real else 'a sandbox in the browser (no TELEGRAM_BOT_TOKEN)'}")


def say_what_runs(folder: DeskFolder) -> int:
    """For the second `run` on the same folder: 0 when a desk runs there."""
    address, supervisor, processes = folder.read_processes()
    if supervisor is None:
        say(f"Another supervisor is just starting or ending in {folder.path}.")
        return 1
    say(f"Strongroom runs already in {folder.path}: {address} (supervisor {supervisor.pid})")
    say("  " + ", ".join(f"{one.name} {one.pid}" for one in processes))
    say("`make stop` ends it. Another DATA_DIR and HTTP_PORT make another desk.")
    return 0


def stop() -> int:
    """Ends the desk of DATA_DIR and waits until it is gone."""
    folder = DeskFolder(desk_of_environment().data_dir)
    _, supervisor, processes = folder.read_processes()
    found = supervisor.process() if supervisor else None
    if found is None:
        left = [process for one in processes if (process := one.process()) is not None]
        for process in left:
            process.kill()
        folder.forget_processes()
        say(f"Nothing runs in {folder.path}.")
        return 0
    found.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while not folder.lock():
        if time.monotonic() > deadline:
            print(f"It does not end: supervisor {found.pid}, see {folder.path / 'logs'}", file=sys.stderr)
            return 1
        time.sleep(0.05)
    folder.unlock()
    say(f"Strongroom in {folder.path} has ended.")
    return 0


def health() -> int:
    """Prints what `/health` says. 0 when it is ready."""
    desk = desk_of_environment()
    address = DeskFolder(desk.data_dir).read_processes()[0] or desk.address
    status, body = read_health(address)
    say(json.dumps(body, indent=2) if status else f"Nobody answers at {address}")
    return 0 if status == 200 else 1


def serve() -> int:
    """The process `api` of a desk with the sandbox on."""
    from sandbox.app import main  # noqa: PLC0415  (the other commands do without FastAPI)

    main()
    return 0


COMMANDS: dict[str, Callable[[], int]] = {"run": run, "stop": stop, "health": health, "serve": serve}
