"""P17: only the intended user uses a button, once, until it expires; forged, foreign, used, expired: no action.

The first proof presses rows of a real database from many connections at once and compares with a model of what may work. The second
goes through a whole bot: taps that arrive under several update ids, by the wrong people, with invented data; orders are counted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied
from core.kernel.ids import new_handle
from core.kernel.secret import Secret
from core.outbox import service as outbox
from core.outbox.types import ButtonAction
from tests.promises.conftest import Proof
from tests.support.telegram_desk import telegram_desk
from tests.support.waiting import eventually

LONG = timedelta(minutes=10)
PAST = timedelta(seconds=-1)


@dataclass(frozen=True)
class Group:
    """Buttons issued together, as the model knows them."""

    user_id: int
    chat_id: int
    message_id: int
    expired: bool
    handles: tuple[str, ...]


@dataclass(frozen=True)
class Tap:
    """A press and what the model says of it: '' where it may work."""

    handle: str
    user_id: int
    chat_id: int
    message_id: int
    group: int
    wrong: str


async def issue(pool: Pool, number: int, *, expired: bool) -> Group:
    user_id, chat_id, message_id, key = 100 + number % 7, 500 + number % 5, 10_000 + number, f"message:{number}"
    async with unit_of_work(pool) as uow:
        actions = [ButtonAction("confirm_order", {"number": number, "place": place}) for place in range(3)]
        handles = await outbox.issue_buttons(
            uow, user_id=user_id, chat_id=chat_id, message_key=key, actions=actions, ttl=PAST if expired else LONG
        )
        await uow.connection.execute(
            "insert into outbox_messages (chat_id, message_key, telegram_message_id, sent_row_id) values ($1, $2, $3, 1)",
            chat_id,
            key,
            message_id,
        )
    return Group(user_id, chat_id, message_id, expired, tuple(handles))


def make_taps(proof: Proof, groups: list[Group], count: int) -> list[Tap]:
    """Half of them right but for repetition and expiry, the others wrong in one way each."""
    taps = []
    for _ in range(count):
        number = proof.random.randrange(len(groups))
        group = groups[number]
        handle = proof.random.choice(group.handles)
        right = Tap(handle, group.user_id, group.chat_id, group.message_id, number, "expired" if group.expired else "")
        wrong = proof.random.choice(("", "", "", "user", "chat", "message", "forged"))
        match wrong:
            case "user":
                right = Tap(handle, group.user_id + 1, group.chat_id, group.message_id, number, wrong)
            case "chat":
                right = Tap(handle, group.user_id, group.chat_id + 1, group.message_id, number, wrong)
            case "message":
                right = Tap(handle, group.user_id, group.chat_id, group.message_id + 1, number, wrong)
            case "forged":
                right = Tap(new_handle(), group.user_id, group.chat_id, group.message_id, number, wrong)
        taps.append(right)
    return taps


async def press(pool: Pool, tap: Tap, tap_id: str) -> str:
    """'' when it worked, else the code of the refusal."""
    try:
        async with unit_of_work(pool) as uow:
            done = await outbox.press_button(
                uow,
                handle=tap.handle,
                user_id=tap.user_id,
                chat_id=tap.chat_id,
                telegram_message_id=tap.message_id,
                tap_id=tap_id,
            )
            assert done.handle == tap.handle
    except Denied as denied:
        return denied.code
    return ""


async def test_a_button_works_once_for_its_own_user_in_its_own_message(pool: Pool, proof: Proof) -> None:
    rounds = proof.size(test=6, promises=100, soak=2_000)
    taps_in_all, used_in_all = 0, 0
    for number in range(rounds):
        groups = [await issue(pool, number * 100 + place, expired=place % 4 == 3) for place in range(12)]
        taps = make_taps(proof, groups, 160)
        verdicts = await asyncio.gather(*(press(pool, tap, f"tap-{place}") for place, tap in enumerate(taps)))
        worked = Counter(tap.group for tap, verdict in zip(taps, verdicts, strict=True) if verdict == "")
        assert all(tap.wrong == "" for tap, verdict in zip(taps, verdicts, strict=True) if verdict == ""), "a wrong tap worked"
        assert set(worked.values()) <= {1}, f"a group was used {max(worked.values())} times"
        may_work = {tap.group for tap in taps if tap.wrong == ""}
        assert set(worked) == may_work, "a right tap did not work"
        for tap, verdict in zip(taps, verdicts, strict=True):
            expected = {"forged": {"button_unknown"}, "expired": {"button_expired"}, "": {"", "button_used"}}
            assert verdict in expected.get(tap.wrong, {"button_foreign"})
        taps_in_all, used_in_all = taps_in_all + len(taps), used_in_all + len(worked)
    proof.record(f"{taps_in_all:,} taps at once, {used_in_all:,} groups used, each once")


async def test_the_same_tap_again_is_told_apart_from_another_tap(pool: Pool) -> None:
    group = await issue(pool, 1, expired=False)
    tap = Tap(group.handles[0], group.user_id, group.chat_id, group.message_id, 1, "")
    assert await press(pool, tap, "one") == ""
    assert await press(pool, tap, "one") == "button_repeated"
    assert await press(pool, tap, "two") == "button_used"


async def test_a_press_that_is_rolled_back_was_no_press(pool: Pool) -> None:
    group = await issue(pool, 1, expired=False)
    async with unit_of_work(pool, dry_run=True) as uow:
        await outbox.press_button(
            uow, handle=group.handles[0], user_id=group.user_id, chat_id=group.chat_id, telegram_message_id=group.message_id
        )
    assert await press(pool, Tap(group.handles[1], group.user_id, group.chat_id, group.message_id, 1, ""), "again") == ""


async def test_one_confirm_makes_one_order_however_it_arrives(app_dsn: Secret, pool: Pool, valkey_url: str, proof: Proof) -> None:
    rounds = proof.size(test=3, promises=50, soak=500)
    async with telegram_desk(app_dsn, pool, valkey_url) as desk:
        owner, stranger = await desk.user(7), await desk.user(8)
        await stranger.ask("/start", "Welcome")
        await desk.telegram.add_group(-100500, "Friends", [7, 8, 4242])
        for number in range(1, rounds + 1):
            preview = await owner.ask(f"/buy BTC/USDT {10 + number}", "Minimum received")
            confirm = preview.data("Confirm")
            before = len(await owner.toasts())
            own = await stranger.ask("/buy", "What would you like")
            await stranger.press(own, data=confirm, forged=True)
            await owner.press(preview, data=new_handle(), forged=True)
            copies = proof.random.randint(2, 5)
            for _ in range(proof.random.randint(1, 3)):
                await owner.press(preview, data=confirm, copies=copies, forged=True)
            await owner.wait_for_message("Accepted", message_id=preview.message_id)
            await owner.ask("/orders", "Open orders")
            assert await pool.fetchval("select count(*) from orders") == number
            assert await pool.fetchval("select count(distinct user_id) from orders") == 1
            toasts = [toast["text"] for toast in (await owner.toasts())[before:]]
            assert toasts.count("Accepted") == 1

        async def everything_is_answered() -> bool:
            return not await pool.fetchval("select count(*) from inbox_updates where state <> 'done'")

        await eventually(everything_is_answered)
    proof.record(f"{rounds:,} confirmations, repeated, stolen and forged: {rounds:,} orders")
