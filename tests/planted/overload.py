"""Planted bugs of overload: exits that queue with the rest, and a flood that is served to the end."""

from __future__ import annotations

from typing import Any

from tests.planted.registry import Plant, planted

P33 = "tests/promises/test_p33_overload.py"


@planted(promise="P33", name="exits are shed too", breaks=f"{P33}::test_a_burst_of_one_user_is_cut_and_told_and_its_exits_get_through")
def exits_are_shed_too(plant: Plant) -> None:
    """Nothing is always taken."""
    plant.patch("bot.dispatcher.always_taken", lambda _words: False)
    plant.patch("bot.dispatcher.EXIT_ACTIONS", frozenset())


@planted(promise="P33", name="nothing is shed", breaks=f"{P33}::test_a_burst_of_one_user_is_cut_and_told_and_its_exits_get_through")
def nothing_is_shed(plant: Plant) -> None:
    """Every order of the flood goes in."""

    def verdict(_self: Any, _sender: int, _age: Any) -> str:
        return ""

    plant.patch("bot.overload.Overload.verdict", verdict)


@planted(promise="P33", name="exits wait their turn", breaks=f"{P33}::test_an_exit_does_not_wait_behind_everybody_s_backlog")
def exits_wait_their_turn(plant: Plant) -> None:
    """The inbox is read strictly by age."""

    async def look(_self: Any, _owned: Any) -> None: ...

    plant.patch("bot.consumer.InboxConsumer._look_at_urgent", look)


@planted(promise="P33", name="old orders are carried out", breaks=f"{P33}::test_a_backlog_that_waited_too_long_is_refused_honestly")
def old_orders_are_carried_out(plant: Plant) -> None:
    """Nobody looks how long something waited."""
    from datetime import timedelta  # noqa: PLC0415

    from bot.overload import Overload  # noqa: PLC0415  (patched, hence read late)

    verdict = Overload.verdict

    def ageless(self: Any, sender: int, _age: Any) -> str:
        return verdict(self, sender, timedelta(0))

    plant.patch("bot.overload.Overload.verdict", ageless)
