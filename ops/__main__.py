"""`python -m ops …`: the operator's command line. Reads the desk that DATABASE_URL, or else DATA_DIR, points at."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Coroutine, Sequence
from typing import Any

import asyncpg

from ops import broadcast, controls, fees, health, ledger, limits, market, reports, updates, users
from ops.desk import NoDesk
from ops.output import Answer, show

Areas = Any
"""argparse does not export the type of its sub-commands."""


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    root = argparse.ArgumentParser(prog="python -m ops", description="Looks after a running desk.")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print JSON instead of lines")
    areas = root.add_subparsers(dest="area", required=True)

    area = areas.add_parser("ledger", help="every unit of money").add_subparsers(dest="command", required=True)
    command = area.add_parser("check", parents=[common], help="a line an asset; exit code 1 on any difference")
    command.set_defaults(run=lambda _: ledger.check())
    command = area.add_parser("balances", parents=[common], help="accounts in whole coins")
    command.add_argument("prefix", nargs="?", default="", help="how the addresses begin, such as user:7: or fees:")
    command.set_defaults(run=lambda given: ledger.balances(given.prefix))

    command = areas.add_parser("health", parents=[common], help="the processes' last words; exit code 1 when one is not well")
    command.set_defaults(run=lambda _: health.health())

    _troubles(areas, common)
    _rules(areas, common)
    return root


def _troubles(areas: Areas, common: argparse.ArgumentParser) -> None:
    """What failed for good, and the way past it."""
    updates.register(areas, common)
    controls.register(areas, common)
    broadcast.register(areas, common)
    area = areas.add_parser("reports", help="what venues said of orders").add_subparsers(dest="command", required=True)
    command = area.add_parser("waiting", parents=[common], help="reports that are not applied")
    command.add_argument("--limit", type=int, default=50)
    command.set_defaults(run=lambda given: reports.waiting(given.limit))
    command = area.add_parser("set-aside", parents=[common], help="a report that cannot be applied: nobody tries it any more")
    command.add_argument("report_id", type=int)
    command.add_argument("--note", required=True, help="why; kept with the order")
    command.set_defaults(run=lambda given: reports.set_aside(given.report_id, given.note))


def _rules(areas: Areas, common: argparse.ArgumentParser) -> None:
    """What is charged, and who may trade."""
    area = areas.add_parser("fees", help="what the platform charges").add_subparsers(dest="command", required=True)
    command = area.add_parser("show", parents=[common], help="the rate in force, and those before")
    command.set_defaults(run=lambda _: fees.show())
    command = area.add_parser("set", parents=[common], help="a new rate from now on, in basis points of every fill's value")
    command.add_argument("bps", type=int)
    command.add_argument("--note", default="")
    command.set_defaults(run=lambda given: fees.set_fee(given.bps, given.note))

    limits.register(areas, common)
    _market(areas, common)

    users.register(areas, common)


def _market(areas: Any, common: argparse.ArgumentParser) -> None:
    area = areas.add_parser("market", help="prices and candles").add_subparsers(dest="command", required=True)
    command = area.add_parser("record", parents=[common], help="records the exchange's public feed into files that replay")
    command.add_argument("symbols", nargs="+", metavar="SYMBOL", help="such as BTC/USDT")
    command.add_argument("--minutes", type=float, required=True)
    command.add_argument("--out", required=True, help="the folder for the files")
    command.set_defaults(run=lambda given: market.record(given.symbols, given.minutes, given.out))
    command = area.add_parser("backfill", parents=[common], help="brings candles of the past; what was seen here stays")
    command.add_argument("symbol")
    command.add_argument("--since", type=market.moment, required=True, help="2026-05-01, 2026-05-01T12:00 (UTC), or how long ago: 36h, 7d")
    command.set_defaults(run=lambda given: market.backfill(given.symbol, given.since))
    command = area.add_parser("gaps", parents=[common], help="where candles are missing")
    command.add_argument("symbol")
    command.add_argument("--since", type=market.moment, default="1d", help="the same; a day ago by default")
    command.add_argument("--interval", choices=["1m", "5m", "1h", "1d"], default="1m")
    command.set_defaults(run=lambda given: market.gaps(given.symbol, given.since, given.interval))


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. 0 well, 1 the answer is bad, 2 it could not be asked."""
    given = parser().parse_args(arguments)
    command: Coroutine[Any, Any, Answer] = given.run(given)
    try:
        return show(asyncio.run(command), as_json=given.json)
    except NoDesk as problem:
        print(problem, file=sys.stderr)
        return 2
    except (asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as problem:
        print(f"the database refused: {type(problem).__name__}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
