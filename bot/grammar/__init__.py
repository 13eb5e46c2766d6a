"""The grammar of the chat: a message's text in, a command or one line of help out. Pure; called by the dispatcher only.

Total: any text gives a result, never an exception. One file a feature; its commands are entered in `COMMANDS`.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.grammar import account, alerts, conditional, operation, operator, orders, portfolio, settings, why
from bot.grammar.words import LONGEST_TEXT, FreeText, Malformed, Parser, Words, plain

COMMANDS: Mapping[str, Parser] = {
    **account.COMMANDS,
    **orders.COMMANDS,
    **conditional.COMMANDS,
    **why.COMMANDS,
    **operation.COMMANDS,
    **operator.COMMANDS,
    **alerts.COMMANDS,
    **settings.COMMANDS,
    **portfolio.COMMANDS,
    **{name: plain(name) for name in ("help", "about", "portfolio", "orders", "status")},
}
COMMAND_NAMES = (*COMMANDS, *operator.RAW)


def parse(text: str, bot_username: str = "") -> Words | None:
    """What a message asks for; None when it is a command for another bot."""
    text = text.strip()
    if not text.startswith("/"):
        return FreeText(text[:LONGEST_TEXT])
    words = text[: LONGEST_TEXT + 1].split()
    name, at, addressee = words[0][1:].partition("@")
    if at and addressee.lower() != bot_username.lower():
        return None
    raw = operator.RAW.get(name.lower())
    if raw is not None:
        return raw(text[len(words[0]) : operator.LONGEST_BROADCAST])
    known = COMMANDS.get(name.lower())
    if known is None:
        return Malformed("unknown-command")
    if len(text) > LONGEST_TEXT:
        return Malformed("too-long")
    return known(words[1:])
