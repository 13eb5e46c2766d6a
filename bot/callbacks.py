"""Which handler runs which button's action. Called by the dispatcher; a test compares it with every action that is issued."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.context import BotContext, Effect, Request
from bot.handlers import accounts, alerts, broadcast, card, conditional, history, limits, operator, pnl_card, positions, settings, trading
from bot.handlers.menu import menu
from bot.handlers.portfolio import refresh_portfolio

Action = Callable[[BotContext, Request, Mapping[str, Any]], Awaitable[Effect]]

ACTIONS: Mapping[str, Action] = {
    "menu": menu,
    "buy_pair": trading.buy_pair,
    "buy_amount": trading.buy_amount,
    "sell_pair": trading.sell_pair,
    "sell_share": trading.sell_share,
    "confirm_order": trading.confirm_order,
    "accept_impact": trading.accept_impact,
    "dismiss_order": trading.dismiss_order,
    "cancel_order": trading.cancel_order,
    "limit_step": limits.limit_step,
    "confirm_conditional": conditional.confirm_conditional,
    "cancel_conditional": conditional.cancel_conditional,
    "account_value": accounts.account_value,
    "account_flows": accounts.account_flows,
    "refresh_portfolio": refresh_portfolio,
    "refresh_positions": positions.refresh_positions,
    "position_sell": positions.position_sell,
    "sell_custom": positions.sell_custom,
    "position_card": pnl_card.position_card,
    "make_card": pnl_card.make_card,
    "history_page": history.history_page,
    "history_csv": history.history_csv,
    "settings_open": settings.open_section,
    "settings_set": settings.set_by_button,
    "card_show": card.card_show,
    "card_buy": card.card_buy,
    "card_sell": card.card_sell,
    "card_alert": card.card_alert,
    "arm_alert": alerts.arm_by_button,
    "cancel_alert": alerts.cancel_alert,
    "release_update": operator.release_update,
    "drop_update": operator.drop_update,
    "start_broadcast": broadcast.start_broadcast,
    "pause_broadcast": broadcast.pause_broadcast,
    "cancel_broadcast": broadcast.cancel_broadcast,
    "follow_broadcast": broadcast.follow_broadcast,
    "preview_broadcast": broadcast.preview_broadcast,
}
