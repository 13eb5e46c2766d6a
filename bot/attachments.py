"""Pictures and files of messages: a chat row says what to make, and it is made here when it is sent. Called by the sender.

Rows stay small and hold no bytes. What is made reads the database or draws, never decides; drawing happens in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.context import reading
from bot.pictures.candles import MOST_BARS, Labels, draw_candles
from bot.pictures.pnl_card import CardPicture, draw_card
from bot.screens.rendered import Attachment, Rendered
from core.db.pool import Pool
from core.market import service as market
from core.market.types import INTERVALS
from core.portfolio.history import export_fills

Data = Mapping[str, Any]
Maker = Callable[[Pool, Data], Awaitable[Attachment]]
LARGEST = 45_000_000
"""Telegram takes files of 50 MB; what is longer is cut at a line, newest first, and the name says so."""


async def fills_file(pool: Pool, data: Data) -> Attachment:
    """Every fill of a user up to the moment of asking, as CSV."""
    parts: list[bytes] = []
    size, whole = 0, True
    async for part in export_fills(pool, data["user_id"], until=datetime.fromisoformat(data["until"])):
        size += len(part)
        whole = size <= LARGEST
        if not whole:
            break
        parts.append(part)
    name = f"fills-{data['until'][:10]}{'' if whole else '-newest'}.csv"
    return Attachment("document", name, b"".join(parts))


async def card_picture(_pool: Pool, data: Data) -> Attachment:
    """The card that was issued."""
    picture = CardPicture(data["figures"], data["code"], data["link"], data["desk"])
    return Attachment("photo", "card.png", await asyncio.to_thread(draw_card, picture))


async def candle_picture(pool: Pool, data: Data) -> Attachment:
    """The candles of a card, up to the moment it was made."""
    at, interval = datetime.fromisoformat(data["at"]), data["interval"]
    async with reading(pool) as uow:
        candles = await market.candles(uow, data["symbol"], interval, since=at - MOST_BARS * INTERVALS[interval], limit=MOST_BARS)
    source = data["source"] or {}
    labels = Labels(f"{source.get('name', '')} · {at:%Y-%m-%d %H:%M} UTC", "no candles yet")
    drawn = await asyncio.to_thread(draw_candles, candles, labels, dark=True)
    return Attachment("photo", "candles.png", drawn)


MAKERS: Mapping[str, Maker] = {"card": candle_picture, "history_file": fills_file, "pnl_card": card_picture}
"""Screens whose messages carry something."""


async def with_attachment(pool: Pool, screen: str, data: Data, rendered: Rendered) -> Rendered:
    """The message with what it carries, if anything. Raises what the database raises, LookupError or ValueError for other data."""
    make = MAKERS.get(screen)
    return rendered if make is None else replace(rendered, attachment=await make(pool, data))
