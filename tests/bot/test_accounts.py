"""Under /portfolio: the waterfall adds up in the chat too, and value over time says what it does not know yet."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.bot.test_chat import buy
from tests.support.telegram_desk import TelegramDesk


async def test_where_it_went_adds_up(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    await buy(desk, user)
    shown = await user.ask("/portfolio", "Portfolio on")
    await user.press(shown, "💧 Where it went")
    flows = await user.wait_for_message("the last 30 days", message_id=shown.message_id)
    parts = re.split(r"\n(?=BTC\n|USDT\n)", flows.text)[1:]
    assert [part.splitlines()[0] for part in parts] == ["BTC", "USDT"]
    for part in parts:
        figures = [Decimal(found.replace(",", "").replace("−", "-")) for found in re.findall(r": ([+−]?[\d,.]+)$", part, re.MULTILINE)]
        opening, *changes, closing = figures
        assert opening + sum(changes) == closing
    await user.press(flows, "💧 24 hours")
    await user.wait_for_message("the last 24 hours", message_id=shown.message_id)


async def test_value_over_time(desk: TelegramDesk) -> None:
    user = await desk.user(7)
    await user.ask("/start", "Welcome")
    shown = await user.ask("/portfolio", "Portfolio on")
    await user.press(shown, "📈 Value")
    early = await user.wait_for_message("nothing to compare yet", message_id=shown.message_id)
    for hours, value, growth in ((20, 10_000, "1"), (2, 11_000, "1.1"), (1, 10_450, "1.045")):
        await desk.pool.execute(
            "insert into portfolio_snapshots (user_id, venue, taken_at, quote_symbol, value, flow, growth, unpriced, priced_at)"
            " select id, 'paper', $1, 'USDT', $2, 0, $3, '{}', $1 from users",
            datetime.now(UTC) - timedelta(hours=hours),
            Decimal(value),
            Decimal(growth),
        )
    await user.press(early, "← Back")
    again = await user.wait_for_message("Portfolio on", message_id=shown.message_id)
    await user.press(again, "📈 Value")
    told = await user.wait_for_message("Value of your account", message_id=shown.message_id)
    assert "10,450 USDT at" in told.text
    assert "24 hours before: 10,000 USDT, grown by +4.5 %" in told.text
