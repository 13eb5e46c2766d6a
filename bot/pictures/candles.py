"""Draws candles as a picture for the chat: data in, PNG bytes out. Pure: no network, no clock, no files but Pillow's own font.

Called by the instrument card's handler. Says where its figures are from, when they were seen, and which part is missing or starts anew:
a gap stays empty, a jump of a recording is a dotted line. Words are passed in by the caller; figures and tickers are its own.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from core.market.types import INTERVALS, Candle

WIDTH, HEIGHT = 900, 500
LEFT, RIGHT, TOP, BOTTOM = 16, 104, 62, 66
VOLUME_SHARE = 6
"""The volume's bars take one part in six of the plot."""
MOST_BARS = 120
Color = tuple[int, int, int]
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Theme:
    """Colors of a picture."""

    background: Color
    grid: Color
    text: Color
    faint: Color
    up: Color
    down: Color


LIGHT = Theme((255, 255, 255), (232, 234, 238), (22, 26, 34), (104, 112, 126), (20, 140, 96), (208, 52, 60))
DARK = Theme((19, 23, 31), (42, 48, 60), (234, 238, 244), (142, 150, 166), (46, 189, 133), (246, 88, 96))


@dataclass(frozen=True, slots=True)
class Labels:
    """Words in the picture, in Latin letters (the font has no others): where prices are from, with time; what to say without candles."""

    source: str
    empty: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Which prices the plot shows, from its lowest to its highest pixel row."""

    low: Decimal
    high: Decimal
    top: int
    bottom: int

    def row(self, price: Decimal) -> int:
        """The pixel row of a price."""
        return self.bottom - int((price - self.low) / (self.high - self.low) * (self.bottom - self.top))


def draw_candles(candles: Sequence[Candle], labels: Labels, *, dark: bool = False, until: datetime | None = None) -> bytes:
    """The newest 120 intervals up to `until` (or the last candle) as PNG bytes, 900×500; `candles` of one symbol and interval."""
    theme = DARK if dark else LIGHT
    image = Image.new("RGB", (WIDTH, HEIGHT), theme.background)
    draw = ImageDraw.Draw(image)
    draw.text((LEFT, HEIGHT - 30), labels.source, fill=theme.faint, font=_font(15))
    if not candles:
        draw.text((WIDTH // 2, HEIGHT // 2), labels.empty, fill=theme.faint, font=_font(20), anchor="mm")
        return _png(image)
    slots = _slots(candles, until)
    shown = [(number, one) for number, one in slots if one is not None]
    axis = axis_of([one for _, one in shown])
    _title(draw, theme, shown[-1][1])
    _grid(draw, theme, axis)
    _bars(draw, theme, axis, shown, len(slots))
    _times(draw, theme, shown, len(slots))
    _last_price(draw, theme, axis, shown[-1][1])
    return _png(image)


def _slots(candles: Sequence[Candle], until: datetime | None) -> list[tuple[int, Candle | None]]:
    """A place for each interval, empty where its candle is missing."""
    length = INTERVALS[candles[0].interval]
    end = max(candles[-1].open_at, candles[-1].open_at if until is None else until - length)
    first = max(candles[0].open_at, end - (MOST_BARS - 1) * length)
    by_time = {one.open_at: one for one in candles}
    start = next(one.open_at for one in candles if one.open_at >= first or one is candles[-1])
    count = max(1, (end - start) // length + 1)
    return [(number, by_time.get(start + number * length)) for number in range(count)]


def axis_of(candles: Sequence[Candle]) -> Axis:
    """From a little below the lowest to a little above the highest price; a flat line gets a range of its own."""
    low, high = min(one.low for one in candles), max(one.high for one in candles)
    margin = (high - low) * Decimal("0.06") or high * Decimal("0.005")
    plot = HEIGHT - TOP - BOTTOM
    return Axis(low - margin, high + margin, TOP, TOP + plot - plot // VOLUME_SHARE)


def column_of(number: int, count: int) -> tuple[int, int]:
    """First and last pixel column of a candle's body."""
    step = (WIDTH - LEFT - RIGHT) / count
    left = LEFT + step * number
    half = max(0.5, min(9.0, step * 0.36))
    middle = left + step / 2
    return round(middle - half), max(round(middle - half) + 1, round(middle + half))


def _bars(draw: ImageDraw.ImageDraw, theme: Theme, axis: Axis, shown: Sequence[tuple[int, Candle]], count: int) -> None:
    most = max((one.volume or Decimal(0) for _, one in shown), default=Decimal(0))
    floor = HEIGHT - BOTTOM
    for number, one in shown:
        color = theme.up if one.close >= one.open else theme.down
        left, right = column_of(number, count)
        if one.jumped and number:
            _dotted(draw, theme, left - 2)
        middle = (left + right) // 2
        draw.line([(middle, axis.row(one.high)), (middle, axis.row(one.low))], fill=color, width=1)
        top, bottom = sorted((axis.row(one.open), axis.row(one.close)))
        draw.rectangle((left, top, right, max(bottom, top + 1)), fill=color)
        if one.volume and most:
            height = int(one.volume / most * ((HEIGHT - TOP - BOTTOM) // VOLUME_SHARE - 8))
            draw.rectangle((left, floor - height, right, floor), fill=_blend(color, theme.background))


def _dotted(draw: ImageDraw.ImageDraw, theme: Theme, column: int) -> None:
    for row in range(TOP, HEIGHT - BOTTOM, 8):
        draw.line([(column, row), (column, row + 3)], fill=theme.faint, width=1)


def _grid(draw: ImageDraw.ImageDraw, theme: Theme, axis: Axis) -> None:
    for part in range(5):
        price = axis.low + (axis.high - axis.low) * part / 4
        row = axis.row(price)
        draw.line([(LEFT, row), (WIDTH - RIGHT, row)], fill=theme.grid, width=1)
        draw.text((WIDTH - RIGHT + 8, row), price_text(price, axis), fill=theme.faint, font=_font(15), anchor="lm")


def _times(draw: ImageDraw.ImageDraw, theme: Theme, shown: Sequence[tuple[int, Candle]], count: int) -> None:
    """Some openings in UTC along the bottom."""
    first_number, first = shown[0]
    length = INTERVALS[first.interval]
    long = length * count > timedelta(days=2)
    for part in range(5):
        number = (count - 1) * part // 4
        moment = first.open_at + (number - first_number) * length
        left, right = column_of(number, count)
        text = f"{moment:%m-%d}" if long else f"{moment:%H:%M}"
        middle = min(max((left + right) // 2, LEFT + 24), WIDTH - RIGHT - 24)
        draw.text((middle, HEIGHT - BOTTOM + 14), text, fill=theme.faint, font=_font(15), anchor="mm")
    draw.text((WIDTH - RIGHT + 8, HEIGHT - BOTTOM + 14), "UTC", fill=theme.faint, font=_font(15), anchor="lm")


def _title(draw: ImageDraw.ImageDraw, theme: Theme, last: Candle) -> None:
    draw.text((LEFT, 16), last.symbol, fill=theme.text, font=_font(26))
    draw.text((LEFT + draw.textlength(last.symbol, font=_font(26)) + 14, 24), last.interval, fill=theme.faint, font=_font(18))


def _last_price(draw: ImageDraw.ImageDraw, theme: Theme, axis: Axis, last: Candle) -> None:
    """In the title, and as a flag at its height on the axis."""
    color = theme.up if last.close >= last.open else theme.down
    text = f"{last.close.normalize():f}"
    draw.text((WIDTH - 16, 16), text, fill=color, font=_font(26), anchor="ra")
    row = axis.row(last.close)
    draw.rectangle((WIDTH - RIGHT + 2, row - 10, WIDTH - 2, row + 10), fill=color)
    draw.text((WIDTH - RIGHT + 8, row), price_text(last.close, axis), fill=theme.background, font=_font(15), anchor="lm")


def price_text(price: Decimal, axis: Axis) -> str:
    """A price with as many decimals as the axis needs to tell its lines apart, at most ten characters of them."""
    step = (axis.high - axis.low) / 4
    decimals = max(0, min(10, 1 - step.adjusted()))
    return f"{price:.{decimals}f}"


def _blend(color: Color, background: Color) -> Color:
    red, green, blue = ((one * 2 + other * 3) // 5 for one, other in zip(color, background, strict=True))
    return red, green, blue


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, which comes in its package."""
    return ImageFont.load_default(size)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.quantize(64).save(out, "PNG", compress_level=4)
    return out.getvalue()
