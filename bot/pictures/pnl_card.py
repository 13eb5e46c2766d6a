"""The picture of a PnL card: what its figures say, its code, and a QR code of where it is verified. Pure: data in, PNG out.

Called by the sender, in a thread. Must never draw anything that is not in the card's figures: whoever verifies the card sees the same.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import segno
from PIL import Image, ImageDraw, ImageFont

from bot import figures as shown
from bot.names import visible

WIDTH, HEIGHT, MARGIN = 1200, 675, 60
QR_SIDE, QUIET = 250, 3
_BACK, _INK, _DIM, _UP, _DOWN = "#101820", "#f4f7fa", "#8fa1b3", "#2fd07f", "#ff5c6c"
_LONGEST = 24
_LONGEST_NAME = 33
_SIGNS = str.maketrans("−", "-")
"""The font of the picture has no minus sign."""


@dataclass(frozen=True, slots=True)
class CardPicture:
    """`figures` as issued (strings), `code` as people read it, `link` what the QR code holds, `desk` who issued it."""

    figures: Mapping[str, Any]
    code: str
    link: str
    desk: str


def draw_card(card: CardPicture) -> bytes:
    """The picture as PNG, 1200 × 675. KeyError or ValueError for figures that are none of a card."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), _BACK)
    pen = ImageDraw.Draw(picture)
    figures = card.figures
    change = Decimal(figures["change_percent"])
    _text(pen, (MARGIN, 50), _safe(figures["symbol"]), 64, _INK)
    _text(pen, (MARGIN, 130), _where(figures), 30, _DIM)
    _text(pen, (MARGIN, 195), f"{'+' if change > 0 else ''}{change:,f} %", 130, _UP if change >= 0 else _DOWN)
    for number, (label, value) in enumerate(_lines(figures)):
        _text(pen, (MARGIN, 365 + 44 * number), label, 30, _DIM)
        _text(pen, (MARGIN + 290, 365 + 44 * number), value, 30, _INK)
    _text(pen, (MARGIN, HEIGHT - 95), f"Price: {visible(figures['price_source'])[:48]}, {shown.when(figures['price_at'])}", 22, _DIM)
    _text(pen, (MARGIN, HEIGHT - 62), f"Issued: {shown.when(figures['issued_at'])}", 22, _DIM)
    _code(picture, pen, card)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _where(figures: Mapping[str, Any]) -> str:
    """Paper money must never look like money."""
    return "PAPER TRADING (simulated)" if figures["venue"] == "paper" else _safe(figures["venue"])


def _lines(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Labels and values; amounts only where the card has them."""
    lines = [("Average cost", shown.price(figures["average_cost"])), ("Price", shown.price(figures["price"]))]
    if "unrealized" in figures:
        quote = _safe(figures["quote"])
        lines += [("Value", f"{shown.amount(figures['value'])} {quote}"), ("Open profit", f"{shown.signed(figures['unrealized'])} {quote}")]
    return lines


def _code(picture: Image.Image, pen: ImageDraw.ImageDraw, card: CardPicture) -> None:
    """The QR code with a quiet zone, and below it the code as text."""
    left, top = WIDTH - MARGIN - QR_SIDE, HEIGHT - MARGIN - QR_SIDE - 70
    made = segno.make_qr(card.link, error="m")
    drawn = io.BytesIO()
    made.save(drawn, kind="png", border=QUIET, scale=max(1, QR_SIDE // made.symbol_size(border=QUIET)[0]))
    with Image.open(drawn) as code:
        picture.paste(code.convert("RGB"), (left, top))
    _text(pen, (left, top + QR_SIDE + 14), card.code, 23, _INK)
    said = f"{visible(card.desk)[:_LONGEST_NAME]} /verify"
    _text(pen, (left, top + QR_SIDE + 48), said, fitting_size(said, 20, WIDTH - QUIET - left), _DIM)


def fitting_size(text: str, size: int, room: int) -> int:
    """The largest size of letters up to `size` at which a text is at most `room` pixels wide."""
    while size > 1 and ImageFont.load_default(size).getlength(text) > room:
        size -= 1
    return size


def _safe(text: object) -> str:
    return visible(str(text))[:_LONGEST]


def _text(pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, color: str) -> None:
    pen.text(at, text.translate(_SIGNS), fill=color, font=ImageFont.load_default(size))
