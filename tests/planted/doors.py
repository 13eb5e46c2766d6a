"""Planted bugs at the doors: each shows or gives somebody what is another's, or lets somebody do what he may not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.planted.registry import Plant, planted

P19 = "tests/promises/test_p19_own_things.py"
OTHERS = f"{P19}::test_another_user_reads_nothing_and_changes_nothing"


@planted(promise="P19", name="a door nobody declared", breaks=f"{P19}::test_every_door_is_declared")
def undeclared_door(plant: Plant) -> None:
    """A new action comes along without a row in the matrix."""
    from bot import callbacks  # noqa: PLC0415

    plant.patch("bot.callbacks.ACTIONS", {**callbacks.ACTIONS, "show_anything": callbacks.ACTIONS["refresh_portfolio"]})


@planted(promise="P19", name="the reason of anybody's order", breaks=OTHERS)
def reason_of_anybodys_order(plant: Plant) -> None:
    """/why finds an order by its code alone."""
    from core.trading import repository  # noqa: PLC0415

    plant.patch("core.trading.repository._BY_CODE", repository._BY_CODE.replace("o.user_id = $1 and", "$1::bigint is not null and"))


@planted(promise="P19", name="anybody takes back anybody's alert", breaks=OTHERS)
def anybodys_alert(plant: Plant) -> None:
    """The id in the button is trusted."""
    from core.alerts import repository  # noqa: PLC0415

    honest = repository.finish

    async def finish(uow: Any, alert_id: Any, state: str, evaluation: Any, *, user_id: int | None = None) -> bool:
        return await honest(uow, alert_id, state, evaluation)

    plant.patch("core.alerts.repository.finish", finish)


@planted(promise="P19", name="a stolen button is used up", breaks=OTHERS)
def stolen_button(plant: Plant) -> None:
    """Nobody asks whose button it is, neither when it is looked at nor when it is used up."""
    from core.outbox import repository  # noqa: PLC0415

    honest = repository.find_button

    async def find_button(connection: Any, handle: str, _user_id: int, chat_id: int) -> Any:
        owner = await connection.fetchval("select user_id from outbox_buttons where handle = $1", handle)
        return await honest(connection, handle, owner, chat_id)

    plant.patch("core.outbox.repository.find_button", find_button)
    plant.rewrite_function("outbox_press_button", "v_button.user_id <> p_user_id or ", "")


@planted(promise="P19", name="a frozen account trades", breaks=OTHERS)
def frozen_account_trades(plant: Plant) -> None:
    """Its standing is not asked at the door."""
    plant.patch("core.users.types.User.may_trade", property(lambda _user: True))


P31 = "tests/promises/test_p31_private.py"
ELSEWHERE = f"{P31}::test_what_is_said_outside_the_private_chat_shows_and_does_nothing_private"
OWN_CHAT = f"{P31}::test_a_private_chat_obeys_what_its_owner_typed_and_nothing_else"


def _reading_otherwise(plant: Plant, **changes: Any) -> None:
    """Every message is read with these fields of it changed."""
    from bot import incoming  # noqa: PLC0415

    honest = incoming._said

    def said(message: Any) -> Any:
        found = honest(message)
        return None if found is None else replace(found, **changes)

    plant.patch("bot.incoming._said", said)


@planted(promise="P31", name="a group is answered as a private chat", breaks=ELSEWHERE)
def group_is_answered(plant: Plant) -> None:
    """Nobody asks what kind of chat it is."""
    _reading_otherwise(plant, private=True)


@planted(promise="P31", name="the chat's kind alone makes it private", breaks=ELSEWHERE)
def kind_makes_it_private(plant: Plant) -> None:
    """A private chat is believed to be the speaker's own."""
    from bot import incoming  # noqa: PLC0415

    honest = incoming._said

    def said(message: Any) -> Any:
        found = honest(message)
        return None if found is None else replace(found, private=message.chat.type == "private")

    plant.patch("bot.incoming._said", said)


@planted(promise="P31", name="a forwarded command is obeyed", breaks=OWN_CHAT)
def forwarded_command_is_obeyed(plant: Plant) -> None:
    """Whoever makes somebody forward a text trades for him."""
    _reading_otherwise(plant, forwarded=False)


@planted(promise="P31", name="an edited message is obeyed", breaks=OWN_CHAT)
def edited_message_is_obeyed(plant: Plant) -> None:
    """Editing an old text runs it again."""
    from bot import incoming  # noqa: PLC0415

    honest = incoming.translate

    def translate(payload: dict[str, Any], bot: Any) -> Any:
        return honest({**payload, "message": payload.get("message") or payload.get("edited_message")}, bot)

    plant.patch("bot.incoming.translate", translate)


@planted(promise="P31", name="a button works in any chat", breaks=f"{P31}::test_a_button_pressed_in_a_group_or_inline_does_nothing")
def button_works_in_any_chat(plant: Plant) -> None:
    """Where it is pressed is not compared with where it was shown."""
    plant.rewrite_function("outbox_press_button", " or v_button.chat_id <> p_chat_id", "")
    plant.rewrite_function("outbox_press_button", "if v_shown is distinct from p_telegram_message_id then", "if false then")


P30 = "tests/promises/test_p30_names.py"
EVERY_SCREEN = f"{P30}::test_every_screen_shows_any_name_harmlessly"


@planted(promise="P30", name="names are not escaped", breaks=EVERY_SCREEN)
def names_are_not_escaped(plant: Plant) -> None:
    """A token called <b> is bold."""
    plant.patch("bot.names.escaped", lambda text: text)


@planted(promise="P30", name="hidden characters stay", breaks=EVERY_SCREEN)
def hidden_characters_stay(plant: Plant) -> None:
    """What turns the line around is shown as it came."""
    plant.patch("bot.names._hides", lambda _character: False)


@planted(promise="P30", name="a name may be a link", breaks=EVERY_SCREEN)
def name_may_be_a_link(plant: Plant) -> None:
    """Telegram links what looks like an address."""
    plant.patch("bot.names.unlinked", lambda text: text)


@planted(promise="P30", name="a look-alike says nothing", breaks=EVERY_SCREEN)
def look_alike_says_nothing(plant: Plant) -> None:
    """Cyrillic ВТС stands there as if it were BTC."""
    plant.patch("bot.names.look_alike", lambda _text: "")


@planted(promise="P30", name="nothing is cut", breaks=EVERY_SCREEN)
def nothing_is_cut(plant: Plant) -> None:
    """Telegram refuses what is too long, and the message never comes."""
    plant.patch("bot.screens.fitting.shortened", lambda text, _longest: text)
    plant.patch("bot.names.LONGEST", 100_000)


@planted(promise="P19", name="every role may everything", breaks=f"{P19}::test_a_role_without_the_right_is_refused_and_nothing_changes")
def every_role_may_everything(plant: Plant) -> None:
    """The table of rights is not asked."""
    plant.patch("core.users.types.User.may", lambda _user, _right: True)
