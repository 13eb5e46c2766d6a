"""/status for everybody; /pause and /resume for operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.context import BotContext, Effect, Request, reading
from bot.grammar.operation import Switch
from bot.guards import require
from bot.handlers.valuation import read_books
from core.audit import service as audit
from core.controls import service as controls
from core.controls.types import Pause
from core.db.heartbeats import Heartbeat, all_beats
from core.db.unit_of_work import UnitOfWork
from core.market.types import OrderBook
from core.support import operations
from core.trading.reports import encode_source
from core.users.roles import Right

STALE_S = 15.0
PARTS = ("bot", "worker", "streams", "relay", "beat")
MOST_MARKETS = 4
FIRST_MARKETS = ("BTC/USDT", "ETH/USDT", "SOL/USDT", "BNB/USDT")


async def status(context: BotContext, request: Request) -> Effect:
    """Short for everybody; operators see the parts."""
    async with reading(context.edge.pool) as uow:
        pauses = await controls.open_pauses(uow)
        beats = await all_beats(uow)
    symbols = markets_shown([one.symbol for one in await context.instruments.all()])
    books = await read_books(context, symbols)
    data: dict[str, Any] = {
        "state": health(pauses, beats, books, priced=bool(symbols)),
        "pauses": [_pause(one, request) for one in pauses if _concerns(one, request)],
        "market": [_market_row(context, symbol, book) for symbol, book in books.items()],
        "parts": [_part(one) for one in beats] if request.user.may(Right.SEE_PARTS) else [],
    }

    async def effect(uow: UnitOfWork) -> str:
        await request.show(uow, "status", data)
        return ""

    return effect


def markets_shown(symbols: Sequence[str]) -> list[str]:
    """The pairs that people look for first, then the others in their order; a few in all."""
    return sorted(symbols, key=lambda symbol: FIRST_MARKETS.index(symbol) if symbol in FIRST_MARKETS else len(FIRST_MARKETS))[:MOST_MARKETS]


def health(pauses: list[Pause], beats: list[Heartbeat], books: dict[str, OrderBook], *, priced: bool) -> str:
    """`ok`, `degraded` (a part is silent or there are no prices) or `paused` (everything)."""
    if any(one.scope == "global" for one in pauses):
        return "paused"
    alive = {one.process.partition("-")[0] for one in beats if one.age_s < STALE_S and one.state == "ok"}
    return "ok" if alive >= set(PARTS) and priced and books else "degraded"


def _concerns(pause: Pause, request: Request) -> bool:
    """Pauses of other users are nobody's business."""
    return not pause.scope.startswith("user:") or request.user.may(Right.SEE_PARTS) or pause.scope == f"user:{request.user.id}"


def _pause(pause: Pause, request: Request) -> dict[str, Any]:
    """Who paused it and why is for people with a role."""
    data: dict[str, Any] = {"scope": pause.scope, "since": pause.paused_at.isoformat()}
    if request.user.may(Right.SEE_PARTS):
        by = "ops" if pause.paused_by == operations.COMMAND_LINE else audit.operator(pause.paused_by)
        data |= {"by": by, "why": pause.reason}
    return data


def _market_row(context: BotContext, symbol: str, book: OrderBook) -> dict[str, Any]:
    age = book.age(context.edge.clock.now())
    return {"symbol": symbol, "source": encode_source(book.source), "age_ms": int(age.total_seconds() * 1000)}


def _part(beat: Heartbeat) -> dict[str, Any]:
    state = beat.state if beat.age_s < STALE_S else "silent"
    return {"name": beat.process, "state": state, "age_ms": int(beat.age_s * 1000)}


async def switch(_context: BotContext, request: Request, command: Switch) -> Effect:
    """/pause and /resume; in force for every order decided after the commit."""
    require(request.user, Right.PAUSE)
    change = operations.resume if command.resume else operations.pause
    by, scope = request.user.id, command.scope

    async def effect(uow: UnitOfWork) -> str:
        changed = await change(uow, scope=scope, reason=command.reason, actor=audit.operator(by), user_id=by)
        word = "resumed" if command.resume else "paused"
        await request.say(uow, word if changed else f"{word}-already", scope=scope)
        return ""

    return effect
