"""Which function renders which screen. Called by the sender; features of core name a screen in their chat rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.catalog import Texts
from bot.screens import accounts, alerts, desk, history, operator, positions
from bot.screens.about import render_about
from bot.screens.card import render_card
from bot.screens.conditional import render_conditional, render_conditional_preview
from bot.screens.fitting import fitted
from bot.screens.limits import render_choose_limit
from bot.screens.order import render_order
from bot.screens.preview import render_preview
from bot.screens.rendered import Rendered
from bot.screens.settings import render_settings
from bot.screens.why import render_why, render_why_conditional, render_why_order

Screen = Callable[[Mapping[str, Any], Texts], Rendered]

MOST_IN_DIGEST = 20
CAPTIONS = frozenset({"card", "history_file", "pnl_card"})
"""Screens whose text stands under a picture or a file."""


def render_digest(data: Mapping[str, Any], texts: Texts) -> Rendered:
    """What was held while it was quiet, the first line of each, oldest first."""
    items = data["items"]
    lines: list[str] = [texts("digest-head")]
    lines += [render(one["screen"], one["data"], texts).text.partition("\n")[0] for one in items[:MOST_IN_DIGEST]]
    if len(items) > MOST_IN_DIGEST:
        lines.append(texts("digest-more", count=str(len(items) - MOST_IN_DIGEST)))
    return Rendered("\n".join(lines))


SCREENS: Mapping[str, Screen] = {
    "order": render_order,
    "preview": render_preview,
    "conditional": render_conditional,
    "conditional_preview": render_conditional_preview,
    "why": render_why,
    "why_conditional": render_why_conditional,
    "why_order": render_why_order,
    "text": desk.render_text,
    "denied": desk.render_denied,
    "toast": desk.render_toast,
    "start": desk.render_start,
    "help": desk.render_help,
    "choose_pair": desk.render_choose_pair,
    "choose_amount": desk.render_choose_amount,
    "choose_holding": desk.render_choose_holding,
    "choose_limit": render_choose_limit,
    "choose_share": desk.render_choose_share,
    "portfolio": desk.render_portfolio,
    "orders": desk.render_orders,
    "status": desk.render_status,
    "card": render_card,
    "account_value": accounts.render_account_value,
    "account_flows": accounts.render_account_flows,
    "settings": render_settings,
    "about": render_about,
    "alert": alerts.render_alert,
    "alert_armed": alerts.render_alert_armed,
    "alerts": alerts.render_alerts,
    "choose_alert": alerts.render_choose_alert,
    "positions": positions.render_positions,
    "sell_panel": positions.render_sell_panel,
    "choose_card": positions.render_choose_card,
    "pnl_card": positions.render_pnl_card,
    "verified": positions.render_verified,
    "history": history.render_history,
    "history_file": history.render_history_file,
    "digest": render_digest,
    "user": operator.render_user,
    "parked": operator.render_parked,
    "fees": operator.render_fees,
    "limits": operator.render_limits,
    "broadcast": operator.render_broadcast,
    "broadcast_control": operator.render_broadcast_control,
    "broadcasts": operator.render_broadcasts,
}


def render(screen: str, data: Mapping[str, Any], texts: Texts) -> Rendered:
    """The message a chat row says. Raises LookupError or ValueError for data that is not what the screen wants."""
    return fitted(SCREENS[screen](data, texts), texts, caption=screen in CAPTIONS)
