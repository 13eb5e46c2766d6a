"""Trades that feeds tell: from recorded feeds and files and from the simulated market; on our clock, numbered, none made up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.adapters.marketdata.catalog import open_market
from core.adapters.marketdata.print_log import MOST_KEPT, PrintLog
from core.adapters.marketdata.simulated import simulated_market
from core.adapters.marketdata.trades import check_trades, read_trades
from core.market.errors import FeedRefused
from tests.adapters.marketdata.test_sources import SHARED
from tests.support.books import START_NS, recording_lines, write_lines, write_recording

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NOW_US = (NOW - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def opened(folder, speed=1):
    market = open_market(folder, Decimal(speed))
    assert market.refused == []
    (feed,) = market.feeds
    return feed


def trade_line(at_ms, number, price="100", quantity="1", *, maker=True, symbol="BTCUSDT"):
    data = {"e": "trade", "s": symbol, "t": number, "p": price, "q": quantity, "m": maker}
    return f"{START_NS + at_ms * 1_000_000} {orjson.dumps({'stream': 'btcusdt@trade', 'data': data}).decode()}"


def recorded(folder, *trades, diffs=()):
    lines = [*recording_lines(diffs=diffs, step_ms=10_000), *trades]
    write_lines(folder / "binance_spot_btcusdt_20240808", sorted(lines, key=lambda line: int(line.partition(" ")[0])))
    return folder


def told(prints):
    return [(one.price.value, one.quantity.value, one.aggressor, one.at - NOW) for one in prints]


def test_recorded_trades_come_when_they_came_with_who_took(tmp_path):
    recorded(tmp_path, trade_line(1_000, 7, "99.5", "0.25"), trade_line(1_500, 8, "100", "2", maker=False), diffs=[([], [(101, 1)])])
    feed = opened(tmp_path)
    feed.observe(NOW)
    assert feed.prints(0) == []
    feed.observe(NOW + SECOND)
    assert told(feed.prints(0)) == [(Decimal("99.5"), Decimal("0.25"), "sell", SECOND)]
    first = feed.prints(0)[-1].sequence
    feed.observe(NOW + 3 * SECOND)
    assert told(feed.prints(first)) == [(Decimal(100), Decimal(2), "buy", SECOND * 1.5)]


def test_at_twice_the_speed_a_trade_comes_in_half_the_time(tmp_path):
    recorded(tmp_path, trade_line(1_000, 7))
    feed = opened(tmp_path, speed=2)
    feed.observe(NOW)
    feed.observe(NOW + SECOND)
    assert [one.at - NOW for one in feed.prints(0)] == [SECOND / 2]


def test_a_trade_changes_no_book_and_a_recording_loops_with_its_trades(tmp_path):
    recorded(tmp_path, trade_line(1_000, 7), diffs=[([], [(99, 1)])])
    feed = opened(tmp_path)
    before = feed.observe(NOW)
    assert feed.observe(NOW + SECOND * 2).sequence == before.sequence
    feed.observe(NOW + SECOND * 10)
    feed.observe(NOW + SECOND * 11)
    feed.observe(NOW + SECOND * 12)
    assert [one.at - NOW for one in feed.prints(0)] == [SECOND, SECOND * 12]


def test_trades_before_the_snapshot_told_twice_or_without_who_took_are_left_out(tmp_path):
    silent = trade_line(2_000, 9).replace(',"m":true', "")
    recorded(tmp_path, trade_line(-500, 5), trade_line(1_000, 7), trade_line(1_100, 7), trade_line(1_200, 6), silent)
    feed = opened(tmp_path)
    feed.observe(NOW)
    feed.observe(NOW + 5 * SECOND)
    assert [one.at - NOW for one in feed.prints(0)] == [SECOND]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (trade_line(1_000, 7, price="0"), "a trade of 1 at 0"),
        (trade_line(1_000, 7, quantity="-1"), "a trade of -1 at 100"),
        (trade_line(1_000, 7, price="NaN"), "a level in a trade is not a pair"),
        (trade_line(1_000, 7, symbol="ETHUSDT"), "a trade of another symbol than BTCUSDT"),
        (trade_line(1_000, 7).replace('"t":7', '"t":"x"'), "sequence number t is missing"),
    ],
)
def test_a_recording_with_a_trade_that_cannot_be_is_refused(tmp_path, line, why):
    recorded(tmp_path, line)
    (refused,) = open_market(tmp_path, Decimal(1)).refused
    assert f"line 2: {why}" in refused


def test_sequences_are_moments_and_grow_even_within_one_moment_and_when_the_clock_runs_backward():
    log = PrintLog("BTC/USDT")
    for at in (NOW, NOW, NOW - SECOND, NOW + SECOND):
        log.add(at, Decimal(1), Decimal(1), "buy")
    log.add(NOW + SECOND, Decimal(1), Decimal(0), "buy")
    assert [one.sequence - NOW_US for one in log.since(0)] == [0, 1, 2, 1_000_000]
    assert [one.sequence - NOW_US for one in log.since(NOW_US + 1)] == [2, 1_000_000]
    assert log.since(NOW_US + 1_000_000) == []


def test_a_restarted_feed_numbers_its_trades_above_those_of_before(tmp_path):
    recorded(tmp_path, trade_line(1_000, 7))
    sequences = []
    for start in (NOW, NOW + 20 * SECOND):
        feed = opened(tmp_path)
        feed.observe(start)
        feed.observe(start + 2 * SECOND)
        sequences += [one.sequence for one in feed.prints(0)]
    assert sequences == sorted(set(sequences))
    assert len(sequences) == 2


def test_only_the_newest_prints_are_kept():
    log = PrintLog("BTC/USDT")
    for number in range(MOST_KEPT + 5):
        log.add(NOW + timedelta(microseconds=number), Decimal(1), Decimal(1), "buy")
    assert len(log.since(0)) == MOST_KEPT
    assert log.since(0)[0].sequence == NOW_US + 5


def write_trades(path, **columns):
    times = pa.array([1_000, 2_000, 4_000], pa.timestamp("ms", tz="UTC"))
    pq.write_table(pa.table({"timestamp": times, "price": [10.0, 11.0, 12.0], "quantity": [1.0, 2.0, 3.0], **columns}), path)
    return path


@pytest.mark.parametrize("columns", [{"side": ["buy", "sell", "buy"]}, {"buyer_maker": ["False", "True", "False"]}])
def test_a_file_of_trades_tells_them_where_it_says_who_took(tmp_path, columns):
    write_trades(tmp_path / "binance_btcusdt_trades_20210108.parquet", **columns)
    feed = opened(tmp_path)
    feed.observe(NOW)
    feed.observe(NOW + SECOND)
    assert told(feed.prints(0)) == [
        (Decimal("10.0"), Decimal("1.0"), "buy", timedelta(0)),
        (Decimal("11.0"), Decimal("2.0"), "sell", SECOND),
    ]


def test_a_file_of_trades_without_sides_gives_prices_only(tmp_path):
    write_trades(tmp_path / "binance_btcusdt_trades_20210108.parquet")
    feed = opened(tmp_path)
    feed.observe(NOW)
    feed.observe(NOW + SECOND)
    assert feed.prints(0) == []


def test_a_side_that_is_none_is_refused_with_its_row(tmp_path):
    path = write_trades(tmp_path / "binance_btcusdt_trades_20210108.parquet", side=["buy", "up", "buy"])
    with pytest.raises(FeedRefused, match="row 2: side is neither of both sides"):
        check_trades(path, "BTC/USDT")


def test_books_without_trades_and_candles_tell_none(tmp_path):
    write_recording(tmp_path)
    feed = opened(tmp_path)
    feed.observe(NOW)
    assert list(feed.prints(0)) == []


def test_the_simulated_market_trades_at_its_best_prices_about_its_volume():
    feed = simulated_market(seed=3)[0]
    minutes = 20
    for step in range(minutes * 300):
        book = feed.observe(NOW + timedelta(milliseconds=200 * step))
        if step % 50 == 49:
            assert {one.price for one in feed.prints(0)[-1:]} <= {book.bids[0].price, book.asks[0].price} | {feed.prints(0)[-1].price}
    prints = feed.prints(0)
    assert all(earlier.sequence < later.sequence for earlier, later in pairwise(prints))
    volume = sum(one.quantity.value for one in prints)
    assert Decimal(12 * minutes) * Decimal("0.8") < volume < Decimal(12 * minutes) * Decimal("1.2")
    assert {one.aggressor for one in prints} == {"buy", "sell"}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared recordings are not here")
def test_the_shared_recordings_tell_their_trades():
    feed = opened(SHARED / "l2" / "binance_spot_btcusdt_20240808.gz", speed=60)
    for step in range(10):
        feed.observe(NOW + SECOND * step * 0.2)
    assert len(feed.prints(0)) > 100
    for name, symbol in (("binance_btcusdt_trades_20210108.parquet", "BTC/USDT"), ("freqtrade_XRP_ETH-trades.feather", "XRP/ETH")):
        recording = check_trades(SHARED / "trades" / name, symbol)
        assert {one.aggressor for one in read_trades(recording.path, recording.columns)} == {"buy", "sell"}
