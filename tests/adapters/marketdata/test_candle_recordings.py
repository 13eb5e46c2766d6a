"""Recorded candles and trades: the path of the price, holes, loops, modelled depth, and what is refused with which row."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.marketdata.candle_replay import price_inside
from core.adapters.marketdata.candles import Bar
from core.adapters.marketdata.catalog import open_market
from core.adapters.marketdata.modelled_depth import modelled_levels
from core.market.instruments import paper_instrument

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
START = datetime(2025, 11, 3, 13, 0, tzinfo=UTC)
RISING = (100.0, 130.0, 90.0, 120.0, 600.0)


def bar(minute, *, ohlcv=RISING):
    return (START + MINUTE * minute, *ohlcv)


def write_candles(path, bars, names=("date", "open", "high", "low", "close", "volume")):
    path.parent.mkdir(parents=True, exist_ok=True)
    types = [pa.timestamp("ms", tz="UTC"), *[pa.float64()] * 5]
    columns = [pa.array([row[index] for row in bars], types[index]) for index in range(len(names))]
    pa.parquet.write_table(pa.table(columns, names=list(names)), path)
    return path


def opened(folder, speed=1):
    market = open_market(folder, Decimal(speed))
    assert market.refused == []
    (feed,) = market.feeds
    return feed


def refused(folder):
    market = open_market(folder, Decimal(1))
    assert market.feeds == []
    (line,) = market.refused
    return line


def middle(book):
    mid = book.mid()
    assert mid is not None
    return round(mid, 1)


def test_the_price_goes_from_open_over_low_and_high_to_close(tmp_path):
    write_candles(tmp_path / "candles_1m" / "KITE_USDT-1m.parquet", [bar(0), bar(1)])
    feed = opened(tmp_path)
    moments = [feed.observe(NOW + timedelta(seconds=seconds)) for seconds in (0, 10, 20, 30, 40, 50)]
    assert [float(middle(book)) for book in moments] == pytest.approx([100, 95, 90, 110, 130, 125], abs=0.1)


def test_the_source_says_that_the_depth_is_modelled_and_when_it_was_recorded(tmp_path):
    write_candles(tmp_path / "candles_1m" / "KITE_USDT-1m.parquet", [bar(0), bar(1)])
    feed = opened(tmp_path)
    feed.observe(NOW)
    book = feed.observe(NOW + timedelta(seconds=30))
    assert book.source.name == "recorded 1m candles 2025-11-03 (depth modelled)"
    assert book.source.kind == "recorded_candles"
    assert book.source.recorded_at == START + timedelta(seconds=30)
    assert book.observed_at == NOW + timedelta(seconds=30)


def test_a_hole_between_bars_is_jumped_over(tmp_path):
    later = (200.0, 201.0, 199.0, 200.5, 5.0)
    write_candles(tmp_path / "KITE_USDT-1m.parquet", [bar(0), bar(60 * 24 * 7, ohlcv=later), bar(60 * 24 * 7 + 1, ohlcv=later)])
    feed = opened(tmp_path)
    feed.observe(NOW)
    before = feed.observe(NOW + timedelta(seconds=59))
    after = feed.observe(NOW + timedelta(seconds=61))
    assert float(middle(before)) == pytest.approx(120, abs=1)
    assert float(middle(after)) == pytest.approx(200, abs=0.5)
    assert after.source.recorded_at == START + timedelta(days=7, seconds=1)


def test_after_the_last_bar_the_first_comes_again(tmp_path):
    write_candles(tmp_path / "KITE_USDT-1m.parquet", [bar(0), bar(1, ohlcv=(120.0, 125.0, 119.0, 121.0, 5.0))])
    feed = opened(tmp_path)
    feed.observe(NOW)
    assert feed.observe(NOW + timedelta(seconds=119)).source.recorded_at == START + timedelta(seconds=119)
    again = feed.observe(NOW + timedelta(seconds=120))
    assert again.source.recorded_at == START
    assert feed.observe(NOW + timedelta(seconds=150)).source.recorded_at == START + timedelta(seconds=30)


@pytest.mark.parametrize("speed", ["2", "60", "0.5", "7.5"])
def test_recorded_time_runs_at_the_speed_asked_for(tmp_path, speed):
    write_candles(tmp_path / "KITE_USDT-1m.parquet", [bar(minute) for minute in range(500)])
    feed = opened(tmp_path, speed)
    feed.observe(NOW)
    for tenths in range(7, 600, 7):
        seconds = tenths / 10
        book = feed.observe(NOW + timedelta(seconds=seconds))
        assert book.source.recorded_at is not None
        drift = book.source.recorded_at - (START + timedelta(seconds=float(speed) * seconds))
        assert abs(drift) < timedelta(milliseconds=2)


def test_a_replay_that_is_asked_to_catch_up_too_much_falls_behind_inside_a_bar(tmp_path):
    write_candles(tmp_path / "KITE_USDT-1m.parquet", [bar(minute) for minute in range(5_000)])
    feed = opened(tmp_path, 10**9)
    feed.observe(NOW)
    recorded_at = feed.observe(NOW + timedelta(seconds=1)).source.recorded_at
    assert recorded_at is not None
    assert START + MINUTE * 1_999 < recorded_at <= START + MINUTE * 2_001


def test_the_finest_candles_of_a_pair_are_taken(tmp_path):
    for folder, interval in (("candles_1h", "1h"), ("candles_3m", "3m"), ("candles_5m", "5m")):
        write_candles(tmp_path / folder / f"TAO_USDT-{interval}.parquet", [bar(0)])
    assert opened(tmp_path).observe(NOW).source.name.startswith("recorded 3m candles")


@given(figures=st.lists(st.integers(1, 1000), min_size=4, max_size=4), into=st.integers(-5, 70_000))
def test_the_price_inside_a_bar_stays_between_its_extremes(figures, into):
    low, first, second, high = sorted(Decimal(figure) for figure in figures)
    for opened_at, closed_at in ((first, second), (second, first)):
        made = Bar(0, opened_at, high, low, closed_at, Decimal(1))
        assert low <= price_inside(made, into, 60_000) <= high
    assert price_inside(made, 0, 60_000) == made.open
    assert price_inside(made, 60_000, 60_000) == made.close


@given(price=st.decimals("0.0000001", "200000", places=9), volume=st.decimals("0", "1e9", places=3))
def test_a_modelled_book_is_never_crossed_and_lies_on_tick_and_lot(price, volume):
    rules = paper_instrument("KITE/USDT", price)
    bids, asks = modelled_levels(rules, price, volume)
    ladder = [level.price.value for level in reversed(bids)] + [level.price.value for level in asks]
    assert ladder == sorted(set(ladder))
    assert bids
    assert len(asks) == 20
    assert all(level.price.value % rules.tick == 0 and level.quantity.value % rules.lot == 0 for level in [*bids, *asks])
    assert all(level.quantity.value > 0 for level in [*bids, *asks])
    assert bids[0].price.value <= max(price, rules.tick)


def test_modelled_depth_follows_the_volume_of_the_bar(tmp_path):
    quiet, busy = (100.0, 101.0, 99.0, 100.0, 1.0), (100.0, 101.0, 99.0, 100.0, 5000.0)
    write_candles(tmp_path / "KITE_USDT-1m.parquet", [bar(0, ohlcv=quiet), bar(1, ohlcv=busy)])
    feed = opened(tmp_path)
    thin, thick = feed.observe(NOW), feed.observe(NOW + MINUTE)
    assert sum(level.quantity.value for level in thick.asks) == pytest.approx(Decimal(5000), rel=Decimal("0.001"))
    assert sum(level.quantity.value for level in thin.asks) == pytest.approx(Decimal(10), rel=Decimal("0.001"))


def replaced(row, **figures):
    names = ("date", "open", "high", "low", "close", "volume")
    return tuple(figures.get(name, value) for name, value in zip(names, row, strict=True))


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (replaced(bar(600), high=119.0), "row 601: high is below another price"),
        (replaced(bar(600), low=101.0), "row 601: low is above another price"),
        (replaced(bar(600), volume=-1.0), "row 601: volume is negative"),
        (replaced(bar(600), open=0.0), "row 601: open is no price between"),
        (replaced(bar(600), close=math.nan), "row 601: close is no price between"),
        (replaced(bar(600), high=math.inf), "row 601: high is no price between"),
        (replaced(bar(600), open=None), "row 601: open is no price between"),
        (replaced(bar(600), date=None), "row 601: no time between 1970 and 2200"),
        (replaced(bar(600), date=START + MINUTE * 599), "row 601: the bar begins before the one before it ends"),
        (replaced(bar(600), date=datetime(9999, 1, 1, tzinfo=UTC)), "row 601: no time between 1970 and 2200"),
        (replaced(bar(600), high=1e300), "row 601: high is no price between"),
        (replaced(bar(600), date=START), "row 601: the bar begins before the one before it ends"),
    ],
)
def test_broken_candles_are_refused_with_their_row(tmp_path, broken, why):
    write_candles(tmp_path / "KITE_USDT-1m.parquet", [*[bar(minute) for minute in range(600)], broken])
    assert f"KITE/USDT: KITE_USDT-1m.parquet {why}" in refused(tmp_path)


@pytest.mark.parametrize("row", [2, 512, 513])
def test_the_row_is_right_at_the_edges_of_batches(tmp_path, row):
    bars = [bar(minute) for minute in range(600)]
    bars[row - 1] = replaced(bars[row - 1], date=bars[row - 2][0])
    write_candles(tmp_path / "KITE_USDT-1m.parquet", bars)
    assert f"row {row}: the bar begins before" in refused(tmp_path)


def test_a_file_that_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "KITE_USDT-1m.parquet").write_bytes(b"PAR1 nonsense")
    assert "KITE_USDT-1m.parquet: cannot be read as parquet" in refused(tmp_path)


def test_truncated_parquet_is_refused(tmp_path):
    path = write_candles(tmp_path / "KITE_USDT-1m.parquet", [bar(minute) for minute in range(600)])
    path.write_bytes(path.read_bytes()[:-50])
    assert "cannot be read as parquet" in refused(tmp_path)


def test_missing_columns_and_no_rows_are_refused(tmp_path):
    write_candles(tmp_path / "A_USDT-1m.parquet", [bar(0)], ("date", "open", "high", "low", "close"))
    write_candles(tmp_path / "B_USDT-1m.parquet", [])
    lines = open_market(tmp_path, Decimal(1)).refused
    assert ["has no column volume" in lines[0], "no bars in the recording" in lines[1]] == [True, True]


def test_refused_fine_candles_do_not_make_way_for_coarse_ones(tmp_path):
    write_candles(tmp_path / "KITE_USDT-1m.parquet", [replaced(bar(0), volume=-1.0)])
    write_candles(tmp_path / "KITE_USDT-1h.parquet", [bar(0)])
    assert "KITE_USDT-1m.parquet row 1: volume is negative" in refused(tmp_path)


TRADES = [(0, 0.0014, 5.0), (100, 0.0015, 7.0), (100, 0.0016, 1.0), (60_000, 0.0012, 2.0)]


def write_trades(path, rows, size="amount"):
    start_ms = 1_570_752_011_000
    table = pa.table({"timestamp": [start_ms + row[0] for row in rows], "price": [row[1] for row in rows], size: [row[2] for row in rows]})
    write = pa.feather.write_feather if path.suffix == ".feather" else pa.parquet.write_table
    write(table, str(path))
    return path


@pytest.mark.parametrize(
    ("name", "size", "symbol"),
    [("freqtrade_XRP_ETH-trades.feather", "amount", "XRP/ETH"), ("binance_btcusdt_trades_20210108.parquet", "quantity", "BTC/USDT")],
)
def test_trades_price_a_pair_that_has_nothing_better(tmp_path, name, size, symbol):
    write_trades(tmp_path / name, TRADES, size)
    feed = opened(tmp_path)
    assert feed.instrument.symbol == symbol
    first = feed.observe(NOW)
    assert first.source.name == "recorded trades 2019-10-11 (depth modelled)"
    assert float(first.mid() or 0) == pytest.approx(0.0014, rel=0.001)
    assert float(feed.observe(NOW + timedelta(seconds=1)).mid() or 0) == pytest.approx(0.0016, rel=0.001)
    assert float(feed.observe(NOW + timedelta(seconds=60)).mid() or 0) == pytest.approx(0.0012, rel=0.001)
    assert float(feed.observe(NOW + timedelta(seconds=61)).mid() or 0) == pytest.approx(0.0014, rel=0.001)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([*TRADES, (59_999, 0.001, 1.0)], "row 5: the trade is older"),
        ([*TRADES, (70_000, -0.001, 1.0)], "row 5: no price between"),
        ([*TRADES, (70_000, 0.001, -1.0)], "row 5: the quantity is negative"),
        ([], "XRP_ETH-trades.feather"),
    ],
)
def test_broken_trades_are_refused(tmp_path, rows, why):
    write_trades(tmp_path / "freqtrade_XRP_ETH-trades.feather", rows)
    assert why in refused(tmp_path)


def test_trades_without_a_size_are_refused(tmp_path):
    write_trades(tmp_path / "XRP_ETH-trades.feather", TRADES, "cost")
    assert "has no column quantity or amount" in refused(tmp_path)
