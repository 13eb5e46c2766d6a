"""The candle picture by its pixels: bars up and down at their prices, gaps and jumps, both themes, words that are passed in."""

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from PIL import Image

from bot.pictures.candles import DARK, HEIGHT, LIGHT, MOST_BARS, WIDTH, Labels, axis_of, column_of, draw_candles, price_text
from core.market.types import Candle, PriceSource

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOURCE = PriceSource("binance recording 2024-08-08", "recorded_book", datetime(2024, 8, 8, tzinfo=UTC))
LABELS = Labels("binance recording 2024-08-08 · 12:34 UTC", "no candles yet")


def candle(number, opened, close, *, high=None, low=None, volume=1, jumped=False):
    first, last = Decimal(opened), Decimal(close)
    top, bottom = Decimal(high or max(first, last)), Decimal(low or min(first, last))
    at = START + timedelta(minutes=number)
    return Candle("BTC/USDT", "1m", at, first, top, bottom, last, Decimal(volume), SOURCE, jumped=jumped)


def drawn(candles, **more):
    image = Image.open(io.BytesIO(draw_candles(candles, LABELS, **more)))
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    return image.convert("RGB")


def close_to(color, wanted):
    return all(abs(one - other) <= 12 for one, other in zip(color, wanted, strict=True))


def center(number, count):
    left, right = column_of(number, count)
    return (left + right) // 2


@pytest.mark.parametrize(("dark", "theme"), [(False, LIGHT), (True, DARK)])
def test_a_rising_and_a_falling_bar_have_their_colors_between_open_and_close(dark, theme):
    candles = [candle(0, 100, 110), candle(1, 110, 102)]
    image, axis = drawn(candles, dark=dark), axis_of(candles)
    assert close_to(image.getpixel((center(0, 2), axis.row(Decimal(105)))), theme.up)
    assert close_to(image.getpixel((center(1, 2), axis.row(Decimal(106)))), theme.down)
    assert close_to(image.getpixel((3, 3)), theme.background)
    assert not close_to(image.getpixel((center(1, 2), axis.row(Decimal(101)))), theme.down)


def test_wicks_reach_to_high_and_low_and_are_thin():
    candles = [candle(0, 100, 101, high=110, low=90), candle(1, 100, 101)]
    image, axis = drawn(candles), axis_of(candles)
    left, _ = column_of(0, 2)
    for price in (91, 109):
        assert close_to(image.getpixel((center(0, 2), axis.row(Decimal(price)))), LIGHT.up)
        assert not close_to(image.getpixel((left, axis.row(Decimal(price)))), LIGHT.up)


def test_the_axis_holds_every_price_with_a_margin():
    axis = axis_of([candle(0, 100, 101, high=200, low=50)])
    assert axis.low < 50
    assert axis.high > 200
    assert axis.top < axis.row(Decimal(200)) < axis.row(Decimal(50)) < axis.bottom
    flat = axis_of([candle(0, 7, 7)])
    assert flat.low < 7
    assert flat.high > 7


def test_a_gap_stays_empty():
    candles = [candle(0, 100, 110), candle(2, 100, 110)]
    image, axis = drawn(candles), axis_of(candles)
    row = axis.row(Decimal(107))
    colors = [image.getpixel((center(number, 3), row)) for number in range(3)]
    assert [close_to(color, LIGHT.up) for color in colors] == [True, False, True]


def test_minutes_up_to_now_without_a_candle_are_shown_as_missing():
    candles = [candle(0, 100, 110)]
    image, axis = drawn(candles, until=START + timedelta(minutes=4)), axis_of(candles)
    assert close_to(image.getpixel((center(0, 4), axis.row(Decimal(104)))), LIGHT.up)
    assert not close_to(image.getpixel((center(3, 4), axis.row(Decimal(104)))), LIGHT.up)


def test_a_jump_is_a_dotted_line_before_its_candle():
    plain, jumped = ([candle(0, 100, 101), candle(1, 100, 101, jumped=flag)] for flag in (False, True))
    column = column_of(1, 2)[0] - 2
    marks = [sum(close_to(drawn(one).getpixel((column, row)), LIGHT.faint) for row in range(80, 300)) for one in (plain, jumped)]
    assert marks[0] == 0
    assert marks[1] > 50


def test_volume_bars_are_as_high_as_their_share():
    candles = [candle(0, 100, 101, volume=10), candle(1, 100, 101, volume=5)]
    image = drawn(candles)

    def height(number):
        column = center(number, 2)
        return sum(not close_to(image.getpixel((column, row)), LIGHT.background) for row in range(HEIGHT - 66 - 60, HEIGHT - 66))

    assert height(0) > height(1) > 0
    assert abs(height(0) - 2 * height(1)) <= 3


def test_only_the_newest_bars_are_drawn_and_long_series_are_no_larger_than_a_message_may_be():
    many = [candle(number, 100 + number % 7, 100 + (number + 1) % 7) for number in range(1_000)]
    assert draw_candles(many, LABELS) == draw_candles(many[-MOST_BARS:], LABELS)
    assert len(draw_candles(many, LABELS)) < 60_000


def test_without_candles_the_picture_says_so():
    image = drawn([])
    middle = [image.getpixel((x, y)) for x in range(WIDTH // 2 - 80, WIDTH // 2 + 80) for y in range(HEIGHT // 2 - 8, HEIGHT // 2 + 8)]
    assert sum(not close_to(color, LIGHT.background) for color in middle) > 100


def test_the_same_figures_give_the_same_picture_and_source_interval_and_price_are_in_it():
    candles = [candle(0, 100, 101)]
    assert draw_candles(candles, LABELS) == draw_candles(candles, LABELS)
    assert draw_candles(candles, LABELS) != draw_candles(candles, Labels("another source", ""))
    assert draw_candles(candles, LABELS) != draw_candles([candle(0, 100, "101.5", high="101.5")], LABELS)


@pytest.mark.parametrize(
    ("low", "high", "price", "text"),
    [("60000", "61000", "60123.456", "60123"), ("0.0000091", "0.0000095", "0.00000934", "0.00000934"), ("99", "101", "100.25", "100.2")],
)
def test_prices_have_the_decimals_that_tell_the_lines_apart(low, high, price, text):
    axis = axis_of([candle(0, low, high)])
    assert price_text(Decimal(price), axis).startswith(text[:6])
    assert len({price_text(axis.low + (axis.high - axis.low) * part / 4, axis) for part in range(5)}) == 5
