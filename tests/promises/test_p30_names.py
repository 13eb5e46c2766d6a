"""P30: any name renders harmless: no markup, no link, nothing hidden, no look-alike of a known ticker without a word about it.

The data of every screen comes from real handlers (the grand tour of tests/support/tour.py) or, for what only comes with time, from the
samples below; a screen without data fails. Each string in it, one at a time, is replaced by hostile names, and what Telegram would show
is compared with what it shows for an honest name in the same place.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bot.attachments import MAKERS
from bot.catalog import OURS, OWN_WORDS, Texts, load_catalog
from bot.screens import fitting
from bot.screens.registry import CAPTIONS, SCREENS, render
from bot.screens.rendered import Rendered
from core.db.pool import Pool
from core.kernel.secret import Secret
from core.market.rules import resolve_symbol
from sandbox.telegram.entities import detect, utf16_length
from sandbox.telegram.html import parse_html
from tests.promises.conftest import Proof
from tests.support.screen_samples import SAMPLES
from tests.support.telegram_desk import OPERATOR, telegram_desk
from tests.support.tour import TIRELESS, grand_tour, operators_tour, prepare_market, shown_screens

pytestmark = pytest.mark.timeout(300)
"""A whole desk is toured; on a machine that others use that takes its time."""

HONEST = "Zqx"
HOSTILE = (
    "<b>x</b>", "</code><a href='https://evil.example'>x</a>", "&lt;b&gt;", "&#60;b&#62;", "*x* _x_ `x` [x](https://evil.example)", "<",
    "x\u202eTDSU\u202c", "\u2066x\u2069\u2067", "\u200bx\u200d\u2060\ufeff", "x\u061c\u200e\u200f", "x\x00\x07\x1b[2J", "x\n\n\nBalance: 1",
    "\u115f\u3164\u2800x", "x\U000e0041\U000e007f", "x\ufe0f", "e\u0301" + "\u0336" * 200, "x" * 5_000, "𝕏" * 3_000, "\n" * 500 + "x",
    "https://evil.example/a", "evil.com", "t.me/evil", "@evil_bot", "/sell", "#evil", "$EVIL", "a@evil.com", "tg://resolve?domain=x",
    "{ $x }",
)  # fmt: skip
LOOK_ALIKES = ("ВТС", "BТC", "ＢＴＣ", "ʙᴛᴄ", "BŤC", "ᏴᎢᏟ", "𝐁𝐓𝐂", "В\u200bТС", "ꓐꓔꓚ", "ВTC", "βτϲ")
NAMES = frozenset({"symbol", "base", "quote", "venue", "asset", "token", "phrase", "desk"})
"""Fields that hold names: whatever stands there, the screen must show it."""
UNFIT = (LookupError, ValueError, ArithmeticError, TypeError, AttributeError)
"""What a screen may answer to a figure or a word of ours that is none: the row fails alone, nothing is shown."""
EMOJI = ("So", "Sm", "Nd", "Po")
FIGURE = re.compile(r"[-+0-9.,]*")
Path = tuple[str | int, ...]
TEXTS: Texts = load_catalog().texts("en")


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every string in a screen's data."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from leaves(inner, (*path, place))


def put(data: Any, path: Path, value: str) -> Any:
    """The data with one string replaced."""
    changed = copy.deepcopy(data)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


def spoken(rendered: Rendered) -> str:
    return "\n".join([rendered.text, *(button.label for row in rendered.rows for button in row)])


def hidden_in(text: str) -> set[str]:
    """Characters that show nothing, or turn the order around; the sign that colors an emoji is none."""
    found = set()
    for before, one in zip(" " + text, text, strict=False):
        category = unicodedata.category(one)
        if one == "\ufe0f" and unicodedata.category(before) in EMOJI:
            continue
        if (
            (category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") and one != "\n")
            or one in "\u115f\u3164\u2800\uffa0"
            or "\ufe00" <= one <= "\ufe0f"
        ):
            found.add(f"U+{ord(one):04X}")
    return found


def entities_of(screen: str, rendered: Rendered) -> Counter[str]:
    """What Telegram would make of it; raises its own complaint for what it refuses."""
    if screen == "toast":
        return Counter()
    text, entities = parse_html(rendered.text)
    assert utf16_length(text) <= (1024 if screen in CAPTIONS else 4096), f"{screen} is too long for Telegram"
    return Counter(entity["type"] for entity in detect(text, entities))


def check(screen: str, data: Any, path: Path, name: str) -> bool:
    """Renders it with a hostile name and with an honest one; False where the field is no name and nothing was shown."""
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    where = f"{name!r} as {'.'.join(map(str, path))} of the screen {screen!r}"
    honest = attempt(screen, put(data, path, HONEST))
    hostile = attempt(screen, put(data, path, name))
    if hostile is None:
        return False
    assert hidden_in(spoken(hostile)) == set(), f"{where} keeps what is hidden"
    found = entities_of(screen, hostile)
    for row in hostile.rows:
        for button in row:
            assert 0 < len(button.label) <= fitting.LONGEST_LABEL, where
            assert "\n" not in button.label, where
    if honest is not None and key not in OURS:
        more = found - entities_of(screen, honest)
        assert not more, f"{where} became {dict(more)}"
        if name in LOOK_ALIKES and key not in OWN_WORDS:
            shown = Counter({flag: spoken(one).count("⚠️ not BTC") for flag, one in (("honest", honest), ("hostile", hostile))})
            assert HONEST not in spoken(honest) or shown["hostile"] > shown["honest"], f"{where} passes for BTC"
    return True


def attempt(screen: str, data: Any) -> Rendered | None:
    try:
        return render(screen, data, TEXTS)
    except UNFIT:
        return None


def one_of_each(found: Iterator[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """Of fields that only differ in their place in a list, one."""
    return list({path_name(path): (path, value) for path, value in found}.values())


def distinct(found: list[tuple[str, Any]], most: int) -> list[tuple[str, Any]]:
    """One of each shape: screen, fields, and the words that choose what it says; so many a screen."""
    kept = {}
    for screen, data in found:
        words = tuple(
            str(data.get(word, "")) for word in ("state", "side", "question", "section", "id", "code" if screen == "toast" else "kind")
        )
        kept[(screen, tuple(sorted({path_name(path) for path, _ in leaves(data)})), words)] = (screen, data)
    count: Counter[str] = Counter()
    chosen = []
    for screen, data in kept.values():
        count[screen] += 1
        if count[screen] <= most:
            chosen.append((screen, data))
    return chosen


def path_name(path: Path) -> str:
    return ".".join("*" if isinstance(part, int) else part for part in path)


async def test_every_screen_shows_any_name_harmlessly(
    app_dsn: Secret, pool: Pool, valkey_url: str, proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handlers.history.PAGE", 1)
    async with telegram_desk(app_dsn, pool, valkey_url, **TIRELESS) as desk:
        await prepare_market(desk)
        await operators_tour(await grand_tour(desk, 7), OPERATOR)
        found = distinct([*await shown_screens(pool), *SAMPLES], proof.size(test=3, promises=1_000, soak=1_000))
    missing = set(SCREENS) - {screen for screen, _ in found}
    assert missing == set(), (
        "screens without data: let tests/support/doors.py lead there, or add a sample to tests/support/screen_samples.py"
    )
    most = proof.size(test=1, promises=10_000, soak=10_000)
    tried = shown = 0
    for screen, data in found:
        assert attempt(screen, data) is not None, f"the data of {screen!r} cannot be shown"
        for path, value in one_of_each(leaves(data)):
            is_name = path[-1] in NAMES and not FIGURE.fullmatch(value)
            chosen = list(HOSTILE + LOOK_ALIKES)
            proof.random.shuffle(chosen)
            for name in chosen[: most * (3 if is_name else 1)]:
                tried += 1
                shown += check(screen, data, path, name)
                assert not is_name or attempt(screen, put(data, path, name)), f"{name!r} as {path} of {screen!r} cannot be shown"
    assert shown > tried // 10, "almost nothing was shown: the fields of the screens are not reached"
    proof.record(f"{tried:,} names in the fields of {len(SCREENS)} screens, {shown:,} shown, none with markup, links or hidden signs")


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_a_look_alike_never_stands_for_the_instrument(name: str) -> None:
    known = ["BTC/USDT", "ETH/USDT"]
    for text in (name, f"{name}/USDT", f"{name}USDT", f"{name}-USDT"):
        assert resolve_symbol(text, known) is None


async def test_a_typed_look_alike_is_told_and_does_nothing(app_dsn: Secret, pool: Pool, valkey_url: str) -> None:
    async with telegram_desk(app_dsn, pool, valkey_url, **TIRELESS) as desk:
        user = await desk.user(7)
        for text in ("ВТС", "＄ＢＴＣ", "ВТС/USDT"):
            assert "look like BTC and are not" in (await user.ask(text, "⚠️")).text
        for text in ("/buy ВТС/USDT 100", "/sell ＢＴＣ/USDT 50%", "/alerts ВТС/USDT above 1"):
            await user.ask(text, "nothing happened")
        assert await pool.fetchval("select count(*) from orders") == 0


async def test_what_is_traded_is_shown_with_its_place(app_dsn: Secret, pool: Pool, valkey_url: str) -> None:
    """There are no contracts yet: the venue's name for the asset stands where a contract will."""
    async with telegram_desk(app_dsn, pool, valkey_url, **TIRELESS) as desk:
        user = await desk.user(7)
        await user.ask("/start", "Welcome")
        assert "paper:BTC" in (await user.ask("BTC/USDT", "BTC/USDT")).text
        assert "Venue: paper" in (await user.ask("/buy BTC/USDT 100", "Minimum received")).text


def test_captions_are_the_screens_that_carry_something() -> None:
    assert set(MAKERS) == CAPTIONS
