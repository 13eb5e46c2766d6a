"""Delivery to webhooks: in order for each chat, several chats side by side, again after anything but 2xx, later and later.

One supervisor task watches which bots have a webhook; one task a bot hands out what is due.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial

import aiohttp
import orjson

from sandbox.telegram.accounts import BotAccount
from sandbox.telegram.state import State
from sandbox.telegram.updates import Pending

_JSON = "application/json"


@dataclass
class _Lane:
    """One bot's deliveries under way, by chat."""

    task: asyncio.Task[None] | None = None
    under_way: dict[int, asyncio.Task[None]] = field(default_factory=dict)


class Webhooks:
    """`start` and `close` on the event loop that serves the sandbox."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._lanes: dict[int, _Lane] = {}
        self._supervisor: asyncio.Task[None] | None = None
        self._client: aiohttp.ClientSession | None = None

    def start(self) -> None:
        """Begin; called once the loop runs."""
        if self._supervisor is None:
            self._supervisor = asyncio.create_task(self._supervise())

    async def close(self) -> None:
        """Stop everything; what was not acknowledged is delivered after the next start."""
        lanes = [lane for lane in self._lanes.values() if lane.task]
        tasks = [lane.task for lane in lanes if lane.task] + [task for lane in lanes for task in lane.under_way.values()]
        tasks += [self._supervisor] if self._supervisor else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._supervisor = None
        self._lanes.clear()
        if self._client:
            await self._client.close()
            self._client = None

    async def _supervise(self) -> None:
        while True:
            for bot in self._state.accounts.bots():
                lane = self._lanes.setdefault(bot.id, _Lane())
                if bot.webhook.get("url") and (lane.task is None or lane.task.done()):
                    lane.task = asyncio.create_task(self._deliver(bot.id, lane))
            await self._state.signals.wait("webhooks", 3600)

    async def _deliver(self, bot_id: int, lane: _Lane) -> None:
        """Until the webhook is gone."""
        topic = f"updates:{bot_id}"
        while (bot := self._state.accounts.bot(bot_id)) and bot.webhook.get("url"):
            for pending in self._ready(bot, lane):
                task = asyncio.create_task(self._hand_over(bot, pending))
                lane.under_way[pending.shard] = task
                task.add_done_callback(partial(self._landed, lane, pending.shard, topic))
            await self._state.signals.wait(topic, self._state.updates.next_due_in(bot_id))

    def _landed(self, lane: _Lane, shard: int, topic: str, _done: asyncio.Task[None]) -> None:
        lane.under_way.pop(shard, None)
        self._state.signals.wake(topic)

    def _ready(self, bot: BotAccount, lane: _Lane) -> list[Pending]:
        free = int(bot.webhook["max_connections"]) - len(lane.under_way)
        chosen: dict[int, Pending] = {}
        for pending in self._state.updates.due(bot.id, 200) if free > 0 else []:
            if pending.shard not in lane.under_way and len(chosen) < free:
                chosen.setdefault(pending.shard, pending)
        return [pending for pending in chosen.values() if not self._state.updates.held_back(bot.id, pending)]

    async def _hand_over(self, bot: BotAccount, pending: Pending) -> None:
        problem = "" if pending.fault == "drop" and pending.attempts == 0 else await self._post(bot, pending)
        lost = pending.attempts == 0 and pending.fault in {"drop", "retry"}
        settings = self._state.settings
        with self._state.store.transaction():
            if not problem and not lost:
                self._state.updates.finish(pending)
                return
            wait = min(settings.webhook_backoff_s * 2**pending.attempts, settings.webhook_backoff_max_s)
            self._state.updates.attempted(pending, again_in=wait)
            if problem:
                self._note_problem(bot.id, problem)

    def _note_problem(self, bot_id: int, problem: str) -> None:
        bot = self._state.accounts.bot(bot_id)
        if bot and bot.webhook:
            error = {"last_error_date": int(self._state.now()), "last_error_message": problem}
            self._state.accounts.change_bot(bot_id, webhook=bot.webhook | error)

    async def _post(self, bot: BotAccount, pending: Pending) -> str:
        """'' when acknowledged, else what went wrong."""
        if self._client is None:
            self._client = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._state.settings.webhook_timeout_s))
        secret = bot.webhook.get("secret_token")
        headers = {"Content-Type": _JSON} | ({"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {})
        try:
            async with self._client.post(bot.webhook["url"], data=orjson.dumps(pending.update()), headers=headers, ssl=False) as answer:
                await answer.read()
                return "" if 200 <= answer.status < 300 else f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except TimeoutError:
            return "Read timeout expired"
        except aiohttp.ClientError as error:
            return f"Connection failed: {type(error).__name__}"
