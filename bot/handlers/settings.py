"""/settings: everything a user may set, by words and by buttons that keep the same words.

A button's argument is the line that could have been typed, so that both ways go through one grammar and one place that applies it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.context import MENU_TTL, BotContext, Effect, Request, reading, saying
from bot.grammar.settings import SettingWords, parse_setting
from bot.grammar.words import Malformed
from bot.languages import NAMES
from core.db.unit_of_work import UnitOfWork
from core.notifications import service as notifications
from core.notifications.rules import next_mode
from core.notifications.types import Event, Mode, NotificationSettings, QuietHours
from core.outbox import service as outbox
from core.outbox.types import ButtonAction
from core.portfolio import service as portfolio
from core.portfolio.types import LotMethod
from core.users import service as users
from core.users import settings as user_settings
from core.users.settings import UserSettings

TTL: timedelta = MENU_TTL
SECTIONS = ("language", "mode", "slippage", "presets", "confirm", "notify", "quiet", "phrase", "lots")
"""In the order of the buttons."""

SLIPPAGES = ("0.5%", "1%", "2%", "5%")
QUIET_OFFERS = ("22:00-07:00", "23:00-08:00", "00:00-06:00")


async def settings(context: BotContext, request: Request, words: SettingWords) -> Effect:
    """/settings, one setting's screen, or a change."""
    if words.value is not None:
        return _change(context, request, words, words.name)
    return _show(context, request, words.name)


async def open_section(context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """A section's button, or Back."""
    return _show(context, request, argument["to"])


async def set_by_button(context: BotContext, request: Request, argument: Mapping[str, Any]) -> Effect:
    """A button that changes something: its words, then the section again."""
    words = parse_setting(str(argument["words"]).split())
    if isinstance(words, Malformed) or not isinstance(words, SettingWords):
        return saying(request, "usage-settings")
    return _change(context, request, words, argument["section"])


def _change(context: BotContext, request: Request, words: SettingWords, section: str) -> Effect:
    async def effect(uow: UnitOfWork) -> str:
        await _APPLY[words.name](context, uow, request.user.id, words.value)
        changed = request
        if words.name == "language":
            changed = replace(request, user=replace(request.user, language=str(words.value)))
        await _render(context, uow, changed, section)
        return "toast-saved"

    return effect


def _show(context: BotContext, request: Request, section: str) -> Effect:
    async def effect(uow: UnitOfWork) -> str:
        await _render(context, uow, request, section)
        return ""

    return effect


async def _render(context: BotContext, uow: UnitOfWork, request: Request, section: str) -> None:
    """The overview, or one section with its buttons and Back."""
    user = await users.by_id(uow, request.user.id) or request.user
    mine, told = await user_settings.read(uow, user.id), await notifications.settings(uow, user.id)
    method = (await portfolio.preferences(uow, user.id)).lot_method
    section = "presets" if section == "sell" else "quiet" if section == "digest" else section
    choices = _choices(context, section, mine, told)
    actions = [ButtonAction("settings_set", {"words": words, "section": section}) for words, _ in choices]
    if section:
        actions.append(ButtonAction("settings_open", {"to": ""}))
    else:
        actions += [ButtonAction("settings_open", {"to": name}) for name in SECTIONS]
    handles = await request.buttons(uow, actions, TTL)
    data = {
        "section": section,
        "language": NAMES.get(user.language, user.language),
        "mode": user.mode,
        "confirm": user.confirm_orders,
        "slippage_bps": mine.slippage_bps,
        "buy_presets": [format(one, "f") for one in mine.buy_presets],
        "sell_presets": list(mine.sell_presets),
        "phrase": mine.phrase,
        "lots": method,
        "timezone": told.timezone,
        "quiet": None if told.quiet is None else _hours(told.quiet),
        "digest": told.digest,
        "modes": {event.value: told.mode(event).value for event in Event},
        "choices": [{"label": label, "handle": handle} for (_, label), handle in zip(choices, handles, strict=False)],
        "sections": [] if section else [{"name": name, "handle": handle} for name, handle in zip(SECTIONS, handles, strict=True)],
        "back": handles[-1] if section else None,
    }
    await request.show(uow, "settings", data, priority=outbox.CONFIRMATION)


_FIXED: Mapping[str, list[tuple[str, dict[str, str]]]] = {
    "mode": [("mode paper", {"id": "mode-paper"}), ("mode live", {"id": "mode-live"})],
    "slippage": [(f"slippage {share}", {"text": share}) for share in SLIPPAGES],
    "confirm": [("confirm on", {"id": "setting-on"}), ("confirm off", {"id": "setting-off"})],
    "lots": [(f"lots {name}", {"text": name.upper()}) for name in ("fifo", "lifo", "hifo")],
}
"""The buttons of a section: the words of each, and what its label says (`id` of a text, or `text` as it stands)."""


def _choices(context: BotContext, section: str, mine: UserSettings, told: NotificationSettings) -> list[tuple[str, dict[str, str]]]:
    match section:
        case "language":
            return [(f"language {code}", {"text": name}) for code, name in NAMES.items() if code in context.catalog.languages]
        case "notify":
            return [_event(event, told) for event in Event if event is not Event.SECURITY]
        case "quiet":
            offers = [(f"quiet {hours}", {"text": hours}) for hours in QUIET_OFFERS]
            digest = ("digest off", {"id": "digest-off"}) if told.digest else ("digest on", {"id": "digest-on"})
            return [*offers, ("quiet off", {"id": "quiet-off"}), digest]
        case "phrase" if mine.phrase:
            return [("phrase off", {"id": "phrase-off"})]
    return _FIXED.get(section, [])


def _event(event: Event, told: NotificationSettings) -> tuple[str, dict[str, str]]:
    following = next_mode(told.mode(event))
    return f"notify {event.value} {following.value}", {"event": event.value, "mode": told.mode(event).value}


def _hours(quiet: QuietHours) -> str:
    return f"{quiet.begin // 60:02}:{quiet.begin % 60:02}–{quiet.end // 60:02}:{quiet.end % 60:02}"


Apply = Callable[[BotContext, UnitOfWork, int, Any], Awaitable[None]]


async def _language(context: BotContext, uow: UnitOfWork, user_id: int, value: str) -> None:
    await user_settings.set_language(uow, user_id, value, context.catalog.languages)


async def _mode(_context: BotContext, uow: UnitOfWork, user_id: int, value: str) -> None:
    await user_settings.set_mode(uow, user_id, value)


async def _slippage(_context: BotContext, uow: UnitOfWork, user_id: int, value: int) -> None:
    await user_settings.set_slippage(uow, user_id, value)


async def _presets(_context: BotContext, uow: UnitOfWork, user_id: int, value: Sequence[Decimal]) -> None:
    await user_settings.set_buy_presets(uow, user_id, value)


async def _sell(_context: BotContext, uow: UnitOfWork, user_id: int, value: Sequence[int]) -> None:
    await user_settings.set_sell_presets(uow, user_id, value)


async def _confirm(_context: BotContext, uow: UnitOfWork, user_id: int, value: bool) -> None:
    await users.set_confirm_orders(uow, user_id, confirm=value)


async def _notify(_context: BotContext, uow: UnitOfWork, user_id: int, value: tuple[Event, Mode]) -> None:
    await notifications.set_mode(uow, user_id, *value)


async def _quiet(_context: BotContext, uow: UnitOfWork, user_id: int, value: tuple[QuietHours | None, str | None]) -> None:
    await notifications.set_quiet_hours(uow, user_id, *value)


async def _digest(_context: BotContext, uow: UnitOfWork, user_id: int, value: bool) -> None:
    await notifications.set_digest(uow, user_id, digest=value)


async def _phrase(_context: BotContext, uow: UnitOfWork, user_id: int, value: str) -> None:
    await user_settings.set_phrase(uow, user_id, value)


async def _lots(_context: BotContext, uow: UnitOfWork, user_id: int, value: str) -> None:
    await portfolio.set_preferences(uow, user_id, lot_method=LotMethod(value))


_APPLY: Mapping[str, Apply] = {
    "language": _language,
    "mode": _mode,
    "slippage": _slippage,
    "presets": _presets,
    "sell": _sell,
    "confirm": _confirm,
    "notify": _notify,
    "quiet": _quiet,
    "digest": _digest,
    "phrase": _phrase,
    "lots": _lots,
}


async def presets_of(context: BotContext, user_id: int) -> UserSettings:
    """A user's presets and slippage, for the handlers of orders."""
    async with reading(context.edge.pool) as uow:
        return await user_settings.read(uow, user_id)
