"""Every door to the desk and what it touches: the declared half of P19's matrix; the other half is generated from the code.

A command, a button's action or a route without a row here fails `tests/promises/test_p19_own_things.py`: whoever adds one says what
kind of thing it does, which of its words name somebody's object, and how a user comes to have one. P30 and P31 go through the same doors.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from core.users.roles import Right


class Does(enum.Enum):
    """What a door does to whoever goes through it."""

    LOOKS = "looks"
    """Shows the asker's own or public things; changes nothing."""
    SETS = "sets"
    """Changes the asker's own settings, alerts or cards; a frozen account may."""
    EXITS = "exits"
    """Takes something back; a frozen account may."""
    TRADES = "trades"
    """Asks for an order or leads there; a frozen account may not."""
    OPERATES = "operates"
    """For roles with the row's right alone."""


@dataclass(frozen=True)
class Command:
    """`says`: what an owner types to come to have objects and to see them; `names`: texts with another's objects in them.

    `{order}`, `{conditional}` are codes, `{card}` a card's code, `{user}` the account's id. `right`: see `Does.OPERATES`.
    """

    does: Does
    says: tuple[str, ...]
    names: tuple[str, ...] = ()
    right: Right | None = None


@dataclass(frozen=True)
class Action:
    """`objects`: keys of the button's argument that name an object of a user; `plain`: the other keys it may have.

    `trades_with`: values in the argument with which an action that only looks leads to an order.
    """

    does: Does
    objects: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    right: Right | None = None
    trades_with: frozenset[str] = frozenset()

    def trades(self, argument: Mapping[str, object]) -> bool:
        """Whether a frozen account is refused a button with this argument."""
        return self.does is Does.TRADES or any(value in self.trades_with for value in argument.values() if isinstance(value, str))


@dataclass(frozen=True)
class Route:
    """`asks`: paths as one may ask them, with `{card}` and the like; `why` it is open to everybody, or what it asks for."""

    asks: tuple[str, ...]
    why: str


PHRASE = "amber kestrel 8841"
"""The owner's own words: nobody else ever reads them."""

COMMANDS: Mapping[str, Command] = {
    "start": Command(Does.LOOKS, ("/start",)),
    "help": Command(Does.LOOKS, ("/help",)),
    "about": Command(Does.LOOKS, ("/about",)),
    "status": Command(Does.LOOKS, ("/status",)),
    "settings": Command(Does.SETS, (f"/settings phrase {PHRASE}", "/settings presets 31.7 62.9 94.3", "/settings")),
    "buy": Command(
        Does.TRADES, ("/buy", "/buy BTC/USDT 4000 slippage 50%", "/buy BTC/USDT", "/buy BTC/USDT 1234.56", "/buy BTC/USDT 417.89")
    ),
    "sell": Command(Does.TRADES, ("/sell", "/sell BTC/USDT", "/sell BTC/USDT 0.87", "/sell BTC/USDT 0.31 stop 66.6")),
    "limit": Command(Does.TRADES, ("/limit", "/limit buy BTC/USDT 345.67 58.9")),
    "alerts": Command(Does.SETS, ("/alerts BTC/USDT above 7654.3", "/alerts BTC/USDT", "/alerts")),
    "alert": Command(Does.SETS, ("/alert BTC/USDT below 12.34",)),
    "orders": Command(Does.LOOKS, ("/orders",)),
    "portfolio": Command(Does.LOOKS, ("/portfolio",)),
    "positions": Command(Does.LOOKS, ("/positions",)),
    "history": Command(Does.LOOKS, ("/history", "/history csv")),
    "why": Command(Does.LOOKS, ("/why", "/why {order}", "/why {conditional}"), ("/why {order}", "/why {conditional}")),
    "verify": Command(Does.LOOKS, ("/verify {card}",)),
    "pause": Command(Does.OPERATES, (), ("/pause", "/pause user {user}", "/pause venue paper", "/pause BTC/USDT"), Right.PAUSE),
    "user": Command(Does.OPERATES, (), ("/user {user}", "/user {order}"), Right.LOOK_UP),
    "fees": Command(Does.OPERATES, (), ("/fees",), Right.SEE_RULES),
    "limits": Command(Does.OPERATES, (), ("/limits",), Right.SEE_RULES),
    "parked": Command(Does.OPERATES, (), ("/parked",), Right.RELEASE),
    "broadcast": Command(Does.OPERATES, (), ("/broadcast to all: Hello", "/broadcast", "/broadcast 1"), Right.BROADCAST),
    "resume": Command(Does.OPERATES, (), ("/resume", "/resume user {user}", "/resume venue paper"), Right.PAUSE),
}
"""/verify tells what a card says to whoever holds its code: that is what it is for, so no code of another is tried with it."""

TALK = Command(Does.LOOKS, ("BTC/USDT", "Hello"))
"""What is no command: a pasted ticker opens the instrument's card."""

_ORDER = frozenset({"symbol", "kind", "value"})
_LIMIT = frozenset({"venue", "side", "slippage_bps", "accepted_impact_bps", "limit_price", "time_in_force", "post_only", "expires_at"})
ACTIONS: Mapping[str, Action] = {
    "menu": Action(Does.LOOKS, plain=frozenset({"to"}), trades_with=frozenset({"buy", "sell"})),
    "buy_pair": Action(Does.TRADES, plain=frozenset({"symbol"})),
    "buy_amount": Action(Does.TRADES, plain=_ORDER),
    "sell_pair": Action(Does.TRADES, plain=frozenset({"symbol"})),
    "sell_share": Action(Does.TRADES, plain=_ORDER),
    "confirm_order": Action(Does.TRADES, plain=_ORDER | _LIMIT),
    "accept_impact": Action(Does.TRADES, plain=_ORDER | _LIMIT),
    "dismiss_order": Action(Does.EXITS),
    "cancel_order": Action(Does.EXITS, frozenset({"order_id"})),
    "limit_step": Action(Does.TRADES, plain=_ORDER | {"side", "price"}),
    "confirm_conditional": Action(
        Does.TRADES, plain=frozenset({"symbol", "kind", "size", "venue", "side", "slippage_bps", "legs", "enters"})
    ),
    "cancel_conditional": Action(Does.EXITS, frozenset({"conditional_id"})),
    "refresh_portfolio": Action(Does.LOOKS),
    "account_value": Action(Does.LOOKS),
    "account_flows": Action(Does.LOOKS, plain=frozenset({"period"})),
    "refresh_positions": Action(Does.LOOKS),
    "position_sell": Action(Does.TRADES, plain=frozenset({"symbol"})),
    "sell_custom": Action(Does.LOOKS, plain=frozenset({"symbol"})),
    "position_card": Action(Does.LOOKS, plain=frozenset({"symbol"})),
    "make_card": Action(Does.SETS, plain=frozenset({"symbol", "amounts"})),
    "history_page": Action(Does.LOOKS, frozenset({"trail"})),
    "history_csv": Action(Does.LOOKS, frozenset({"trail"})),
    "settings_open": Action(Does.LOOKS, plain=frozenset({"to"})),
    "settings_set": Action(Does.SETS, plain=frozenset({"words", "section"})),
    "card_show": Action(Does.LOOKS, plain=frozenset({"symbol", "interval"})),
    "card_buy": Action(Does.TRADES, plain=frozenset({"symbol", "value"})),
    "card_sell": Action(Does.TRADES, plain=frozenset({"symbol", "value"})),
    "card_alert": Action(Does.LOOKS, plain=frozenset({"symbol"})),
    "arm_alert": Action(Does.SETS, plain=frozenset({"words"})),
    "cancel_alert": Action(Does.EXITS, frozenset({"alert_id"})),
    "release_update": Action(Does.OPERATES, plain=frozenset({"id"}), right=Right.RELEASE),
    "drop_update": Action(Does.OPERATES, plain=frozenset({"id"}), right=Right.RELEASE),
    **{
        f"{what}_broadcast": Action(Does.OPERATES, plain=frozenset({"id"}), right=Right.BROADCAST)
        for what in ("start", "pause", "cancel", "follow", "preview")
    },
}

ROUTES: Mapping[tuple[str, str], Route] = {
    ("GET", "/health"): Route(("/health",), "open: states of processes"),
    ("GET", "/metrics"): Route(("/metrics",), "open: counts by small sets of words"),
    ("GET", "/verify/{code}"): Route(
        ("/verify/{order}", "/verify/{conditional}", "/verify/{user}"), "open: what a card says, to whoever holds its code"
    ),
    ("POST", "/telegram/webhook"): Route(("/telegram/webhook",), "Telegram alone: its secret is asked before anything is read"),
}
