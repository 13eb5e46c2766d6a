"""What a person does in the chat, for journeys: types, reads, presses; patient with a desk whose parts are being killed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import aiohttp

from sandbox.telegram.client import ChatMessage, NothingCame, SandboxRefused, SandboxUser

T = TypeVar("T")
FINAL = r"^\W*(Bought|Sold|Denied|Rejected|Canceled|Expired)\b"
"""How the last state of an order's message begins, after an optional emoji."""
MOVED = r"^\W*(Accepted|Submitted|Working|Bought|Sold|Denied|Rejected|Canceled|Expired)\b"
"""How an order's message begins once it was confirmed."""
NET = (aiohttp.ClientError, ConnectionError, TimeoutError)


class Trader:
    """One person in the private chat with the bot. A lost connection is tried again; a text is not typed twice if it arrived."""

    def __init__(self, user: SandboxUser, patience_s: float = 60) -> None:
        self.user = user
        self.patience_s = patience_s
        self._last_said = 0

    async def say(self, text: str) -> ChatMessage:
        """Types a text once."""

        async def once() -> ChatMessage:
            arrived = [message for message in await self.user.chat() if self._is_new(message, text)]
            return arrived[-1] if arrived else await self.user.send(text)

        said = await self._patiently(once)
        self._last_said = said.message_id
        return said

    def _is_new(self, message: ChatMessage, text: str) -> bool:
        return not message.from_bot and message.text == text and message.message_id > self._last_said

    async def read(self, regex: str, *, after: int = 0, button: str = "", message_id: int = 0) -> ChatMessage:
        """Waits for a message of the bot."""
        return await self._patiently(
            lambda: self.user.wait_for_message(regex=regex, after=after, button=button, message_id=message_id, timeout_s=20)
        )

    async def press(self, message: ChatMessage, button: str) -> None:
        """Taps a button; a tap on a button that is gone was a tap that arrived."""

        async def once() -> None:
            shown = await self.user.message(message.message_id)
            if any(button.lower() in one["text"].lower() for one in shown.buttons):
                await self.user.press(shown, button)

        await self._patiently(once)

    async def start(self) -> ChatMessage:
        """Opens the account."""
        sent = await self.say("/start")
        return await self.read("Strongroom|account is open", after=sent.message_id)

    async def order(self, text: str) -> ChatMessage:
        """Types an order and confirms it; the order's message, not final yet. Denied for want of a fresh price: types it again."""
        while True:
            sent = await self.say(text)
            order = await self._confirmed(sent)
            if order is not None:
                return order

    async def _confirmed(self, sent: ChatMessage) -> ChatMessage | None:
        """Presses Confirm until the order is on its way; None when the preview was denied.

        A preview may stand twice after a crash: only its newest copy is live, and a person presses what stands last.
        """
        async with asyncio.timeout(self.patience_s):
            while True:
                shown = await self.read("Buy about|Sell|Denied|Accepted|Submitted|Bought|Sold|Expired", after=sent.message_id)
                if not any("Confirm" in button["text"] for button in shown.buttons):
                    denied = re.match(r"^\W*Denied", shown.text) and shown.edit_count == 0
                    assert not denied or "Try again" in shown.text, shown.text
                    return None if denied else shown
                await self.press(shown, "Confirm")
                with suppress(NothingCame, SandboxRefused, *NET):
                    await self.user.wait_for_message(regex=MOVED, message_id=shown.message_id, timeout_s=5)

    async def fill(self, text: str) -> ChatMessage:
        """Orders until it is filled: what ended without a fill (denied for a stale price, expired on its way) is ordered again."""
        while True:
            final = await self.final(await self.order(text))
            if re.match(r"^\W*(Bought|Sold)", final.text):
                return final
            assert re.match(r"^\W*(Denied|Expired)", final.text), final.text

    async def final(self, order: ChatMessage) -> ChatMessage:
        """The order's message in its last state."""
        return await self.read(FINAL, message_id=order.message_id)

    async def _patiently(self, act: Callable[[], Awaitable[T]]) -> T:
        async with asyncio.timeout(self.patience_s):
            while True:
                try:
                    return await act()
                except (NothingCame, *NET):
                    await asyncio.sleep(0.05)
                except SandboxRefused as refusal:
                    if refusal.status < 500:
                        raise
                    await asyncio.sleep(0.05)
