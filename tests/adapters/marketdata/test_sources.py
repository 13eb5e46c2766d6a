"""Which source a pair is traded on, the simulated market, and the shared recordings where they are there."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.adapters.marketdata.catalog import open_market
from core.adapters.marketdata.discovery import discover
from tests.support.books import write_recording

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
ON_CANDLES = ["ADA", "AVAX", "BNB", "DOGE", "INJ", "KITE", "LINK", "LTC", "OM", "OP", "PEPE", "SOL", "TAO", "USD1", "XRP", "ZAMA"]
SHARED = Path(__file__).resolve().parents[4] / "shared" / "market"


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def chosen(folder):
    return {one.symbol: one.path.name for one in discover(folder).chosen}


def test_a_spot_book_comes_before_candles_and_candles_before_a_book_of_an_unnamed_market(tmp_path):
    touch(tmp_path, "l2/binance_spot_btcusdt_20240808.gz", "candles_1m/BTC_USDT-1m.parquet", "candles_1h/XRP_USDT-1h.parquet")
    touch(tmp_path, "l2/bybit_xrpusdt_ob500_20241201.jsonl.gz", "l2/bybit_spot_solusdt_ob200.jsonl", "candles_1m/SOL_USDT-1m.parquet")
    touch(tmp_path, "l2/bybit_dogeusdt_ob500_20241201.jsonl.gz", "trades/binance_dogeusdt_trades_20210108.parquet")
    assert chosen(tmp_path) == {
        "BTC/USDT": "binance_spot_btcusdt_20240808.gz",
        "DOGE/USDT": "bybit_dogeusdt_ob500_20241201.jsonl.gz",
        "SOL/USDT": "bybit_spot_solusdt_ob200.jsonl",
        "XRP/USDT": "XRP_USDT-1h.parquet",
    }


def test_of_two_recordings_of_a_pair_the_newest_is_taken_and_plain_before_compressed(tmp_path):
    touch(tmp_path, "binance_spot_btcusdt_20240808.gz", "binance_spot_btcusdt_20240901.gz", "l2/binance_spot_btcusdt_20240901")
    assert chosen(tmp_path) == {"BTC/USDT": "binance_spot_btcusdt_20240901"}


def test_other_instruments_are_left_out_and_said_so(tmp_path):
    touch(
        tmp_path,
        "l2/binance_usdm_btcusdt_20240808.gz",
        "candles_1m/BTC_PERP_FTX-1m.parquet",
        "l2/tardis_binance_futures_book25_btcusdt.csv",
    )
    found = discover(tmp_path)
    assert found.chosen == ()
    assert sorted(line.partition(":")[0] for line in found.skipped) == [
        "BTC_PERP_FTX-1m.parquet",
        "binance_usdm_btcusdt_20240808.gz",
        "tardis_binance_futures_book25_btcusdt.csv",
    ]


def test_other_files_are_no_recordings(tmp_path):
    touch(
        tmp_path,
        "README.md",
        "manifest.csv",
        "funding/funding_btcusdt_200evt.parquet",
        "dex/x.json.gz",
        "binance_spot_nonsense_20240808.gz",
    )
    assert chosen(tmp_path) == {}


def test_a_single_file_can_be_named_instead_of_a_folder(tmp_path):
    path = write_recording(tmp_path)
    market = open_market(path, Decimal(1))
    assert [feed.instrument.symbol for feed in market.feeds] == ["BTC/USDT"]


@pytest.mark.parametrize("folder", ["none", "missing", "empty"])
def test_without_recordings_the_market_is_simulated_and_says_so(tmp_path, folder):
    place = {"none": None, "missing": tmp_path / "missing", "empty": tmp_path}[folder]
    market = open_market(place, Decimal(1))
    assert market.source == "simulated market"
    assert len(market.feeds) == 8
    for feed in market.feeds:
        book = feed.observe(NOW)
        assert (book.source.name, book.source.kind, book.source.recorded_at) == ("simulated market", "simulated", None)
        assert book.bids[0].price < book.asks[0].price


def walk_of(speed=1, steps=200, pause_ms=200):
    feed = open_market(None, Decimal(speed)).feeds[0]
    return [feed.observe(NOW + timedelta(milliseconds=pause_ms * number)).mid() for number in range(steps)]


def test_the_simulated_walk_is_the_same_each_time_and_does_move():
    assert walk_of() == walk_of()
    assert len(set(walk_of())) > 100


def test_the_simulated_walk_does_not_depend_on_how_often_it_is_looked_at():
    assert walk_of(steps=200, pause_ms=200)[::5] == walk_of(steps=40, pause_ms=1000)


def test_the_simulated_price_stays_within_five_times_its_first(monkeypatch):
    feed = open_market(None, Decimal(100_000)).feeds[-1]
    first = feed.observe(NOW).mid()
    assert first is not None
    for number in range(1, 400):
        mid = feed.observe(NOW + timedelta(seconds=number)).mid()
        assert mid is not None
        assert first / 6 < mid < first * 6


@pytest.mark.parametrize("speed", [0, -1])
def test_a_speed_that_goes_nowhere_is_an_error(speed):
    with pytest.raises(ValueError, match="MARKET_REPLAY_SPEED"):
        open_market(None, Decimal(speed))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared recordings are not beside this checkout")
def test_the_shared_recordings_price_bitcoin_and_ether_on_books_and_the_rest_on_candles_or_trades():
    market = open_market(SHARED, Decimal(1))
    assert market.refused == []
    kinds: dict[str, set[str]] = {}
    for feed in market.feeds:
        for moment in (0, 1, 100, 500):
            book = feed.observe(NOW + timedelta(seconds=moment))
            assert book.bids[0].price < book.asks[0].price
        kinds.setdefault(book.source.kind, set()).add(book.symbol)
    assert kinds["recorded_book"] == {"BTC/USDT", "ETH/USDT"}
    assert {symbol.removesuffix("/USDT") for symbol in kinds["recorded_candles"]} == set(ON_CANDLES)
    assert kinds["recorded_trades"] == {"XRP/ETH"}
