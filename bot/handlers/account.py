"""Opening an account: /start, and the first command of somebody unknown. Also the menu.

Referral bound first and once (by core/users in the insert), paper money granted once, in the same transaction.
"""

from __future__ import annotations

from bot.context import MENU_TTL, VENUE, BotContext, Effect, Request
from bot.grammar.account import Start
from bot.handlers.card import card
from bot.handlers.trading import find_instrument
from bot.incoming import Said
from bot.screens.desk import MENU
from core.db.unit_of_work import UnitOfWork
from core.ledger import service as ledger
from core.outbox.types import ButtonAction
from core.risk.checks import plain
from core.trading.onboarding import grant_paper_funds
from core.users import service as users
from core.users.rules import choose_language, parse_start_payload
from core.users.types import User


async def open_account(context: BotContext, uow: UnitOfWork, said: Said, payload: str) -> User:
    """The sender's account; a new one has its paper money when this returns."""
    user = await users.open_account(
        uow,
        telegram_user_id=said.sender_id,
        private_chat_id=said.sender_id,
        language=choose_language(said.language, context.catalog.languages),
        mode=context.settings.trading_mode,
        start_payload=payload,
        operator_ids=context.settings.operator_ids,
    )
    if user.opened:
        await grant_paper_funds(uow, user.id)
    return user


async def show_start(uow: UnitOfWork, request: Request, *, payload: str = "") -> None:
    """Balances, what to do, the menu."""
    actions = [ButtonAction("menu", {"to": name}) for name in MENU]
    data = {
        "opened": request.user.opened,
        "mode": request.user.mode,
        "balances": await balance_rows(uow, request.user.id),
        "token": parse_start_payload(payload).token,
        "menu": await request.buttons(uow, actions, MENU_TTL),
    }
    await request.show(uow, "start", data)


async def start_again(context: BotContext, request: Request, words: Start) -> Effect:
    """/start of somebody who has an account: nothing is granted or bound. The card of what a link named, or the menu."""
    token = parse_start_payload(words.payload).token
    instrument = await find_instrument(context, token) if token else None
    if instrument is not None:
        return await card(context, request, instrument)

    async def effect(uow: UnitOfWork) -> str:
        await show_start(uow, request, payload=words.payload)
        return ""

    return effect


async def balance_rows(uow: UnitOfWork, user_id: int) -> list[dict[str, str]]:
    """What a user has at the venue, by symbol, in whole coins; nothing that is all zero."""
    found = await ledger.balances(uow, user_id, VENUE)
    return [
        {"asset": one.available.asset.symbol, "available": plain(one.available), "held": plain(one.held)}
        for _, one in sorted(found.items())
        if one.available.units or one.held.units
    ]
