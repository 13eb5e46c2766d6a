"""The guide tells the truth: its commands are understood, its main flow works in order, and every screen has a picture."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from bot.grammar import COMMAND_NAMES, parse
from bot.grammar.words import FreeText, Malformed
from bot.screens.registry import SCREENS
from core.db.pool import Pool
from core.kernel.secret import Secret
from ops.__main__ import parser
from sandbox.telegram.client import ChatMessage, SandboxUser
from tests.support.telegram_desk import TelegramDesk, telegram_desk

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide"
IMAGES = GUIDE / "img"
LANGUAGES = ("en", "es")
LARGEST_BYTES = 60_000
PAGES = ("README.md", "operator.md")
CODE = re.compile(r"`([^`]+)`")
PICTURE = re.compile(r"!\[[^\]]+\]\(img/([a-z_]+)\.(en|es)\.png\)")
NO_PICTURE = {
    "toast": "a short word over the chat that is gone at once, no message",
    "digest": "comes at the end of quiet hours, hours after its alerts",
}
BOUGHT_AT, SOLD_AT = "61000", "60990"


def codes(page: str) -> list[str]:
    """Every piece of code of a page, in order."""
    return CODE.findall((GUIDE / page).read_text(encoding="utf-8"))


def commands(page: str) -> list[str]:
    """The chat commands of a page, in order; paths such as `/health` are the server's."""
    return [code for code in codes(page) if code.startswith("/") and code not in ("/health", "/metrics")]


def ops_commands() -> list[str]:
    """What the operator's page types at the command line."""
    return [code.removeprefix("python -m ops ") for code in codes("operator.md") if code.startswith("python -m ops ")]


@pytest.mark.parametrize("command", [one for page in PAGES for one in commands(page)])
def test_the_grammar_understands_every_command_of_the_guide(command: str) -> None:
    found = parse(command, "strongroom_bot")
    assert found is not None
    assert not isinstance(found, Malformed | FreeText), found


def test_the_guide_names_every_command_there_is() -> None:
    named = {command.split()[0][1:] for page in PAGES for command in commands(page)}
    assert set(COMMAND_NAMES) - named == {"alert"}, "an alias of /alerts"


@pytest.mark.parametrize("command", ops_commands())
def test_the_command_line_understands_every_command_of_the_guide(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(command)
    if words[-1] == "--help":
        with pytest.raises(SystemExit) as ended:
            parser().parse_args(words)
        assert ended.value.code == 0
        assert capsys.readouterr().out.startswith("usage")
    elif words:
        assert parser().parse_args(words).run


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", sorted(SCREENS.keys() - NO_PICTURE.keys()))
def test_every_screen_has_its_picture(screen: str, language: str) -> None:
    picture = IMAGES / f"{screen}.{language}.png"
    assert picture.is_file(), "make it by: make guide"
    assert picture.stat().st_size <= LARGEST_BYTES


def test_pictures_are_shown_and_there() -> None:
    shown = {found for page in PAGES for found in PICTURE.findall((GUIDE / page).read_text(encoding="utf-8"))}
    assert [found for found in sorted(shown) if not (IMAGES / ".".join((*found, "png"))).is_file()] == []
    assert SCREENS.keys() - NO_PICTURE.keys() - {name for name, _ in shown} == set()
    assert NO_PICTURE.keys() <= SCREENS.keys()


@pytest.fixture
async def desk(app_dsn: Secret, pool: Pool, valkey_url: str) -> TelegramDesk:  # type: ignore[misc]
    """A desk whose Bitcoin costs about what the guide's does."""
    async with telegram_desk(app_dsn, pool, valkey_url) as running:
        await running.set_book([(BOUGHT_AT, "50")], [(SOLD_AT, "50")])
        yield running


async def answered(user: SandboxUser, command: str) -> ChatMessage:
    """What the bot says to it."""
    return await user.ask(command, timeout_s=20)


async def confirmed(desk: TelegramDesk, user: SandboxUser, shown: ChatMessage) -> ChatMessage:
    """Presses Confirm where it stands, and lets the workers work."""
    await user.press(shown, "Confirm")
    await user.wait_for_message(regex=r"Accepted|armed|at work", message_id=shown.message_id, timeout_s=20)
    await desk.work()
    return await user.wait_for_message(regex=r"Bought|Sold|Working|Expired|armed|at work", message_id=shown.message_id, timeout_s=20)


async def test_the_guide_works_from_its_first_command_to_its_last(desk: TelegramDesk) -> None:
    """Whatever asks to be confirmed is confirmed; an order ends as it says, and nothing is called unknown or not understood."""
    user = await desk.user(7)
    ends: dict[str, str] = {}
    for command in commands("README.md"):
        shown = await answered(user, command)
        assert not re.search("Not understood|do not know this command|Something went wrong", shown.text), (command, shown.text)
        if any("Confirm" in button["text"] for button in shown.buttons) and not command.startswith("/settings"):
            ends[command] = (await confirmed(desk, user, shown)).text
        if command.startswith("/settings language"):
            await answered(user, "/settings language en")
    assert re.match(r"\W*Bought", ends["/buy BTC/USDT 100"])
    assert re.match(r"\W*Sold", ends["/sell BTC/USDT 50%"])
    assert re.match(r"\W*Working", ends["/buy BTC/USDT 100 limit 58000"])
    assert re.match(r"\W*Stop armed", ends["/sell BTC/USDT 50% stop 58000"])
    assert len(ends) >= 15
