"""1m candles out of observations: from trades where there are any, given out whole, resumed without doubling."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.kernel.money import Price, Quantity
from core.market.candle_building import MOST_KEPT, CandleBuilder
from core.market.types import OrderBook, PriceSource, TradePrint
from tests.support.books import levels

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RECORDED = datetime(2024, 8, 8, 12, tzinfo=UTC)


def book(seconds, mid, *, kind="recorded_book", recorded: float | None = None):
    source = PriceSource(
        "test", kind, None if kind in ("live", "simulated") else RECORDED + SECOND * (seconds if recorded is None else recorded)
    )
    bids, asks = levels([(mid - 1, 1)]), levels([(mid + 1, 1)])
    return OrderBook("BTC/USDT", bids, asks, 1, START + SECOND * seconds, source)


def trade(seconds, price, quantity=1):
    at = START + SECOND * seconds
    return TradePrint("BTC/USDT", Price(Decimal(price)), Quantity(Decimal(quantity)), "buy", int(seconds * 1_000), at)


def see(builder, seconds, mid, *trades, volume: object = "sum", **kind):
    told = sum((one.quantity.value for one in trades), Decimal(0)) if volume == "sum" else volume
    builder.see(book(seconds, mid, **kind), trades, told)


def bar(candle, *names):
    if names:
        return tuple(getattr(candle, name) for name in names)
    return (candle.open, candle.high, candle.low, candle.close)


def test_without_trades_a_candle_follows_the_middle_of_the_book():
    builder = CandleBuilder("BTC/USDT")
    for seconds, mid in ((0, 100), (20, 105), (40, 95), (59, 101)):
        see(builder, seconds, mid, volume=None)
    (candle,) = builder.take()
    assert bar(candle) == (100, 105, 95, 101)
    assert (candle.open_at, candle.volume, candle.minutes, candle.jumped) == (START, None, 1, False)
    assert candle.source.recorded_at == RECORDED


def test_with_trades_a_candle_is_theirs_alone():
    builder = CandleBuilder("BTC/USDT")
    see(builder, 0, 100)
    see(builder, 1, 200, trade(1, 101, 2), trade(1, 103, 1))
    see(builder, 2, 50, trade(2, 102, "0.5"))
    (candle,) = builder.take()
    assert bar(candle) == (101, 103, 101, 102)
    assert candle.volume == Decimal("3.5")


def test_a_trade_of_the_minute_before_is_counted_there():
    builder = CandleBuilder("BTC/USDT")
    see(builder, 59.8, 100)
    see(builder, 60, 100, trade(59.9, 99, 3))
    before, now = builder.take()
    assert bar(before) == (99, 99, 99, 99)
    assert before.volume == 3
    assert bar(now, "open_at", "volume") == (START + 60 * SECOND, 0)


def test_what_did_not_change_is_not_given_out_again():
    builder = CandleBuilder("BTC/USDT")
    see(builder, 1, 100)
    assert len(builder.take()) == 1
    see(builder, 2, 100)
    assert builder.take() == []
    see(builder, 3, 101)
    assert [one.close for one in builder.take()] == [101]


def test_only_a_minute_that_was_seen_from_beginning_to_end_counts_as_seen():
    late, early = CandleBuilder("BTC/USDT"), CandleBuilder("BTC/USDT")
    for seconds in (5, 59.5):
        see(late, seconds, 100)
    for seconds in (0, 30):
        see(early, seconds, 100)
    assert [one.minutes for one in (*late.take(), *early.take())] == [0, 0]


def test_a_minute_nobody_saw_gives_no_candle():
    builder = CandleBuilder("BTC/USDT")
    see(builder, 0, 100)
    see(builder, 180, 100)
    assert [(one.open_at - START) / SECOND for one in builder.take()] == [0, 180]


def test_a_restarted_builder_goes_on_with_the_minute_that_was_being_built():
    first = CandleBuilder("BTC/USDT")
    see(first, 0, 100, trade(0, 100, 2))
    see(first, 10, 100, trade(10, 110, 1))
    (stored,) = first.take()
    second = CandleBuilder("BTC/USDT", resumed=stored, known_before=True)
    see(second, 20, 100, trade(20, 90, 1), recorded=0)
    (candle,) = second.take()
    assert bar(candle) == (100, 110, 90, 90)
    assert candle.volume == 4
    assert candle.jumped is True


def test_a_restart_in_another_minute_or_another_origin_begins_anew():
    first = CandleBuilder("BTC/USDT")
    see(first, 0, 100, trade(0, 100, 2))
    (stored,) = first.take()
    later = CandleBuilder("BTC/USDT", resumed=stored)
    see(later, 61, 100)
    other = CandleBuilder("BTC/USDT", resumed=replace(stored, source=PriceSource("simulated market", "simulated")))
    see(other, 20, 100)
    assert [one.volume for one in (*later.take(), *other.take())] == [0, 0]


def test_a_recording_that_starts_again_marks_its_candle():
    builder = CandleBuilder("BTC/USDT")
    see(builder, 0, 100, recorded=100)
    see(builder, 61, 100, recorded=161)
    see(builder, 62, 50, recorded=0)
    see(builder, 121, 50, recorded=59)
    assert [one.jumped for one in builder.take()] == [False, True, False]


def test_live_prices_after_a_restart_are_no_jump_and_other_origins_start_a_series():
    live = CandleBuilder("BTC/USDT", known_before=True)
    see(live, 0, 100, kind="live")
    assert [one.jumped for one in live.take()] == [False]
    switched = CandleBuilder("BTC/USDT")
    see(switched, 0, 100, kind="simulated")
    see(switched, 1, 200, kind="live")
    (candle,) = switched.take()
    assert (candle.origin, candle.jumped, bar(candle)) == ("live", True, (200, 200, 200, 200))


def test_what_could_not_be_written_is_due_again_unless_it_changed_since():
    builder = CandleBuilder("BTC/USDT")
    for number in range(5):
        see(builder, 60 * number, 100 + number)
    lost = builder.take()
    assert len(lost) == 5
    see(builder, 245, 150)
    builder.untake(lost)
    again = builder.take()
    assert [one.open_at for one in again] == [one.open_at for one in lost]
    assert again[0] == lost[0]
    assert again[-1].close == 150


def test_a_long_outage_of_the_database_keeps_the_newest_minutes():
    builder = CandleBuilder("BTC/USDT")
    for number in range(MOST_KEPT + 30):
        see(builder, 60 * number, 100)
    taken = builder.take()
    assert len(taken) == MOST_KEPT
    assert taken[-1].open_at == START + timedelta(minutes=MOST_KEPT + 29)


def test_volume_that_no_trade_tells_goes_to_the_minute_of_now():
    builder = CandleBuilder("BTC/USDT")
    see(builder, 0, 100, volume=Decimal("1.5"))
    see(builder, 1, 100, volume=Decimal("0.5"))
    (candle,) = builder.take()
    assert candle.volume == 2


def test_an_empty_side_of_the_book_gives_no_price():
    builder = CandleBuilder("BTC/USDT")
    builder.see(replace(book(0, 100), bids=()), [], None)
    assert builder.take() == []


def test_a_trade_of_a_minute_long_written_is_left_out():
    builder = CandleBuilder("BTC/USDT")
    for number in range(4):
        see(builder, 60 * number, 100)
        builder.take()
    see(builder, 185, 100, trade(1, 5))
    assert [one.low for one in builder.take() if one.open_at < START + timedelta(minutes=3)] == []
