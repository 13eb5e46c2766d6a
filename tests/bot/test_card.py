"""The card of an instrument: a pasted ticker opens it, presses act beside it, and it is refreshed in place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.db.unit_of_work import unit_of_work
from core.market import candle_repository
from core.market.types import Candle
from sandbox.telegram.client import ChatMessage, SandboxUser
from tests.support.books import TEST_SOURCE
from tests.support.telegram_desk import TelegramDesk
from tests.support.waiting import eventually


def labels(message: ChatMessage) -> list[str]:
    return [button["text"] for button in message.buttons]


async def refreshed(user: SandboxUser, before: ChatMessage) -> ChatMessage:
    """The card with the buttons that came after a press."""

    async def edited() -> bool:
        return (await user.message(before.message_id)).edit_count > before.edit_count

    await eventually(edited)
    return await user.message(before.message_id)


async def with_candles(desk: TelegramDesk) -> None:
    """Two hours of minutes, up to now."""
    last = datetime.now(UTC).replace(second=0, microsecond=0)
    made = [
        Candle("BTC/USDT", "1m", last - timedelta(minutes=number), price, price, price, price, Decimal(2), TEST_SOURCE)
        for number in range(120, 0, -1)
        for price in [Decimal(100 + number % 7)]
    ]
    async with unit_of_work(desk.pool) as uow:
        await uow.connection.execute("select market_ensure_partitions('1m', $1, $2)", made[0].open_at, last)
        await candle_repository.upsert(uow, made, replace=True)


async def test_a_pasted_ticker_opens_the_card_with_a_picture(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    for words in ("btc", "$BTC", "BTC/USDT"):
        card = await user.ask(words, "BTC/USDT")
        for part in ("paper:BTC", "Price: 95 USDT", "spread", "Depth within 1 %", "Price impact of your presets", "test book", "old"):
            assert part in card.text
        assert card.raw["message"].get("photo")
        assert labels(card) == ["🛒 50 USDT", "🛒 100 USDT", "🛒 250 USDT", "🛒 1,000 USDT", "📈 5m", "🔄 1h", "📈 1d", "🔔"]


async def test_what_is_not_known_yet_is_said_and_what_is_known_is_shown(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    assert "Change: 5m – · 1h – · 24h –" in (await user.ask("btc", "BTC/USDT")).text
    await with_candles(desk)
    card = await user.ask("btc", "24 hours: 100 to 106")
    assert "5m –" not in card.text
    assert "24h –" in card.text


async def test_a_press_opens_its_own_message_and_the_card_stays_usable(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    card = await user.ask("btc", "BTC/USDT")
    await user.press(card, "🛒 100 USDT")
    preview = await user.wait_for_message("Minimum received", after=card.message_id)
    await user.press(preview, "Confirm")
    await user.wait_for_message("Accepted", message_id=preview.message_id)
    await desk.work()
    await user.wait_for_message(regex="^✅ Bought", message_id=preview.message_id)
    again = await refreshed(user, card)
    await user.press(again, "📈 5m")
    held = await refreshed(user, again)
    assert "You have" in held.text
    assert held.raw["message"].get("photo")
    assert "🔄 5m" in labels(held)
    await user.press(held, "💱 50 %")
    await user.wait_for_message(regex="^💱 Sell", after=preview.message_id)
    await user.press(await refreshed(user, held), "🔔")
    await user.wait_for_message("What shall I tell you of", after=preview.message_id)


async def test_without_a_price_one_line_says_so(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    await desk.books._client.flushall()
    assert await user.ask("btc", "has no price right now")


async def test_an_impact_over_the_limit_asks_once_more(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    await desk.pool.execute("insert into risk_limits (scope, name, value, set_by) values ('venue:paper', 'buy_impact_bps', 1000, 'test')")
    denied = await user.ask("/buy BTC/USDT 300 slippage 50%", "Denied")
    assert labels(denied) == ["Accept this price impact"]
    await user.press(denied, "Accept this price impact")
    preview = await user.wait_for_message("Minimum received", message_id=denied.message_id)
    await user.press(preview, "Confirm")
    await user.wait_for_message("Accepted", message_id=preview.message_id)
    await desk.work()
    assert await user.wait_for_message(regex="^✅ Bought", message_id=preview.message_id)
