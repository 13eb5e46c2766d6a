"""Planted bugs of the chat: each lets a button work for somebody or some time it must not."""

from __future__ import annotations

from tests.planted.registry import Plant, planted

ONCE = "tests/promises/test_p17_buttons.py::test_a_button_works_once_for_its_own_user_in_its_own_message"
FUNCTION = "outbox_press_button"


@planted(promise="P17", name="a used button works again", breaks=ONCE)
def used_button_works_again(plant: Plant) -> None:
    """The condition that makes a button single is gone."""
    plant.rewrite_function(FUNCTION, "and b.used_at is null and b.expires_at", "and b.expires_at")


@planted(promise="P17", name="anybody's button", breaks=ONCE)
def anybodys_button(plant: Plant) -> None:
    """Nobody asks whose button it is."""
    plant.rewrite_function(FUNCTION, "v_button.user_id <> p_user_id or ", "")


@planted(promise="P17", name="a button of another message", breaks=ONCE)
def button_of_another_message(plant: Plant) -> None:
    """Nobody asks in which message it was pressed."""
    plant.rewrite_function(FUNCTION, "if v_shown is distinct from p_telegram_message_id then", "if false then")


@planted(promise="P17", name="a button for ever", breaks=ONCE)
def button_for_ever(plant: Plant) -> None:
    """Expiry is forgotten."""
    plant.rewrite_function(FUNCTION, " and b.expires_at > now()", "")


@planted(promise="P17", name="the other button still works", breaks=ONCE)
def the_other_button_still_works(plant: Plant) -> None:
    """Using one button of a group leaves the others."""
    plant.rewrite_function(FUNCTION, "where b.group_id = v_button.group_id and b.used_at is null;", "where false;")
