"""Who may see what where, and which role may what. Pure; called by the dispatcher, the operators' handlers and the profile.

Private data goes to the owner's private chat only (P31). A right is asked for at every command and at every button: a role may have
been taken away since the button was shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.grammar.account import Start
from bot.grammar.words import Plain, Words
from core.inbox.rules import EXITS
from core.kernel.errors import Denied
from core.users.roles import Right
from core.users.types import User

PUBLIC_COMMANDS = frozenset({"help"})
"""Commands that say nothing private, answered in groups too."""

STAFF_COMMANDS: Mapping[str, Right] = {
    "user": Right.LOOK_UP,
    "fees": Right.SEE_RULES,
    "limits": Right.SEE_RULES,
    "pause": Right.PAUSE,
    "resume": Right.PAUSE,
    "parked": Right.RELEASE,
    "broadcast": Right.BROADCAST,
}
"""Commands that not everybody may use; each is listed for those who may."""

EXIT_ACTIONS = frozenset({"cancel_order", "cancel_conditional", "dismiss_order", "cancel_alert", "pause_broadcast", "cancel_broadcast"})
"""Buttons that take something back: they get through whatever else there is."""


def group_line(username: str) -> tuple[str, dict[str, Any]]:
    """Screen and data of the line that points to the private chat."""
    return "text", {"id": "private-only", "params": {"bot": username}}


def require(user: User, right: Right) -> None:
    """Raises Denied('not_operator') for whoever has not the right."""
    if not user.may(right):
        raise Denied("not_operator")


def commands_of(user: User) -> tuple[str, ...]:
    """The commands that this account may use beyond everybody's."""
    return tuple(name for name, right in STAFF_COMMANDS.items() if user.may(right))


def always_taken(words: Words) -> bool:
    """Whether a command is taken however much else there is: exits, and /start, which a stranger sends once."""
    name = words.name if isinstance(words, Plain) else words.command
    return name in EXITS or isinstance(words, Start)
