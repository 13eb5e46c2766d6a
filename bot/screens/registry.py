"""Which function renders which screen. Called by the sender; features of core name a screen in their chat rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.catalog import Texts
from bot.screens import desk
from bot.screens.order import render_order
from bot.screens.preview import render_preview
from bot.screens.rendered import Rendered

Screen = Callable[[Mapping[str, Any], Texts], Rendered]

SCREENS: Mapping[str, Screen] = {
    "order": render_order,
    "preview": render_preview,
    "text": desk.render_text,
    "denied": desk.render_denied,
    "toast": desk.render_toast,
    "start": desk.render_start,
    "help": desk.render_help,
    "choose_pair": desk.render_choose_pair,
    "choose_amount": desk.render_choose_amount,
    "choose_holding": desk.render_choose_holding,
    "choose_share": desk.render_choose_share,
    "portfolio": desk.render_portfolio,
    "orders": desk.render_orders,
    "status": desk.render_status,
    "ticker": desk.render_ticker,
}


def render(screen: str, data: Mapping[str, Any], texts: Texts) -> Rendered:
    """The message a chat row says. Raises LookupError or ValueError for data that is not what the screen wants."""
    return SCREENS[screen](data, texts)
