"""The operator's command line: roles, the kill switch, parked updates, broadcasts; every deed is a row with who did it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.inbox import service as inbox
from core.inbox.rules import raw_update
from tests.core.users.test_users import open_one
from tests.ops.test_ops import desk, ops

__all__ = ["desk"]


async def told(folder: Path, *arguments: str) -> Any:
    code, out, err = await ops(folder, *arguments, "--json", DATA_DIR=str(folder))
    assert code == 0, err
    return json.loads(out)


async def refused(folder: Path, *arguments: str) -> str:
    code, _, err = await ops(folder, *arguments, DATA_DIR=str(folder))
    assert code == 1
    return err


async def test_roles_are_given_and_the_last_administrator_stays(pool: Pool, desk: Path) -> None:
    first, second = await open_one(pool, 71, operators=(71,)), await open_one(pool, 72)
    assert [one["role"] for one in await told(desk, "users", "role", f"tg:{second.telegram_user_id}", "support")] == ["support"]
    assert "nobody would be left" in await refused(desk, "users", "role", f"id:{first.id}", "user")
    assert "names are not kept" in await refused(desk, "users", "role", "@ann", "admin")
    assert [(one["id"], one["role"]) for one in await told(desk, "users", "staff")] == [(first.id, "admin"), (second.id, "support")]
    rows = await told(desk, "actions", "--subject", f"user:{second.id}")
    assert [(row["action"], row["details"]["after"]) for row in rows] == [("role", "support")]
    assert rows[0]["actor"].startswith("ops:")


async def test_a_scope_is_paused_with_a_reason_and_resumed(pool: Pool, desk: Path) -> None:
    assert (await told(desk, "pause", "venue:paper", "--because", "odd prices"))[0]["changed"]
    [one] = await told(desk, "pauses")
    assert (one["scope"], one["by"], one["reason"]) == ("venue:paper", "ops", "odd prices")
    assert (await told(desk, "resume", "venue:paper"))[0]["changed"]
    assert "a scope is global" in await refused(desk, "pause", "everything")
    assert [row["action"] for row in await told(desk, "actions", "--subject", "venue:paper")] == ["resume", "pause"]


async def test_parked_updates_are_seen_released_and_dropped(pool: Pool, desk: Path) -> None:
    async with unit_of_work(pool) as uow:
        raw = [raw_update({"update_id": number, "message": {"from": {"id": 7}, "text": "a secret"}}) for number in (1, 2)]
        await inbox.store(uow, bot_id=1, updates=raw)
        ids = [row["id"] for row in await uow.connection.fetch("select id from inbox_updates order by id")]
        for one in ids:
            await inbox.park(uow, one, "KeyError")
    code, out, _ = await ops(desk, "updates", "parked", DATA_DIR=str(desk))
    assert (code, "secret" in out, "KeyError" in out) == (0, False, True)
    assert (await told(desk, "updates", "release", str(ids[0])))[0]["state"] == "released"
    assert (await told(desk, "updates", "drop", str(ids[1])))[0]["state"] == "dropped"
    assert "is parked" in await refused(desk, "updates", "release", str(ids[1]))
    assert await told(desk, "updates", "parked") == []
    assert {row["action"] for row in await told(desk, "actions")} == {"update_released", "update_dropped"}


async def test_a_broadcast_is_drafted_started_paused_and_followed(pool: Pool, desk: Path) -> None:
    await open_one(pool, 73)
    (desk / "words.txt").write_text("Two\nlines")
    [draft] = await told(desk, "broadcast", "create", "--text", f"en=@{desk / 'words.txt'}", "--text", "de=Hallo", "--mode", "paper")
    assert (draft["state"], draft["audience"], draft["languages"]) == ("draft", 1, ["de", "en"])
    number = str(draft["id"])
    assert (await told(desk, "broadcast", "start", number))[0]["state"] == "running"
    assert (await told(desk, "broadcast", "pause", number))[0]["state"] == "paused"
    [status] = await told(desk, "broadcast", "status", number)
    assert (status["total"], status["done"], status["segment"]) == (1, 0, {"mode": "paper"})
    assert [one["id"] for one in await told(desk, "broadcast", "list")] == [draft["id"]]
    assert (await told(desk, "broadcast", "cancel", number))[0]["state"] == "canceled"
    assert "cannot be done" in await refused(desk, "broadcast", "start", number)
    assert "no such broadcast" in await refused(desk, "broadcast", "status", "999")
    assert "English" in await refused(desk, "broadcast", "create", "--text", "de=Hallo")
    assert "cannot be read" in await refused(desk, "broadcast", "create", "--text", "en=@nowhere")


async def test_an_account_is_shown_by_any_of_its_names_and_frozen_with_a_reason(pool: Pool, desk: Path) -> None:
    user = await open_one(pool, 74)
    [seen] = await told(desk, "users", "show", user.referral_code)
    assert (seen["id"], seen["standing"]) == (user.id, "active")
    assert "nobody is" in await refused(desk, "users", "show", "NOBODY22")
    [frozen] = await told(desk, "users", "freeze", str(user.telegram_user_id), "--note", "asked by the owner")
    assert frozen["standing"] == "frozen"
    code, out, _ = await ops(desk, "users", "show", f"id:{user.id}", DATA_DIR=str(desk))
    assert (code, "asked by the owner" in out, "limit in_flight 50 (global)" in out) == (0, True, True)
    assert [row["action"] for row in await told(desk, "actions", "--subject", f"user:{user.id}")] == ["look_up", "freeze", "look_up"]
