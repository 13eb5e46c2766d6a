"""The only writer to chats: claims outbox rows, renders them, keeps Telegram's limits, sends, and has it written down.

Run by `bot/app.py`; the rows of a shard are ours while we hold its lease, so two bot processes never write to one chat. A chat gets
one message at a time, the most urgent first; of several states of one message only the newest is sent. One of the two supervisor loops
that may catch everything: a row that cannot be rendered fails alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any

from telegram import Bot
from telegram.error import RetryAfter, TelegramError

from bot import telegram_calls
from bot.attachments import with_attachment
from bot.catalog import Catalog
from bot.context import reading
from bot.ending import end
from bot.limiter import Limiter
from bot.phrases import Phrases
from bot.recorder import Postponed, Recorder
from bot.screens.registry import render
from bot.screens.rendered import Rendered
from bot.shards import DATABASE_TROUBLE, ShardKeeper
from bot.telegram_errors import Meaning, meaning, pause, retry_after, short
from bot.telegram_watch import TelegramWatch
from core.config.logging import bind_correlation, get_logger
from core.config.metrics import CHAT_EDITS, CHAT_SENDS, TELEGRAM_RETRY_AFTER, TELEGRAM_SECONDS
from core.db.pool import Pool
from core.db.unit_of_work import unit_of_work
from core.kernel.clock import Clock
from core.outbox import service as outbox
from core.outbox.types import ChatRow, Delivery

log = get_logger()

MOST_AT_ONCE = 128
MOST_URGENT_AT_ONCE = 64
MOST_BROADCASTS_AT_ONCE = 16
"""Half a second of Telegram's limit: what comes up meanwhile for such a chat waits no longer than that."""
TOAST = "toast"
TOAST_LIVES = timedelta(seconds=15)
DATABASE_PAUSE_S = 0.5
STALE_S = 0.02
REPEAT_AFTER = timedelta(seconds=3)


class Sender:
    """Keeps at most 128 chats in hand, and 64 more for confirmations."""

    def __init__(
        self,
        pool: Pool,
        shards: ShardKeeper,
        bot: Bot,
        catalog: Catalog,
        limiter: Limiter,
        recorder: Recorder,
        clock: Clock,
        woken: asyncio.Event,
        watch: TelegramWatch,
    ) -> None:
        self._pool = pool
        self._shards = shards
        self._bot = bot
        self._catalog = catalog
        self._limiter = limiter
        self._recorder = recorder
        self._clock = clock
        self._woken = woken
        self._watch = watch
        self._phrases = Phrases(pool)
        self._busy: set[int] = set()
        self._toasts: set[int] = set()
        self._doubtful: set[tuple[int, str]] = set()
        """Messages with an edit that had no answer and may still arrive."""
        self._broadcasts: set[int] = set()
        """Chats whose broadcast is on its way."""
        self._broadcasts_left = False
        self._running: set[asyncio.Task[None]] = set()
        self._looks = 0

    async def run(self) -> None:
        """Until canceled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            try:
                await self.look()
            except DATABASE_TROUBLE as error:
                log.warning("outbox_not_read", error=type(error).__name__)
                await asyncio.sleep(DATABASE_PAUSE_S)
                self._woken.set()

    async def look(self) -> None:
        """Takes in rows of chats that are free, most urgent first."""
        owned = self._shards.owned()
        room = MOST_AT_ONCE - len(self._running)
        lowest = (outbox.BROADCAST if self._broadcast_room() else outbox.BROADCAST - 1) if room > 0 else outbox.CONFIRMATION
        room = room if room > 0 else room + MOST_URGENT_AT_ONCE
        if not owned or room <= 0:
            return
        self._looks += 1
        async with reading(self._pool) as uow:
            rows = await outbox.waiting_messages(
                uow, shards=owned, busy_chats=self._busy, known=self._toasts, lowest_priority=lowest, limit=room
            )
        by_chat: dict[int, list[ChatRow]] = {}
        for row in rows:
            if row.screen == TOAST:
                self._start_toast(row)
            elif row.chat_id not in self._busy:
                by_chat.setdefault(row.chat_id, []).append(row)
        for chat_id, waiting in by_chat.items():
            self._start_chat(chat_id, waiting)
        if len(rows) >= room > len(by_chat):
            self._woken.set()  # rows of few chats used up the limit: others may wait behind them

    def _start_chat(self, chat_id: int, waiting: list[ChatRow]) -> None:
        if waiting[0].priority == outbox.BROADCAST:
            if not self._broadcast_room():
                return
            self._broadcasts.add(chat_id)
        self._busy.add(chat_id)
        self._start(self._chat(chat_id, waiting))

    def _broadcast_room(self) -> bool:
        """Whether one more broadcast may be on its way; whoever makes room wakes us where some were left."""
        self._broadcasts_left = len(self._broadcasts) >= MOST_BROADCASTS_AT_ONCE
        return not self._broadcasts_left

    def _start_toast(self, row: ChatRow) -> None:
        if row.id not in self._toasts:
            self._toasts.add(row.id)
            self._start(self._toast(row))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _chat(self, chat_id: int, waiting: list[ChatRow]) -> None:
        """One message of a chat, then the chat is free again."""
        looks = self._looks
        try:
            waited = await self._permission(chat_id, waiting[0].priority)
            rows = waiting if waited < STALE_S else await self._reread(chat_id)
            if rows:
                await self._deliver(newest(rows))
        except DATABASE_TROUBLE as error:
            log.warning("chat_waits_for_database", error=type(error).__name__)
        finally:
            self._busy.discard(chat_id)
            self._broadcasts.discard(chat_id)
            if self._broadcasts_left and len(self._broadcasts) * 2 <= MOST_BROADCASTS_AT_ONCE:
                self._woken.set()
            if len(waiting) > 1 or looks != self._looks:
                self._woken.set()

    async def _permission(self, chat_id: int, priority: int) -> float:
        """Waits until Telegram's limits allow one more; how long that took."""
        began = asyncio.get_running_loop().time()
        await self._limiter.chat_permit(chat_id)
        await self._limiter.bot_permit(priority)
        return asyncio.get_running_loop().time() - began

    async def _reread(self, chat_id: int) -> list[ChatRow]:
        async with reading(self._pool) as uow:
            return [row for row in await outbox.waiting_in_chat(uow, chat_id, known=self._toasts) if row.screen != TOAST]

    async def _toast(self, row: ChatRow) -> None:
        """Answers a tap; flood limits do not count here, but an old answer helps nobody."""
        try:
            if self._clock.now() - row.created_at > TOAST_LIVES:
                await self._write(row, Delivery(row.id, "failed", error="too old"))
            else:
                await self._deliver(row)
        finally:
            self._toasts.discard(row.id)

    async def _deliver(self, row: ChatRow) -> None:
        bind_correlation(row.correlation_id)
        if self._shards.lease_of_chat(row.chat_id) is None:
            return
        if row.shown_row_id is not None and row.shown_row_id > row.id:
            await self._write(row, Delivery(row.id, "superseded"))
            return
        await self._write(row, await self._send(row))

    async def _send(self, row: ChatRow) -> Delivery | Postponed:
        counter = CHAT_SENDS if row.telegram_message_id is None else CHAT_EDITS
        try:
            texts = self._catalog.texts(row.language)
            if row.screen == "settings":
                self._phrases.forget(row.chat_id)  # it shows what was changed a moment ago
            rendered = await self._phrases.signed(render(row.screen, row.data, texts), row.screen, row.chat_id, texts)
            rendered = await with_attachment(self._pool, row.screen, row.data, rendered)
            delivery = await self._show(row, rendered)
        except TelegramError as error:
            counter.labels(meaning(error).value).inc()
            return await self._failed(row, error)
        except DATABASE_TROUBLE:
            raise  # the phrase could not be read: the row waits
        except Exception as error:  # supervisor loop: a row that cannot be shown fails alone
            log.error("message_not_shown", screen=row.screen, row_id=row.id, exc_info=error)
            return Delivery(row.id, "failed", error=type(error).__name__)
        counter.labels("sent").inc()
        self._watch.sent()
        return delivery

    async def _show(self, row: ChatRow, rendered: Rendered) -> Delivery:
        if row.screen == TOAST:
            with TELEGRAM_SECONDS.labels("answer").time():
                await telegram_calls.answer(self._bot, row.data["callback_query_id"], rendered)
            return Delivery(row.id, "sent")
        message_id = row.telegram_message_id
        if message_id is not None and rendered.can_be_edited and await self._edited(row, message_id, rendered):
            return Delivery(row.id, "sent", message_id)
        with TELEGRAM_SECONDS.labels("send").time():
            return Delivery(row.id, "sent", await telegram_calls.send(self._bot, row.chat_id, rendered, silent=row.silent))

    async def _edited(self, row: ChatRow, message_id: int, rendered: Rendered) -> bool:
        """False when the message is gone and a new one is needed."""
        try:
            with TELEGRAM_SECONDS.labels("edit").time():
                await telegram_calls.edit(self._bot, row.chat_id, message_id, rendered)
        except TelegramError as error:
            match meaning(error):
                case Meaning.DONE:
                    return True
                case Meaning.GONE:
                    return False
            raise
        return True

    async def _failed(self, row: ChatRow, error: TelegramError) -> Delivery | Postponed:
        """Only what Telegram refuses for good fails; an outage is waited for however long it takes (toasts grow too old meanwhile)."""
        match meaning(error):
            case Meaning.FLOOD if isinstance(error, RetryAfter):
                TELEGRAM_RETRY_AFTER.inc()
                told = retry_after(error)
                await self._limiter.refused(row.chat_id, told.total_seconds())
                return Postponed(row.id, told, short(error))
            case Meaning.LATER:
                if row.screen != TOAST:  # nobody sends a toast again, so its success would be missed
                    self._watch.not_sent()
                if row.telegram_message_id is not None:
                    self._doubtful.add((row.chat_id, row.message_key))
                log.warning("telegram_unavailable", error=type(error).__name__, attempt=row.attempts)
                return Postponed(row.id, pause(row.attempts), short(error))
        self._watch.sent()
        log.info("message_refused", chat_id=row.chat_id, row_id=row.id, reason=short(error))
        return Delivery(row.id, "failed", error=short(error))

    async def _write(self, row: ChatRow, what: Delivery | Postponed) -> None:
        lease = self._shards.lease_of_chat(row.chat_id)
        if lease is None or not await self._recorder.record(what, lease):
            await self._leave_behind(row, what)
        elif isinstance(what, Delivery) and what.state == "sent" and (row.chat_id, row.message_key) in self._doubtful:
            self._doubtful.discard((row.chat_id, row.message_key))
            await self._repeat(row)

    async def _leave_behind(self, row: ChatRow, what: Delivery | Postponed) -> None:
        """The lease was lost on the way: whoever has it now edits our message, and repeats what ours may have overwritten."""
        if row.screen == TOAST:
            return
        message_id = what.telegram_message_id if isinstance(what, Delivery) else None
        if message_id is not None and row.telegram_message_id is None:
            with contextlib.suppress(*DATABASE_TROUBLE):
                async with unit_of_work(self._pool) as uow:
                    await outbox.remember_message(
                        uow, chat_id=row.chat_id, message_key=row.message_key, telegram_message_id=message_id, row_id=row.id
                    )
        await self._repeat(row)

    async def _repeat(self, row: ChatRow) -> None:
        with contextlib.suppress(*DATABASE_TROUBLE):
            async with unit_of_work(self._pool) as uow:
                await outbox.repeat_message(uow, chat_id=row.chat_id, message_key=row.message_key, delay=REPEAT_AFTER)

    async def close(self) -> None:
        """Lets messages under way arrive, a second at most; the rest stays in the outbox."""
        if self._running:
            _, left = await asyncio.wait(set(self._running), timeout=1.0)
            await end(left)


def newest(rows: Sequence[ChatRow]) -> ChatRow:
    """Of the most urgent message its newest state. `rows` are of one chat, most urgent first."""
    return max((row for row in rows if row.message_key == rows[0].message_key), key=lambda row: row.id)
