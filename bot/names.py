"""Makes names harmless: what users, tokens and venues call things must not become markup, a link, or another's name. Pure.

Called by the catalogue for every parameter and by the registry for every label. `look_alike` knows the tickers that people are fooled
with; which instrument somebody means is decided elsewhere, in plain letters only.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

LONGEST = 256
_COLORED = "\ufe0f"
MOST_MARKS = 2
"""Marks on one letter; more of them are there to cover other lines."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_INVISIBLE = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800\u034f\u180b\u180c\u180d\u180f")
_LINKS = (
    (re.compile(r"@"), "＠"),
    (re.compile(r"://"), "∶//"),
    (re.compile(r"(?<=[^\s.])\.(?=[^\W\d_])"), "․"),
    (re.compile(r"(?<!\w)/(?=\w)"), "⁄"),
    (re.compile(r"(?<!\w)#(?=\w)"), "＃"),
    (re.compile(r"(?<!\w)\$(?=[A-Za-z])"), "＄"),
)
"""What Telegram makes links and commands of by itself, and signs that look the same and are none."""

TICKERS = frozenset({
    "BTC", "WBTC", "CBBTC", "ETH", "WETH", "STETH", "USDT", "USDC", "USD", "EUR", "GBP", "DAI", "USDE", "FDUSD",
    "PYUSD", "SOL", "BNB", "XRP", "ADA", "DOGE", "TRX", "TON", "AVAX", "DOT", "LINK", "LTC", "BCH", "XMR",
    "XLM", "ATOM", "UNI", "AAVE", "ARB", "OP", "SUI", "APT", "SEI", "NEAR", "FIL", "ICP", "HBAR", "INJ",
    "JUP", "PEPE", "SHIB", "BONK", "WIF", "LDO", "MKR", "CRV", "PAXG", "POL", "MATIC", "TAO", "HYPE", "ENA",
    "ONDO",
})  # fmt: skip
_LATIN = {
    "A": "АΑᎪꓮᴀ", "B": "ВΒᏴꓐʙ", "C": "СϹᏟꓚᴄ", "D": "ᎠꓓᴅĐ", "E": "ЕΕᎬꓰᴇЄ", "F": "Ϝꓝꜰ", "G": "ԌᏀꓖɢ", "H": "НΗᎻꓧʜ", "I": "ІΙӀꓲɪı|¡",
    "J": "ЈᎫꓙᴊ", "K": "КΚᏦꓗᴋ", "L": "ᏞꓡʟŁ", "M": "МΜᎷꓟᴍ", "N": "Νꓠɴ",
    "O": "ОΟՕꓳᴏØ", "P": "РΡᏢꓑᴘ", "R": "ᎡꓣʀЯ", "S": "ЅᏚꓢꜱ", "T": "ТΤᎢꓔᴛ", "U": "Սꓴᴜ",
    "V": "ѴᏙꓦᴠ", "W": "ԜᎳꓪᴡ", "X": "ХΧꓫ", "Y": "УΥҮꓬʏ", "Z": "ΖᏃꓜᴢ",
}  # fmt: skip
_SAME = {ord(other): letter for letter, others in _LATIN.items() for other in others + others.lower()}
_DIGITS = (str.maketrans("01358", "OIESB"), str.maketrans("01358", "OLESB"))
_WORD = re.compile(r"[^\s/·,;:()\[\]]+")


def visible(text: str, *, emoji: bool = False, longest: int | None = None) -> str:
    """Without bidirectional marks, zero-width and other characters that show nothing; white space becomes one space.

    `emoji` keeps the sign that colors the symbol before it: for words of ours, which use it.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[: longest or LONGEST]
    kept: list[str] = []
    for character in text:
        if not _hides(character) or (emoji and character == _COLORED and kept and unicodedata.category(kept[-1]) in ("So", "Sm")):
            kept.append(" " if character.isspace() else character)
    return _thin(" ".join("".join(kept).split()))[: longest or LONGEST]


def _hides(character: str) -> bool:
    return (unicodedata.category(character) in _HIDDEN and not character.isspace()) or character in _INVISIBLE or _is_selector(character)


def _is_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _thin(text: str) -> str:
    """At most two marks on a letter."""
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def escaped(text: str) -> str:
    """For Telegram's HTML: no markup, no reference."""
    return html.escape(text, quote=False)


def harmless(text: str) -> str:
    """Visible and escaped."""
    return escaped(visible(text))


def unlinked(text: str) -> str:
    """The same words, of which Telegram makes no link, no mention and no command."""
    for pattern, sign in _LINKS:
        text = pattern.sub(sign, text)
    return text


@lru_cache(maxsize=4096)
def look_alike(text: str) -> str:
    """The ticker that a word of `text` looks like and is not: `ВТС` in Cyrillic, `ＢＴＣ`, `S0L`. '' for what is written honestly."""
    if text.isascii() and not (any(map(str.isdigit, text)) and any(map(str.isalpha, text))):
        return ""
    for word in _WORD.findall(text):
        if word.upper() not in TICKERS or not word.isascii():
            found = next((plain for plain in _plain_letters(word) if plain in TICKERS), "")
            if found:
                return found
    return ""


def _plain_letters(word: str) -> list[str]:
    """What the eye may read, in capital Latin letters."""
    spread = unicodedata.normalize("NFKD", word.translate(_SAME))
    latin = "".join(one for one in spread if not unicodedata.combining(one)).translate(_SAME).upper().translate(_SAME)
    latin = latin.strip("$＄")
    if word.isascii() and latin.isalpha():
        return []
    return [latin, *(latin.translate(digits) for digits in _DIGITS)]
