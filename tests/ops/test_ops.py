"""The operator's command line as a process: what it prints, how it ends, where it finds its desk."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from core.db.heartbeats import beat
from core.db.pool import Pool
from core.kernel.secret import Secret
from tests.support.ledger import fund, know_assets

ROOT = Path(__file__).resolve().parents[2]


async def ops(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    known = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DATA_DIR")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ops",
        *arguments,
        cwd=folder,
        env={**known, "PYTHONPATH": str(ROOT), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
def desk(tmp_path: Path, app_dsn: Secret) -> Path:
    """A folder with the `desk.json` of this test's database."""
    (tmp_path / "desk.json").write_text(json.dumps({"database_url": app_dsn.reveal(), "redis_url": "", "http": ""}))
    return tmp_path


async def test_a_clean_ledger_is_a_line_an_asset(pool: Pool, desk: Path) -> None:
    await know_assets(pool)
    await fund(pool, 7, 1000)
    code, out, err = await ops(desk, "ledger", "check", DATA_DIR=str(desk))
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "binance:EUR  ok  accounts 0  postings 0  sum 0",
        "paper:BTC  ok  accounts 0  postings 0  sum 0",
        "paper:USDT  ok  accounts 2  postings 1  sum 0",
    ]


async def test_a_desk_is_found_by_database_url_before_the_folder(pool: Pool, app_dsn: Secret, tmp_path: Path) -> None:
    code, out, _ = await ops(tmp_path, "ledger", "check", "--json", DATABASE_URL=app_dsn.reveal(), DATA_DIR=str(tmp_path / "none"))
    assert (code, json.loads(out)) == (0, [])


async def test_without_a_desk_it_says_what_would_help(tmp_path: Path) -> None:
    code, out, err = await ops(tmp_path, "ledger", "check", DATA_DIR=str(tmp_path))
    assert (code, out) == (2, "")
    assert "make run" in err


async def test_an_unreachable_database_is_said_without_its_password(tmp_path: Path) -> None:
    code, _, err = await ops(tmp_path, "ledger", "check", DATABASE_URL="postgresql://strongroom_app:canary@127.0.0.1:1/x")
    assert code == 2
    assert "canary" not in err
    assert "running" in err


BREAK = "alter table ledger_accounts disable trigger all; alter table ledger_postings disable trigger all;"


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("update ledger_accounts set balance = balance + 1 where address = 'user:7:paper:available'", "balances sum to 1"),
        (
            "update ledger_accounts set balance = balance + case address when 'world' then -1 else 1 end",
            "user:7:paper:available: balance 1001, postings 1000",
        ),
        ("update ledger_postings set source_id = 0", "names what is not there"),
        ("update ledger_postings set transaction_id = 0", "posting 0.1 names what is not there"),
        ("update ledger_postings set amount = amount - 1", "world: balance -1000, postings -999"),
        (
            (
                "insert into ledger_holds (id, available_id, held_id, amount, remaining, reference) "
                "select gen_random_uuid(), id, id, 5, 5, '' from ledger_accounts where address = 'user:7:paper:available'"
            ),
            "balance 1000, holds 5",
        ),
        (
            "alter table ledger_accounts drop constraint ck_ledger_accounts_not_negative; update ledger_accounts set balance = -balance",
            "user:7:paper:available: negative -1000",
        ),
    ],
)
async def test_any_difference_ends_with_one_and_names_the_asset(
    pool: Pool, owner_pool: Pool, desk: Path, damage: str, problem: str
) -> None:
    await know_assets(pool)
    await fund(pool, 7, 1000)
    async with owner_pool.acquire() as connection:
        await connection.execute(BREAK.replace("trigger all", "trigger user"))
        await connection.execute(damage)
    code, out, err = await ops(desk, "ledger", "check", DATA_DIR=str(desk))
    assert code == 1
    assert "paper:USDT" in err
    assert "paper:BTC" not in err
    [line] = [line for line in out.splitlines() if "WRONG" in line]
    assert line.startswith("paper:USDT  WRONG")
    assert problem in line


async def test_balances_are_in_whole_coins(pool: Pool, desk: Path) -> None:
    await know_assets(pool)
    await fund(pool, 7, 1_500_000)
    code, out, _ = await ops(desk, "ledger", "balances", "user:", DATA_DIR=str(desk))
    assert (code, out) == (0, "user:7:paper:available  1.5 paper:USDT\n")
    _, out, _ = await ops(desk, "ledger", "balances", "--json", DATA_DIR=str(desk))
    assert {row["address"]: row["balance"] for row in json.loads(out)} == {"user:7:paper:available": "1.5", "world": "-1.5"}


async def test_health_ends_with_one_when_a_process_fell_silent(pool: Pool, owner_pool: Pool, desk: Path) -> None:
    assert (await ops(desk, "health", DATA_DIR=str(desk)))[0] == 1
    await beat(pool, "bot-0")
    await beat(pool, "relay-0")
    code, out, _ = await ops(desk, "health", DATA_DIR=str(desk))
    assert code == 0
    assert [line.split("  ")[:2] for line in out.splitlines()] == [["bot-0", "ok"], ["relay-0", "ok"]]
    await owner_pool.execute("update process_heartbeats set beat_at = beat_at - interval '1 hour' where process = 'bot-0'")
    code, _, err = await ops(desk, "health", DATA_DIR=str(desk))
    assert (code, err) == (1, "not well: bot-0\n")


async def test_parked_updates_are_listed_without_their_content(pool: Pool, owner_pool: Pool, desk: Path) -> None:
    assert (await ops(desk, "updates", "parked", DATA_DIR=str(desk)))[1] == "nothing is parked\n"
    await owner_pool.execute(
        "insert into inbox_updates (bot_id, update_id, sender_id, shard, payload, state, error, attempts) "
        "values (1, 77, 5, 0, '{\"message\": \"private words\"}', 'parked', 'KeyError', 3)"
    )
    _, out, _ = await ops(desk, "updates", "parked", DATA_DIR=str(desk))
    assert "update 77  message  from 5" in out
    assert "tried 3×  KeyError" in out
    assert "private" not in out
