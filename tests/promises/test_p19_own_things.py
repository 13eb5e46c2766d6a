"""P19: a user never reads or acts on another's object.

The matrix is every command of the grammar, every action of a button and every route of the door, generated from the code, times who
comes: another user, somebody without an account, a frozen account, a role without the right. `tests/support/doors.py` declares what
each of them touches; one that is not declared fails here. Foreign ids arrive in every way they can: typed, in a stolen button, in a
button of one's own, in an address. What the owner's chat said is compared with what the others' chats say; his rows are compared.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

import pytest
from starlette.routing import BaseRoute, Route, WebSocketRoute

from api.app import create_app
from bot.callbacks import ACTIONS
from bot.grammar import COMMAND_NAMES
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.secret import Secret
from core.users import service as users
from core.users.roles import RIGHTS, Right, Role
from sandbox.telegram.client import SandboxUser
from tests.api.support import PATH, api_settings, open_door
from tests.promises.conftest import Proof
from tests.support import doors
from tests.support.books import Pair
from tests.support.doors import Does
from tests.support.telegram_desk import TelegramDesk, telegram_desk
from tests.support.tour import (
    TIRELESS,
    Tour,
    bear,
    fresh_things,
    grand_tour,
    idle,
    prepare_market,
    press,
    rows_about,
    settle,
    texts_of,
    unused_buttons,
)

pytestmark = pytest.mark.timeout(300)
"""A whole desk is toured; on a machine that others use that takes its time."""

OWNER, STRANGER, CONTROL, NOBODY = 7, 8, 9, 10
FIGURE = re.compile(r"(?<![\w.])(?:\d[\d,]*\.?\d*|[0-9A-F]{8})(?![\w.]*\w)")
ELSEWHERE_ASKS: tuple[Pair, ...] = (("211.19", 70),)
ELSEWHERE_BIDS: tuple[Pair, ...] = (("207.83", 70),)
LIMITED = doors.COMMANDS["limit"].says[-1]


EVERY_WORD = (*(doors.COMMANDS[name] for name in COMMAND_NAMES if name in doors.COMMANDS), doors.TALK)


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fill a page, so that pages have cursors."""
    monkeypatch.setattr("bot.handlers.history.PAGE", 1)


def test_every_door_is_declared() -> None:
    found = set(routes_of(create_app(api_settings()).routes))
    assert set(COMMAND_NAMES) - set(doors.COMMANDS) == set(), "a command without a row in tests/support/doors.py"
    assert set(ACTIONS) - set(doors.ACTIONS) == set(), "a button's action without a row in tests/support/doors.py"
    assert found - set(doors.ROUTES) == set(), "a route without a row in tests/support/doors.py"
    rows: list[doors.Command | doors.Action] = [*doors.COMMANDS.values(), *doors.ACTIONS.values()]
    operated = {one.right for one in rows if one.does is Does.OPERATES}
    assert None not in operated
    assert operated <= set(Right)


def routes_of(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    """Method and path of every route, those of included routers too; a kind of route that is not known here fails."""
    for route in routes:
        if isinstance(route, WebSocketRoute):
            yield "WEBSOCKET", route.path
        elif isinstance(route, Route):
            yield from ((method, route.path) for method in (route.methods or set()) - {"HEAD"})
        else:
            yield from routes_of(route.original_router.routes)  # type: ignore[attr-defined]


def figures(texts: Collection[str]) -> set[str]:
    """What somebody could learn: figures of four digits and more, codes, the owner's phrase."""
    found = {found.replace(",", "") for text in texts for found in FIGURE.findall(text) if sum(one.isalnum() for one in found) >= 4}
    return found | {doors.PHRASE for text in texts if doors.PHRASE in text}


async def everything_told(desk: TelegramDesk, user: SandboxUser) -> list[str]:
    toasts = [toast["text"] or "" for toast in await user.toasts()]
    files = [one["data"] for one in await desk.telegram.journal(kind="file") if one["chat_id"] == user.id]
    return [*texts_of(await user.chat()), *toasts, *map(str, files)]


async def secrets_of(owner: Tour, control: SandboxUser) -> set[str]:
    """What only the owner's chat says: not what everybody is told, nor what his own words would tell whoever repeats them."""
    told = figures(await everything_told(owner.desk, owner.user))
    said = {text for row in EVERY_WORD for text in row.says if doors.PHRASE not in text} | {
        str(one.argument) for one in owner.issued.values()
    }
    return told - figures(await everything_told(owner.desk, control)) - figures(said) - set(owner.codes.values())


async def a_control(desk: TelegramDesk) -> SandboxUser:
    """Somebody who was here before the owner: what he is told cannot be of the owner."""
    control = await desk.user(CONTROL)
    for text in ("/start", LIMITED, "/about", "/status", "/help"):
        await control.send(text)
        await settle(desk)
        for one in await unused_buttons(desk.pool, CONTROL):
            if one.action == "confirm_order":
                await press(control, one)
                await settle(desk)
    await control.send("/portfolio")
    return control


async def attack(owner: Tour, stranger: SandboxUser, stranger_id: int, proof: Proof) -> int:
    """Everything at once, in an order of chance: how many tries."""
    tries = [("says", text) for row in EVERY_WORD for text in (*row.says, *row.names)]
    tries += [(way, action) for action in owner.issued for way in ("takes there", "takes here", "bears")]
    tries = [one for one in tries if "{card}" not in one[1] and doors.PHRASE not in one[1]]  # a card's code is for whoever holds it
    proof.random.shuffle(tries)
    own = await stranger.ask("/start")
    for way, what in tries:
        found = owner.issued.get(what)
        if found is None:
            await stranger.send(owner.words(what) or what)
        elif way == "bears":
            await bear(owner.desk, stranger_id, stranger, what, found.argument)
        else:
            message = (found.message_id, OWNER) if way == "takes there" and found.message_id else (own.message_id, STRANGER)
            await stranger.press(message[0], data=found.handle, chat=message[1], forged=True)
    await settle(owner.desk)
    return len(tries)


async def test_another_user_reads_nothing_and_changes_nothing(app_dsn: Secret, pool: Pool, valkey_url: str, proof: Proof) -> None:
    tried = 0
    async with telegram_desk(app_dsn, pool, valkey_url, **TIRELESS) as desk:
        await prepare_market(desk)
        control = await a_control(desk)
        owner = await grand_tour(desk, OWNER)
        every_button_is_declared(owner)
        await fresh_things(owner)
        secrets, before = await secrets_of(owner, control), await rows_about(pool, owner.user_id, OWNER)
        assert len(secrets) > 40
        stranger = await desk.user(STRANGER)
        await stranger.ask("/start", "Welcome")
        stranger_id = await pool.fetchval("select id from users where telegram_user_id = $1", STRANGER)
        await desk.set_book(asks=ELSEWHERE_ASKS, bids=ELSEWHERE_BIDS)
        for _ in range(proof.size(test=1, promises=10, soak=100)):
            tried += await attack(owner, stranger, stranger_id, proof)
            told = figures(await everything_told(desk, stranger))
            assert secrets & told == set(), "another user read what is the owner's"
            assert await rows_about(pool, owner.user_id, OWNER) == before, "another user changed what is the owner's"
        await nobody_learns_anything(owner, secrets, before, app_dsn, valkey_url)
        await a_frozen_account_looks_and_takes_back(owner)
        assert not await pool.fetchval("select count(*) from inbox_updates where state = 'parked'")
    proof.record(f"{tried:,} tries of {len(COMMAND_NAMES)} commands and {len(ACTIONS)} actions, {len(secrets):,} figures kept")


def every_button_is_declared(owner: Tour) -> None:
    operated = {name for name, row in doors.ACTIONS.items() if row.does is Does.OPERATES}
    missing = set(ACTIONS) - operated - set(owner.issued)
    assert not missing, f"nobody came to have a button of {missing}: extend what their command says in tests/support/doors.py"
    for action, one in owner.issued.items():
        row = doors.ACTIONS[action]
        assert set(one.argument) <= row.objects | row.plain, f"an argument of {action!r} says something its row does not declare"


async def nobody_learns_anything(owner: Tour, secrets: set[str], before: dict[str, list[str]], dsn: Secret, valkey_url: str) -> None:
    """Somebody without an account: stolen buttons, and every route with the owner's codes in its address."""
    nobody = owner.desk.telegram.user(NOBODY)
    for one in owner.issued.values():
        if one.message_id:
            await press(nobody, one)
    await idle(owner.desk)
    toasts = await nobody.toasts()
    assert {toast["text"] for toast in toasts} == {"This button is not yours, or belongs to another message."}
    assert not await owner.desk.pool.fetchval("select count(*) from users where telegram_user_id = $1", NOBODY)
    async with open_door(api_settings(dsn, valkey_url)) as door:
        waiting = await owner.desk.pool.fetchval("select count(*) from inbox_updates")
        for (method, _), row in doors.ROUTES.items():
            for path in row.asks:
                answer = await door.request(method if method != "WEBSOCKET" else "GET", owner.words(path) or path, json={"update_id": 1})
                assert secrets & figures([answer.text]) == set(), f"{path} told what is the owner's"
                assert answer.status_code < 500 or path == "/health"
        assert (await door.post(PATH, json={"update_id": 1})).status_code == 401
        assert await owner.desk.pool.fetchval("select count(*) from inbox_updates") == waiting
    assert await rows_about(owner.desk.pool, owner.user_id, OWNER) == before


async def a_frozen_account_looks_and_takes_back(owner: Tour) -> None:
    """The owner himself, frozen: everything but what leads to an order."""
    desk, pool = owner.desk, owner.desk.pool
    async with unit_of_work(pool) as uow:
        await users.set_standing(uow, owner.user_id, "frozen")
    moved = "select count(*) from ledger_transactions where kind <> 'void'"  # an order taken back gives up its hold
    asked = f"select (select count(*) from orders), (select count(*) from conditional_orders), ({moved})"  # noqa: S608
    before, last = await pool.fetchrow(asked), (await owner.user.chat())[-1].message_id
    said = [(row.does is Does.TRADES, owner.words(text) or "") for row in EVERY_WORD for text in row.says]
    for _, text in said:
        await owner.user.send(text)
    await settle(desk)
    answers = [message.text for message in await owner.user.chat() if message.from_bot and message.message_id > last]
    for (trades, text), answer in zip(said, answers, strict=True):
        assert ("frozen" in answer) == trades, f"a frozen account said {text!r} and was answered {answer!r}"
    toasts = len(await owner.user.toasts())
    for action, issued in owner.issued.items():
        await bear(desk, owner.user_id, owner.user, action, issued.argument)
    await settle(desk)
    told = [toast["text"] or "" for toast in (await owner.user.toasts())[toasts:]]
    refused = sum(doors.ACTIONS[action].trades(issued.argument) for action, issued in owner.issued.items())
    assert len(told) == len(owner.issued)
    assert sum("frozen" in toast for toast in told) == refused, f"of {len(owner.issued)} actions {refused} trade; the answers were {told}"
    assert await pool.fetchrow(asked) == before, "a frozen account asked for an order"


async def test_a_role_without_the_right_is_refused_and_nothing_changes(app_dsn: Secret, pool: Pool, valkey_url: str) -> None:
    async with telegram_desk(app_dsn, pool, valkey_url, **TIRELESS) as desk:
        await prepare_market(desk)
        user = await desk.user(STRANGER)
        await user.ask("/start", "Welcome")
        account = await pool.fetchval("select id from users where telegram_user_id = $1", STRANGER)
        for role in Role:
            async with unit_of_work(pool) as uow:
                await users.set_role(uow, account, role)
            before = await everything_that_operators_change(pool)
            for name in COMMAND_NAMES:
                command = doors.COMMANDS[name]
                if command.does is not Does.OPERATES or command.right is None:
                    continue
                for text in command.names[: None if command.right not in RIGHTS[role] else 0]:
                    answer = await user.ask(text.format(user=account, order="0" * 8, conditional="0" * 8))
                    assert "Only operators" in answer.text, f"{role} said {text!r} ({name}) and was answered {answer.text!r}"
            for action in ACTIONS:
                row = doors.ACTIONS[action]
                if row.does is Does.OPERATES and row.right not in RIGHTS[role]:
                    toasts = len(await user.toasts())
                    await bear(desk, account, user, action, dict.fromkeys(row.objects | row.plain, "1"))
                    await idle(desk)
                    assert [toast["text"] for toast in (await user.toasts())[toasts:]] == ["only operators can do that."], (
                        f"{role}, {action}"
                    )
            assert await everything_that_operators_change(pool) == before


async def everything_that_operators_change(pool: Pool) -> dict[str, list[str]]:
    """All rows that are not the chat's own."""
    tables = await pool.fetch("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
    names = [row["relname"] for row in tables if re.match(r"control_|audit_|broadcast|fee_|risk_limit|operator", row["relname"])]
    readable = [name for name in names if await pool.fetchval("select has_table_privilege($1, 'select')", name)]
    return {name: sorted(row["row"] for row in await pool.fetch(f"select to_jsonb(t)::text as row from {name} t")) for name in readable}  # noqa: S608
