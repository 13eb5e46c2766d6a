"""What is typed and pressed for the pictures of docs/guide, in order: a trader's first quarter of an hour, and an operator's.

Called by `scripts/guide.py`. Knows the chat by its texts in the person's language; never how a page or a desk is driven.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from decimal import Decimal

from bot.catalog import Texts

CODE = re.compile(r"\b([0-9A-F]{8})\b")
CARD_CODE = re.compile(r"\b([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})\b")
ANY = "."


class Chat(ABC):
    """One person's chat."""

    texts: Texts

    @abstractmethod
    async def start(self) -> None:
        """Presses START."""

    @abstractmethod
    async def say(self, text: str) -> None:
        """Types a text."""

    @abstractmethod
    async def press(self, label: str) -> None:
        """Presses the newest button called so."""

    @abstractmethod
    async def answer(self, regex: str) -> str:
        """What came or changed since, once it fits."""

    @abstractmethod
    async def shot(self, name: str) -> None:
        """Keeps a picture of that answer."""

    async def ask(self, text: str, regex: str = ANY, shot: str = "") -> str:
        """Types, waits, and keeps a picture where it has a name."""
        await self.say(text)
        return await self._answered(regex, shot)

    async def tap(self, message: str, regex: str = ANY, shot: str = "", **params: str) -> str:
        """Presses the button with a text of the catalogue, or what follows a `=` itself."""
        await self.press(message[1:] if message.startswith("=") else str(self.texts(message, **params)))
        return await self._answered(regex, shot)

    async def _answered(self, regex: str, shot: str) -> str:
        text = await self.answer(regex)
        if shot:
            await self.shot(shot)
        return text


def _code(text: str, kind: re.Pattern[str] = CODE) -> str:
    found = kind.search(text)
    if found is None:
        raise RuntimeError(f"no code in {text!r}")
    return found[1]


async def trader_tour(chat: Chat) -> None:
    """From START to alerts."""
    await chat.start()
    await chat.answer("10[.,]?000")
    await chat.shot("start")
    await chat.ask("/help", "58000", "help")
    bought = await _first_trade(chat)
    price = await _looking(chat)
    await _orders(chat, price, bought)
    await _records(chat, price)
    await _own_way(chat)


async def _first_trade(chat: Chat) -> str:
    """Buys by buttons; the order's code."""
    await chat.ask("/sell", "/buy", "text")
    await chat.ask("/buy", shot="choose_pair")
    await chat.tap("=BTC/USDT", shot="choose_amount")
    await chat.tap("button-spend", "%", "preview", amount="250", quote="USDT")
    bought = await chat.tap("button-confirm", "✅", "order")
    await chat.ask("/sell", "BTC/USDT: ", "choose_holding")
    await chat.tap("=BTC/USDT", shot="choose_share")
    await chat.ask("/buy BTC/USDT 1", "⛔", "preview_denied")
    return _code(bought.splitlines()[-1])


async def _looking(chat: Chat) -> Decimal:
    """Positions, selling half, a card to share, the card of BTC; a price of now."""
    await chat.ask("/positions", "📊", "positions")
    await chat.tap("button-sell-position", "💱", "sell_panel", base="BTC")
    await chat.tap("=50 %", "💱")
    await chat.tap("button-confirm", "✅", "order_sold")
    await chat.ask("/positions", "📊")
    await chat.tap("button-card", "📸", "choose_card", base="BTC")
    card = await chat.tap("button-card-with", CARD_CODE.pattern.replace(r"\b", ""), "pnl_card")
    await chat.ask(f"/verify {_code(card, CARD_CODE)}", "✅", "verified")
    await chat.ask("BTC", "paper:BTC", "card")
    limit = await chat.ask("/limit buy BTC/USDT 100", "/limit buy", "choose_limit")
    return Decimal(re.findall(r"/limit buy BTC/USDT 100 ([0-9.]+)", limit)[0])


async def _orders(chat: Chat, price: Decimal, bought: str) -> None:
    """An order that waits, conditions, and the reasons of everything."""
    low, high = round(price * Decimal("0.95")), round(price * Decimal("1.08"))
    await chat.ask(f"/buy BTC/USDT 100 limit {low}", "%|USDT", "preview_limit")
    await chat.tap("button-confirm", "📈", "order_working")
    await chat.ask(f"/sell BTC/USDT 50% stop {low}", "❓", "conditional_preview")
    armed = await chat.tap("button-confirm", "⏳", "conditional")
    await chat.ask(f"/sell BTC/USDT 50% oco {high}/{low}", "❓")
    await chat.tap("button-confirm", "⏳")
    await chat.ask("/sell BTC/USDT 20% trail 2%", "❓")
    await chat.tap("button-confirm", "⏳")
    await chat.ask("/orders", "📋", "orders")
    await chat.ask("/why", "🔎", "why")
    await chat.ask(f"/why {_code(armed)}", "58|" + str(low)[:2], "why_conditional")
    await chat.ask(f"/why {bought}", bought, "why_order")


async def _records(chat: Chat, price: Decimal) -> None:
    """Portfolio and history; alerts, one of which fires."""
    await chat.ask("/portfolio", "💼", "portfolio")
    await chat.tap("account-button-value", "📈", "account_value")
    await chat.ask("/portfolio", "💼")
    await chat.tap("button-flows", "💧", "account_flows")
    await chat.ask("/history", "🧾", "history")
    await chat.tap("button-csv", "🧾.*UTC", "history_file")
    await chat.ask("/alerts BTC", "BTC/USDT", "choose_alert")
    await chat.ask(f"/alerts BTC/USDT {round(price * Decimal('1.1'))}", "✅", "alert_armed")
    await chat.ask("/alerts", "🔔", "alerts")
    await _fired(chat)


async def _fired(chat: Chat) -> None:
    """Two alerts close to the price, one above and one below: one of them fires soon."""
    asked = await chat.ask("/alerts BTC")
    now = Decimal(_figure(asked))
    for side, price in (("above", now * Decimal("1.0002")), ("below", now * Decimal("0.9998"))):
        await chat.ask(f"/alerts BTC/USDT {side} {price:.2f}")
    await chat.answer("^🔔 BTC/USDT")
    await chat.shot("alert")


def _figure(text: str) -> str:
    return _code(text, re.compile(r"([0-9][0-9,]*\.?[0-9]*) USDT")).replace(",", "")


async def _own_way(chat: Chat) -> None:
    """Settings, what is said of wrong words, the state of the desk."""
    await chat.ask("/settings", "⚙", "settings")
    await chat.tap("settings-notify-button", "🔔", "settings_notify")
    await chat.ask("/settings", "⚙")
    await chat.tap("settings-quiet-button", "🌙", "settings_quiet")
    await chat.ask("/settings phrase seven green kites", "seven green kites", "settings_phrase")
    await chat.ask("/settings slippage 90%", "⛔", "denied")
    await chat.ask("/status", "BTC/USDT", "status")
    await chat.ask("/about", "Strongroom", "about")


async def operator_tour(chat: Chat) -> None:
    """What a person with a role sees."""
    await chat.start()
    await chat.answer("10[.,]?000")
    await chat.ask("/user 1", "👤", "user")
    await chat.ask("/fees", "💵", "fees")
    await chat.ask("/limits", "📏", "limits")
    await chat.ask("/parked", "🧯", "parked")
    await chat.ask("/broadcast to all: Maintenance on Sunday at 06:00 UTC, for ten minutes.", "📣", "broadcast_control")
    await chat.tap("button-broadcast-preview", "📣 Maint", "broadcast")
    await chat.ask("/broadcast", "📣", "broadcasts")
    await chat.ask("/pause BTC/USDT because its prices look wrong", "⏸", "paused")
    await chat.ask("/status", "BTC/USDT", "status_operator")
    await chat.ask("/resume BTC/USDT", "▶")
