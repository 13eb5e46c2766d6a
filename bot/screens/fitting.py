"""What Telegram accepts and a person reads: texts and captions cut at a line where they are too long, labels in plain characters. Pure.

Called by the registry for every screen, so that no screen needs to count. A message that was cut ends with `…`.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace

from bot.catalog import Markup, Texts
from bot.names import escaped, look_alike, visible
from bot.screens.rendered import Button, Rendered

ROOM = 96
"""For the owner's phrase, which the sender puts above."""
LONGEST_TEXT = 4096 - ROOM
LONGEST_CAPTION = 1024 - ROOM
LONGEST_LABEL = 64
MORE = "…"
_TAG = re.compile(r"<(/?)([a-z-]+)[^>]*>")


def fitted(rendered: Rendered, texts: Texts, *, caption: bool) -> Rendered:
    """The same message within Telegram's limits, its labels plain."""
    rows = [[Button(label(button.label, texts), button.handle) for button in row] for row in rendered.rows]
    return replace(rendered, text=shortened(rendered.text, LONGEST_CAPTION if caption else LONGEST_TEXT), rows=rows)


def label(text: str, texts: Texts) -> str:
    """A button's words: no markup there, so nothing stays escaped; a look-alike says so."""
    shown = visible(html.unescape(text), emoji=True)
    known = look_alike(shown)
    if known and texts("look-alike", name="", ticker=known).strip() not in shown:
        shown = html.unescape(texts("look-alike", name=Markup(escaped(shown[: LONGEST_LABEL // 2])), ticker=Markup(known)))
    return (shown if len(shown) <= LONGEST_LABEL else shown[: LONGEST_LABEL - 1] + MORE) or MORE


def shortened(text: str, longest: int) -> str:
    """Whole lines from the top, as many as fit with every tag closed; one line that is too long alone is cut, without its markup."""
    if _length(text) <= longest:
        return text
    lines = text.split("\n")
    for count in range(len(lines) - 1, 0, -1):
        kept = "\n".join(lines[:count])
        if _length(kept) <= longest - len(MORE) - 1 and _balanced(kept):
            return f"{kept}\n{MORE}"
    plain = html.unescape(_TAG.sub("", text))
    return html.escape(plain.encode("utf-16-le")[: (longest - 1) * 2].decode("utf-16-le", "ignore"), quote=False) + MORE


def _length(text: str) -> int:
    """UTF-16 units after parsing, as Telegram counts."""
    return len(html.unescape(_TAG.sub("", text)).encode("utf-16-le")) // 2


def _balanced(text: str) -> bool:
    opened: list[str] = []
    for closing, name in _TAG.findall(text):
        if not closing:
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened
