"""Limits and tiers on the operator's command line: seen, set with a reason, kept as history; a breaker closed by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.risk import service
from core.users import service as users
from tests.ops.test_ops import desk, ops
from tests.support.desk import make_desk

__all__ = ["desk"]


async def trader(pool: Pool) -> tuple[int, str]:
    """A user's id and Telegram id."""
    user_id = await (await make_desk(pool)).user()
    async with unit_of_work(pool) as uow:
        user = await users.by_id(uow, user_id)
    assert user is not None
    return user_id, str(user.telegram_user_id)


async def in_force(folder: Path, *options: str) -> dict[str, tuple[str, str]]:
    code, out, _ = await ops(folder, "limits", "show", "--json", *options, DATA_DIR=str(folder))
    assert code == 0
    return {one["name"]: (one["value"], one["scope"]) for one in json.loads(out)}


async def test_a_limit_is_set_by_scope_and_seen_with_who_said_it(pool: Pool, desk: Path) -> None:
    _, telegram_id = await trader(pool)
    assert (await in_force(desk, "--user", telegram_id))["in_flight"] == ("50", "global")
    code, out, _ = await ops(desk, "limits", "set", f"user:{telegram_id}", "in_flight", "5", "--note", "new here", DATA_DIR=str(desk))
    assert (code, "in_flight  5  ops  new here" in out) == (0, True)
    assert (await in_force(desk, "--user", telegram_id))["in_flight"][0] == "5"
    assert (await in_force(desk))["in_flight"] == ("50", "global")

    assert (await ops(desk, "users", "tier", telegram_id, "gold", DATA_DIR=str(desk)))[0] == 0
    await ops(desk, "limits", "set", "tier:gold", "orders_per_minute", "500", "--raise", "--note", "x", DATA_DIR=str(desk))
    assert (await in_force(desk, "--user", telegram_id))["orders_per_minute"] == ("500", "tier:gold")

    await ops(desk, "limits", "set", f"user:{telegram_id}", "in_flight", "none", "--note", "known now", DATA_DIR=str(desk))
    assert (await in_force(desk, "--user", telegram_id))["in_flight"] == ("50", "global")
    code, out, _ = await ops(desk, "limits", "history", "in_flight", "--scope", f"user:{telegram_id}", "--json", DATA_DIR=str(desk))
    assert [(one["value"], one["note"]) for one in json.loads(out)] == [(None, "known now"), ("5", "new here")]


async def test_what_cannot_be_set_changes_nothing_and_says_why(pool: Pool, desk: Path) -> None:
    for wanted in (
        ("global", "luck", "5"),
        ("user:5", "in_flight", "5"),
        ("global", "in_flight", "many"),
        ("global", "in_flight", "1", "--from", "noon"),
    ):
        code, out, err = await ops(desk, "limits", "set", *wanted, "--note", "x", DATA_DIR=str(desk))
        assert (code, out.strip(), bool(err.strip())) == (1, "", True)
    code, out, _ = await ops(desk, "limits", "history", DATA_DIR=str(desk))
    assert (code, out.strip()) == (0, "nothing was ever set: the defaults hold")
    assert (await ops(desk, "limits", "history", "--scope", "user:5", DATA_DIR=str(desk)))[0] == 1
    assert (await ops(desk, "limits", "show", "--user", "5", DATA_DIR=str(desk)))[0] == 1


async def test_a_tier_needs_a_name_and_an_account(pool: Pool, desk: Path) -> None:
    user_id, telegram_id = await trader(pool)
    assert (await ops(desk, "users", "tier", telegram_id, "Very Gold", DATA_DIR=str(desk)))[0] == 1
    assert (await ops(desk, "users", "tier", "5", "gold", DATA_DIR=str(desk)))[0] == 1
    assert await pool.fetchval("select tier from users where id = $1", user_id) == "standard"


async def test_a_breaker_is_closed_with_a_reason(pool: Pool, desk: Path) -> None:
    user_id, telegram_id = await trader(pool)
    now = datetime.now(UTC)
    async with unit_of_work(pool) as uow:
        facts = await service.facts(uow, user_id=user_id, venue="paper", symbol="BTC/USDT", now=now - timedelta(hours=1))
        await service.open_breaker(uow, user_id=user_id, venue="paper", facts=facts, now=now + timedelta(days=1))
    assert (await ops(desk, "limits", "release", telegram_id, "--note", " ", DATA_DIR=str(desk)))[0] == 1
    assert (await ops(desk, "limits", "release", "5", "--note", "x", DATA_DIR=str(desk)))[0] == 1
    code, out, _ = await ops(desk, "limits", "release", telegram_id, "--note", "spoke to them", DATA_DIR=str(desk))
    assert (code, out.strip()) == (0, "closed 1")
    _, out, _ = await ops(desk, "users", "show", telegram_id, DATA_DIR=str(desk))
    assert "spoke to them" in out
