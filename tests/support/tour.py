"""Somebody who goes through every door of `tests/support/doors.py` and so comes to have one of everything, in a real chat.

Types what the commands' rows say, confirms what asks to be confirmed, then presses one button of every action that was issued, until
there is none left. What he has is read from the database afterwards: his buttons with their arguments, his objects' codes, his rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg

from bot.grammar import COMMAND_NAMES
from core.config.settings import BotSettings
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.ids import short_code
from core.outbox import service as outbox
from core.outbox.types import ButtonAction
from sandbox.telegram.client import ChatMessage, SandboxUser
from tests.support.books import Pair
from tests.support.doors import COMMANDS, TALK, Does
from tests.support.telegram_desk import TelegramDesk
from tests.support.waiting import eventually

ASKS: tuple[Pair, ...] = (("103.37", 30), ("180.61", 90))
BIDS: tuple[Pair, ...] = (("101.93", 60), ("88.29", 90))
PLUMBING = frozenset(
    {"inbox_updates", "inbox_bots", "outbox_tasks", "leases", "heartbeats", "price_sources", "candles", "alembic_version", "sandbox_marks"}
)
"""Tables of the house itself: they say nothing about any user's things."""


TIRELESS: dict[str, Any] = {name: 1_000_000 for name in ("overload_burst", "overload_age_ms") if name in BotSettings.model_fields}
"""Settings of a bot that takes whatever comes: a tour says more in a second than a person does."""


@dataclass(frozen=True)
class Issued:
    """A button of somebody, as its row says."""

    handle: str
    action: str
    argument: dict[str, Any]
    chat_id: int
    message_id: int


@dataclass
class Tour:
    """One user's things. `telegram_id` is the chat's id, `user_id` the account's."""

    desk: TelegramDesk
    user: SandboxUser
    user_id: int = 0
    issued: dict[str, Issued] = field(default_factory=dict)
    """The first button of each action that this user was given."""
    codes: dict[str, str] = field(default_factory=dict)

    def words(self, text: str) -> str | None:
        """A row's text with this user's codes in it; None while there is no such object."""
        try:
            return text.format(**self.codes, user=self.user_id)
        except KeyError:
            return None


async def idle(desk: TelegramDesk) -> None:
    """Everything said was handled, everything to be shown was shown."""

    async def nothing_waits() -> bool:
        if any((await desk.telegram.counts())["pending_updates"].values()):
            return False
        updates = await desk.pool.fetchval("select count(*) from inbox_updates where state = 'pending'")
        return not updates and not await desk.pool.fetchval("select count(*) from outbox_chat where state = 'pending'")

    await eventually(nothing_waits, 20)


async def settle(desk: TelegramDesk) -> None:
    """What was asked for is decided and executed, and its messages are out."""
    await idle(desk)
    await desk.work()
    await desk.pool.execute("delete from outbox_tasks")
    await idle(desk)


async def prepare_market(desk: TelegramDesk) -> None:
    """A book at prices that are nobody's balance; the largest purchase the rows ask for moves it further than one may without saying so."""
    await desk.set_book(asks=ASKS, bids=BIDS)
    set_limit = "insert into risk_limits (scope, name, value, set_by) values ('venue:paper', 'buy_impact_bps', 500, 'test')"
    await desk.pool.execute(f"{set_limit} on conflict do nothing")


async def grand_tour(desk: TelegramDesk, number: int) -> Tour:
    """Goes everywhere as the Telegram user `number`, on a prepared market."""
    tour = Tour(desk, await desk.user(number))
    await _say(tour, "/start")
    tour.user_id = await desk.pool.fetchval("select id from users where telegram_user_id = $1", number)
    rows = [COMMANDS[name] for name in COMMAND_NAMES]
    texts = [text for row in (*rows, TALK) for text in row.says if text != "/start"]
    await _say_all(tour, [text for text in texts if "{" not in text])
    await _press_everything(tour)
    await _read_codes(tour)
    await _say_all(tour, [said for text in texts if "{" in text and (said := tour.words(text)) is not None])
    await _say_all(tour, [row.says[-1] for row in rows if row.does is Does.TRADES])  # something is open again
    await settle(desk)
    return tour


async def fresh_things(tour: Tour) -> None:
    """Whoever went on the tour has something of each kind again, open, and of each action a button that nobody used yet."""
    await _say_all(tour, (*COMMANDS["alert"].says, "/alerts", "/orders"))  # orders are open: the tour ended with some
    unused = {one.action: one for one in await unused_buttons(tour.desk.pool, tour.user.id)}
    for action, spent in tour.issued.items():
        tour.issued[action] = unused.get(action) or await _issued_again(tour, spent)


async def _issued_again(tour: Tour, spent: Issued) -> Issued:
    shown = await _a_message(tour.desk, tour.user.id)
    handle = await _issue(tour.desk, tour.user_id, tour.user.id, shown["message_key"], spent.action, spent.argument)
    return Issued(handle, spent.action, spent.argument, tour.user.id, shown["telegram_message_id"])


async def operators_tour(tour: Tour, number: int) -> None:
    """What an operator sees of the desk and of this user; one update is parked for it."""
    operator = Tour(tour.desk, await tour.desk.user(number))
    await _say(operator, "/start")
    parked = "update inbox_updates set state = 'parked', error = 'ValueError: of a test' where id = (select max(id) from inbox_updates)"
    await tour.desk.pool.execute(parked)
    for name in COMMAND_NAMES:
        for text in COMMANDS[name].names if COMMANDS[name].does is Does.OPERATES else ():
            await operator.user.send(tour.words(text) or "")
            await idle(tour.desk)
    await _press_everything(operator)


async def _say_all(tour: Tour, texts: Iterable[str]) -> None:
    for text in texts:
        await _say(tour, text)


async def _say(tour: Tour, text: str) -> None:
    """Types it, and confirms where that is asked."""
    await tour.user.send(text)
    await idle(tour.desk)
    for one in await unused_buttons(tour.desk.pool, tour.user.id):
        if one.action.startswith("confirm_"):
            await press(tour.user, one)
            await settle(tour.desk)


async def _press_everything(tour: Tour) -> None:
    """One button of each action, until none is left that was not pressed."""
    pressed: set[str] = set()
    while True:
        found = await unused_buttons(tour.desk.pool, tour.user.id)
        for one in found:
            tour.issued.setdefault(one.action, one)
        following = next((one for one in found if one.action not in pressed), None)
        if following is None:
            break
        pressed.add(following.action)
        await press(tour.user, following)
        await settle(tour.desk)
    for row in await tour.desk.pool.fetch("select distinct on (action) * from outbox_buttons where chat_id = $1", tour.user.id):
        tour.issued.setdefault(row["action"], Issued(row["handle"], row["action"], row["argument"], row["chat_id"], 0))


async def unused_buttons(pool: Pool, chat_id: int) -> list[Issued]:
    """Buttons in a chat that still work, oldest first."""
    rows = await pool.fetch(
        "select b.handle, b.action, b.argument, b.chat_id, m.telegram_message_id from outbox_buttons b"
        " join outbox_messages m on m.chat_id = b.chat_id and m.message_key = b.message_key"
        " where b.chat_id = $1 and b.used_at is null and b.expires_at > now() order by b.created_at, b.action, b.argument::text",
        chat_id,
    )
    return [Issued(row["handle"], row["action"], row["argument"], row["chat_id"], row["telegram_message_id"]) for row in rows]


async def press(user: SandboxUser, one: Issued, **options: Any) -> None:
    """Taps it where it is shown."""
    await user.press(one.message_id, data=one.handle, chat=one.chat_id, forged=True, **options)


async def _read_codes(tour: Tour) -> None:
    pool, owner = tour.desk.pool, tour.user_id
    order = await pool.fetchval("select id from orders where user_id = $1 order by created_at limit 1", owner)
    conditional = await pool.fetchval("select id from conditional_orders where user_id = $1 order by created_at limit 1", owner)
    cards = [message.text for message in await tour.user.chat() if "/verify" in message.text]
    tour.codes = {"order": short_code(order), "conditional": short_code(conditional)}
    if cards:
        tour.codes["card"] = cards[-1].split("/verify", 1)[1].strip(" /\n%20").split()[0]


async def rows_about(pool: Pool, user_id: int, chat_id: int) -> dict[str, list[str]]:
    """Every row that concerns a user, by table: with his id, his account in the ledger, or the id of a thing of his.

    What was shown to him counts too; short answers to taps (by anybody) do not.
    """
    named = "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and not relispartition"
    tables = sorted(row["relname"] for row in await pool.fetch(named))
    found: dict[str, list[str]] = {}
    own = await _things_of(pool, user_id)
    for table in tables:
        if table in PLUMBING:
            continue
        try:
            rows = await pool.fetch(f"select to_jsonb(t)::text as row from {table} t")  # noqa: S608
        except asyncpg.InsufficientPrivilegeError:
            continue
        things = own if table != "outbox_buttons" else []  # a button of somebody else's that names them is how they are attacked
        found[table] = sorted(row["row"] for row in rows if _concerns(row["row"], things, user_id, chat_id))
    return found


def _concerns(row: str, own: Sequence[str], user_id: int, chat_id: int) -> bool:
    if '"screen": "toast"' in row:
        return False
    marks = (f'"user_id": {user_id},', f'"user_id": {user_id}}}', f'"chat_id": {chat_id},', f'"chat_id": {chat_id}}}', f"user:{user_id}:",
             f'"telegram_user_id": {chat_id},')  # fmt: skip
    return any(mark in row for mark in marks) or any(thing in row for thing in own)


async def _things_of(pool: Pool, user_id: int) -> list[str]:
    """Ids (UUIDs) of everything that a table with a `user_id` says is his."""
    columns = await pool.fetch(
        "select c.table_name, i.column_name from information_schema.columns c join information_schema.columns i"
        " on i.table_name = c.table_name and i.table_schema = c.table_schema and i.column_name = 'id' and i.data_type = 'uuid'"
        " where c.table_schema = 'public' and c.column_name = 'user_id'"
    )
    things: list[str] = []
    for column in columns:
        rows = await pool.fetch(f"select id::text from {column['table_name']} where user_id = $1", user_id)  # noqa: S608
        things += [row["id"] for row in rows]
    return things


async def bear(desk: TelegramDesk, user_id: int, user: SandboxUser, action: str, argument: Mapping[str, Any]) -> None:
    """Taps a button of one's own that carries this argument, whoever it may be of: as if the bot had issued it so."""
    where = await _a_message(desk, user.id)
    handle = await _issue(desk, user_id, user.id, where["message_key"], action, argument)
    await user.press(where["telegram_message_id"], data=handle, forged=True)


async def _a_message(desk: TelegramDesk, chat_id: int) -> asyncpg.Record:
    where = await desk.pool.fetchrow("select message_key, telegram_message_id from outbox_messages where chat_id = $1 limit 1", chat_id)
    assert where is not None, "nothing was shown to this user yet"
    return where


async def _issue(desk: TelegramDesk, user_id: int, chat_id: int, message_key: str, action: str, argument: Mapping[str, Any]) -> str:
    async with unit_of_work(desk.pool) as uow:
        [handle] = await outbox.issue_buttons(
            uow,
            user_id=user_id,
            chat_id=chat_id,
            message_key=message_key,
            actions=[ButtonAction(action, argument)],
            ttl=timedelta(hours=1),
        )
    return handle


async def shown_screens(pool: Pool) -> list[tuple[str, dict[str, Any]]]:
    """Every screen that was shown to anybody, with its data, as the rows of the outbox say."""
    rows = await pool.fetch("select screen, data from outbox_chat order by id")
    return [(row["screen"], row["data"]) for row in rows]


def texts_of(messages: Iterable[ChatMessage]) -> list[str]:
    """Everything these messages ever said, labels of buttons too."""
    found = []
    for one in messages:
        if one.from_bot:
            found += [*one.texts, one.text, *(button["text"] for button in one.buttons)]
    return found
