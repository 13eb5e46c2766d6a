"""Telegram's flood limits, kept before Telegram has to: one account of what was sent for each token, in Valkey, shared by all
bot processes. Without Valkey each process keeps its share of the limits by itself.

A window of exact times for each limit: at most N messages in any W seconds, for the bot, a chat, a group. Callers ask for permission
(`permit`), most urgent first, and wait as long as told. Answers to taps need none. Nothing here is the truth: Telegram's
`retry_after` is, and is kept too (`refused`).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.ending import reraise_if_ending
from core.config.logging import get_logger

log = get_logger()

MARGIN = 1.05
"""Windows are a twentieth longer than Telegram's, because messages do not travel equally fast."""
CHAT_WINDOW_S = 3
"""'One a second' in a chat is counted over three seconds: the short burst that Telegram allows."""
VALKEY_AGAIN_S = 5.0
EVERYWHERE_S = 1.0
"""Two chats refused within so long: it is the whole bot that Telegram means."""

_SCRIPT = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local longest = 0
for i, key in ipairs(KEYS) do
  local most, window = tonumber(ARGV[i * 2 - 1]), tonumber(ARGV[i * 2])
  local oldest = redis.call('LINDEX', key, most - 1)
  if oldest then longest = math.max(longest, tonumber(oldest) + window - now) end
  local paused = redis.call('GET', key .. ':pause')
  if paused then longest = math.max(longest, tonumber(paused) - now) end
end
if longest > 0 then return longest end
for i, key in ipairs(KEYS) do
  local most, window = tonumber(ARGV[i * 2 - 1]), tonumber(ARGV[i * 2])
  redis.call('LPUSH', key, now)
  redis.call('LTRIM', key, 0, most - 1)
  redis.call('PEXPIRE', key, window)
end
return 0
"""
_PAUSE = """
local now = redis.call('TIME')
local ends = now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[1]
local known = redis.call('GET', KEYS[1] .. ':pause')
if known and tonumber(known) >= ends then return end
redis.call('SET', KEYS[1] .. ':pause', ends, 'PX', ARGV[1])
"""


@dataclass(frozen=True, slots=True)
class Window:
    """At most `most` messages in any `window_ms`, counted under `key`."""

    key: str
    most: int
    window_ms: int


@dataclass(frozen=True, slots=True)
class Rates:
    """The limits from the settings."""

    per_second: int
    chat_per_second: int
    group_per_minute: int

    def bot(self, bot_id: int) -> Window:
        """Of the whole bot."""
        return Window(f"telegram:{bot_id}:all", self.per_second, int(1000 * MARGIN))

    def chat(self, bot_id: int, chat_id: int) -> Window:
        """Of one chat; groups have negative ids."""
        key = f"telegram:{bot_id}:chat:{chat_id}"
        if chat_id < 0:
            return Window(key, self.group_per_minute, int(60_000 * MARGIN))
        return Window(key, self.chat_per_second * CHAT_WINDOW_S, int(1000 * CHAT_WINDOW_S * MARGIN))


@dataclass(slots=True)
class LocalWindows:
    """The same rules in this process's memory. `now` in milliseconds; pure but for what it remembers."""

    sent: dict[str, deque[float]] = field(default_factory=dict)
    paused: dict[str, float] = field(default_factory=dict)

    def ask(self, windows: Sequence[Window], now: float, share: int = 1) -> float:
        """0 and counted, or the milliseconds to wait and nothing counted. The bot's own limit is divided by `share` processes."""
        longest = 0.0
        for place, window in enumerate(windows):
            most = max(1, window.most // share) if place == 0 else window.most
            times = self.sent.setdefault(window.key, deque(maxlen=window.most))
            if len(times) >= most:
                longest = max(longest, times[-most] + window.window_ms - now)
        longest = max(longest, self.rest_of_pause(windows, now))
        if longest > 0:
            return longest
        for window in windows:
            self.sent[window.key].append(now)
        if len(self.sent) > 10_000:
            self._forget(now)
        return 0.0

    def pause(self, key: str, until: float) -> None:
        """Nothing under `key` before `until`; a shorter pause ends none that is longer."""
        self.paused[key] = max(until, self.paused.get(key, 0.0))

    def rest_of_pause(self, windows: Sequence[Window], now: float) -> float:
        """Milliseconds until no window is paused."""
        return max(0.0, *(self.paused.get(window.key, 0.0) - now for window in windows))

    def _forget(self, now: float) -> None:
        self.sent = {key: times for key, times in self.sent.items() if times and times[-1] > now - 120_000}
        self.paused = {key: until for key, until in self.paused.items() if until > now}


class Limiter:
    """Permissions of one bot. `processes` tells how many bot processes share the limits while Valkey is away."""

    def __init__(self, valkey: Redis, bot_id: int, rates: Rates, processes: Callable[[], int]) -> None:
        self._valkey = valkey
        self._bot_id = bot_id
        self._rates = rates
        self._processes = processes
        self._script = valkey.register_script(_SCRIPT)
        self._pause_script = valkey.register_script(_PAUSE)
        self._local = LocalWindows()
        self._refused: dict[int, tuple[float, float]] = {}
        self._valkey_after = 0.0
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._waiting = asyncio.Event()

    async def chat_permit(self, chat_id: int) -> None:
        """Returns when the chat may get one more message. Ask before `bot_permit`, for one message of a chat at a time."""
        window = [self._rates.chat(self._bot_id, chat_id)]
        wait = await self._ask(window)
        while wait > 0:
            await asyncio.sleep(wait)
            wait = await self._ask(window)

    async def bot_permit(self, priority: int) -> None:
        """Returns when the bot may send one more message; of those who wait the most urgent goes first (0 before 9)."""
        if not self._queue and await self._ask([self._rates.bot(self._bot_id)]) <= 0:
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._queue, (priority, next(self._numbers), waiting))
        self._waiting.set()
        await waiting

    async def run(self) -> None:
        """Gives places to those who wait, one by one; until canceled."""
        while True:
            await self._waiting.wait()
            while self._queue:
                wait = await self._ask([self._rates.bot(self._bot_id)])
                if wait > 0:
                    await asyncio.sleep(wait)
                    continue
                self._grant()
            self._waiting.clear()

    def _grant(self) -> None:
        while self._queue:
            _, _, waiting = heappop(self._queue)
            if not waiting.done():
                waiting.set_result(None)
                return

    async def refused(self, chat_id: int, seconds: float) -> None:
        """Telegram said `retry_after` to a message into this chat. When another chat was refused just now, the whole bot waits.

        It waits for the shorter of the waits: if Telegram meant the whole bot, both say it, and each chat waits for its own anyway.
        """
        now = time.monotonic()
        self._refused = {chat: told for chat, told in self._refused.items() if told[0] > now - EVERYWHERE_S}
        self._refused[chat_id] = (now, now + seconds)
        await self.pause(chat_id, seconds)
        if len(self._refused) > 1:
            shortest = max(0.0, min(until for _, until in self._refused.values()) - now)
            log.warning("telegram_refuses_everywhere", count=len(self._refused), delay_ms=int(shortest * 1000))
            await self.pause(None, shortest)

    async def pause(self, chat_id: int | None, seconds: float) -> None:
        """Nothing into this chat (None: nowhere) for so long."""
        window = self._rates.bot(self._bot_id) if chat_id is None else self._rates.chat(self._bot_id, chat_id)
        self._local.pause(window.key, time.monotonic() * 1000 + seconds * 1000)
        try:
            await self._pause_script(keys=[window.key], args=[int(seconds * 1000)])
        except (RedisError, OSError, TimeoutError):
            reraise_if_ending()
            self._valkey_after = time.monotonic() + VALKEY_AGAIN_S

    async def _ask(self, windows: Sequence[Window]) -> float:
        """Seconds to wait; 0 when it is counted. Pauses are remembered here too: a Valkey that forgets does not end them."""
        paused = self._local.rest_of_pause(windows, time.monotonic() * 1000)
        if paused > 0:
            return paused / 1000
        if time.monotonic() >= self._valkey_after:
            try:
                arguments = [figure for window in windows for figure in (window.most, window.window_ms)]
                return int(await self._script(keys=[window.key for window in windows], args=arguments)) / 1000
            except (RedisError, OSError, TimeoutError) as error:
                reraise_if_ending()
                log.warning("limiter_without_valkey", error=type(error).__name__)
                self._valkey_after = time.monotonic() + VALKEY_AGAIN_S
        own = windows[0].key == self._rates.bot(self._bot_id).key
        return self._local.ask(windows, time.monotonic() * 1000, self._processes() if own else 1) / 1000
