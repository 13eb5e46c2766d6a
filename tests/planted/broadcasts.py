"""Planted bugs of broadcasts and of Telegram's limits."""

from __future__ import annotations

from typing import Any

from tests.planted.registry import Plant, planted

P35 = "tests/promises/test_p35_telegram_limits.py::test_a_broadcast_keeps_the_limits_lets_confirmations_go_first_and_loses_nobody"


@planted(promise="P35", name="urgency is ignored", breaks=P35)
def urgency_is_ignored(plant: Plant) -> None:
    """First come, first served: in the database and in the limiter; and as many broadcasts at once as there is room for."""
    from bot.limiter import Limiter  # noqa: PLC0415  (patched, hence read late)
    from core.outbox import repository  # noqa: PLC0415

    permit = Limiter.bot_permit
    assert "order by c.priority, c.id limit $5" in repository._WAITING, "the plant has withered"

    async def bot_permit(self: Any, _priority: int) -> None:
        await permit(self, 5)

    plant.patch("bot.limiter.Limiter.bot_permit", bot_permit)
    plant.patch("core.outbox.repository._WAITING", repository._WAITING.replace("order by c.priority, c.id", "order by c.id"))
    plant.patch("bot.sender.MOST_BROADCASTS_AT_ONCE", 128)


@planted(promise="P35", name="the limit is not asked", breaks=P35)
def the_limit_is_not_asked(plant: Plant) -> None:
    """Everything goes out at once, and Telegram refuses."""

    async def bot_permit(_self: Any, _priority: int) -> None: ...

    plant.patch("bot.limiter.Limiter.bot_permit", bot_permit)


@planted(promise="P35", name="the cursor stays behind", breaks="tests/core/notifications/test_broadcasts.py")
def the_cursor_stays_behind(plant: Plant) -> None:
    """A chunk is told again after a crash: the cursor moves one short."""
    from core.notifications import broadcast_rows  # noqa: PLC0415

    move = broadcast_rows.move

    async def one_short(uow: Any, broadcast_id: int, cursor: int, **counts: int) -> None:
        await move(uow, broadcast_id, cursor - 1 if counts["queued"] > 1 else cursor, **counts)

    plant.patch("core.notifications.broadcast_rows.move", one_short)
