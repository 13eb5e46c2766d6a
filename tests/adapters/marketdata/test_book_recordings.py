"""Recorded order books: what is accepted, what is refused with which line, and what a replay shows when."""

import gzip
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.marketdata import lines
from core.adapters.marketdata.catalog import open_market
from core.kernel.money import Quantity
from core.market.errors import FeedRefused
from core.market.rules import walk_book
from tests.support.books import ODD_ASKS, START_NS, Pair, recording_lines, write_lines, write_recording

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
TRADE = f'{START_NS} {{"stream":"btcusdt@trade","data":{{"e":"trade","s":"BTCUSDT","p":"100","q":"1"}}}}'


def opened(folder, speed=1):
    market = open_market(folder, Decimal(speed))
    assert market.refused == []
    (feed,) = market.feeds
    return feed


def shown(levels):
    return [(int(level.price.value), int(level.quantity.value)) for level in levels]


def refused(folder):
    market = open_market(folder, Decimal(1))
    assert market.feeds == []
    assert market.source == "recordings"
    (line,) = market.refused
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    "name", ["binance_spot_btcusdt_20240808.gz", "l2/binance_spot_btcusdt_20240808", "l2/binance_spot_btcusdt_20240808.gz"]
)
def test_a_snapshot_alone_prices_its_pair_for_ever(tmp_path, name):
    write_recording(tmp_path / name)
    feed = opened(tmp_path)
    for later in (timedelta(0), SECOND, timedelta(hours=5), timedelta(days=400)):
        book = feed.observe(NOW + later)
        assert shown(book.asks) == list(ODD_ASKS)
        assert book.observed_at == NOW + later
        assert book.source.recorded_at == datetime(2024, 8, 8, 23, 54, 14, tzinfo=UTC)
    assert book.source.name == "binance recording 2024-08-08"
    assert book.source.kind == "recorded_book"


def test_walking_an_odd_book_from_a_file_is_exact(tmp_path):
    write_recording(tmp_path)
    feed = opened(tmp_path)
    book = feed.observe(NOW)
    bought = walk_book(book.asks, buying=True, quote_budget=Decimal(1000), lot=feed.instrument.lot)
    assert (bought.filled_quantity.value, bought.notional) == (Decimal("3.4"), Decimal(1000))
    sold = walk_book(book.bids, buying=False, quantity=Quantity(Decimal("3.4")), lot=feed.instrument.lot)
    assert sold.notional == 90 + 2 * 50 + Decimal("0.4") * 10
    assert feed.instrument.symbol == "BTC/USDT"
    assert feed.instrument.tick == Decimal("0.01")


def test_changes_come_when_they_came_in_the_recording(tmp_path):
    write_recording(tmp_path, [(90, 1)], [(100, 1)], [([], [(99, 5)]), ([(90, 0), (91, 2)], [])], step_ms=1_000)
    feed = opened(tmp_path)
    first = feed.observe(NOW)
    assert shown(first.asks) == [(100, 1)]
    assert shown(feed.observe(NOW + SECOND * 0.9).asks) == [(100, 1)]
    after_one = feed.observe(NOW + SECOND)
    assert shown(after_one.asks) == [(99, 5), (100, 1)]
    assert after_one.sequence != first.sequence
    assert after_one.source.recorded_at == datetime(2024, 8, 8, 23, 54, 15, tzinfo=UTC)
    assert shown(feed.observe(NOW + 2 * SECOND).bids) == [(91, 2)]


def test_at_ten_times_the_speed_changes_come_ten_times_as_soon(tmp_path):
    write_recording(tmp_path, [(90, 1)], [(100, 1)], [([], [(99, 5)])], step_ms=1_000)
    feed = opened(tmp_path, speed=10)
    feed.observe(NOW)
    assert shown(feed.observe(NOW + SECOND * 0.09).asks) == [(100, 1)]
    assert shown(feed.observe(NOW + SECOND * 0.1).asks) == [(99, 5), (100, 1)]


def test_after_its_last_change_a_recording_starts_again(tmp_path):
    write_recording(tmp_path, [(90, 1)], [(100, 1)], [([], [(99, 5)])], step_ms=1_000)
    feed = opened(tmp_path)
    feed.observe(NOW)
    assert shown(feed.observe(NOW + SECOND * 1.9).asks) == [(99, 5), (100, 1)]
    again = feed.observe(NOW + SECOND * 2)
    assert shown(again.asks) == [(100, 1)]
    assert again.source.recorded_at == datetime(2024, 8, 8, 23, 54, 14, tzinfo=UTC)
    assert shown(feed.observe(NOW + SECOND * 3).asks) == [(99, 5), (100, 1)]


def test_differences_before_the_snapshot_that_reach_beyond_it_are_part_of_the_first_book(tmp_path):
    early = {"e": "depthUpdate", "s": "BTCUSDT", "U": 995, "u": 1001, "b": [["80", "7"]], "a": []}
    old = {**early, "U": 990, "u": 994, "b": [["70", "7"]]}
    before = [f"{START_NS - 2 + number} {orjson.dumps({'data': data}).decode()}" for number, data in enumerate((old, early))]
    write_lines(tmp_path / "binance_spot_btcusdt_20240808", [*before, *recording_lines()])
    assert shown(opened(tmp_path).observe(NOW).bids) == [(90, 1), (80, 7), (50, 2), (10, 10)]


def test_a_replay_that_is_asked_to_catch_up_too_much_applies_every_change_later(tmp_path):
    diffs: list[tuple[list[Pair], list[Pair]]] = [([], [(100 + number, 2)]) for number in range(1_200)]
    write_recording(tmp_path, [(90, 1)], [(5_000, 1)], diffs, step_ms=1)
    feed = opened(tmp_path, speed=10_000)
    feed.observe(NOW)
    book = feed.observe(NOW + SECOND * 0.0001)
    seen = set(shown(book.asks))
    assert len(book.asks) == 250
    assert (100, 2) in seen


def test_other_streams_in_the_feed_are_read_past(tmp_path):
    write_lines(tmp_path / "binance_spot_btcusdt_20240808.gz", [TRADE, *recording_lines(), "", TRADE])
    assert shown(opened(tmp_path).observe(NOW).asks) == list(ODD_ASKS)


def test_a_clock_that_runs_backward_changes_nothing(tmp_path):
    write_recording(tmp_path, [(90, 1)], [(100, 1)], [([], [(99, 5)])], step_ms=1_000)
    feed = opened(tmp_path)
    feed.observe(NOW)
    assert shown(feed.observe(NOW - 60 * SECOND).asks) == [(100, 1)]


def bad(position, text):
    sound = recording_lines(diffs=[([], [(101, 1)]), ([], [(102, 1)])])
    return [*sound[:position], text(sound[position]), *sound[position + 1 :]]


BROKEN = {
    "sequence gap": (
        recording_lines(diffs=[([], [(101, 1)])] * 3)[:2] + recording_lines(diffs=[([], [(101, 1)])] * 3)[3:],
        "line 3: sequence gap",
    ),
    "crossed by a difference": (recording_lines(diffs=[([], [(101, 1)]), ([(150, 1)], [])]), "line 3: crossed book: bid 150"),
    "crossed snapshot": (recording_lines(bids=[(100, 1)], asks=[(100, 1)]), "line 1: crossed book"),
    "negative quantity": (recording_lines(diffs=[([(80, -2)], [])]), "line 2: negative quantity -2 at price 80"),
    "price of zero": (recording_lines(diffs=[([(0, 2)], [])]), "line 2: price 0 is not positive"),
    "bad JSON in between": (bad(1, lambda line: line[:-5]), "line 2: bad JSON"),
    "no time": (bad(1, lambda line: line.partition(" ")[2]), "line 2: bad JSON"),
    "a list instead of an object": (bad(1, lambda line: line.partition(" ")[0] + " []"), "line 2: bad JSON: not an object"),
    "a figure that is none": (bad(1, lambda line: line.replace('"101"', '"abc"')), "line 2: a level in a is not a pair"),
    "a figure that was rounded": (bad(1, lambda line: line.replace('"101"', "101.1")), "line 2: a level in a is not a pair"),
    "a figure that is not finite": (bad(1, lambda line: line.replace('"101"', '"Infinity"')), "line 2: a level in a is not a pair"),
    "a figure that grows": (bad(1, lambda line: line.replace('"101"', '"1e9999999"')), "line 2: a level in a is not a pair"),
    "a figure in other digits": (bad(1, lambda line: line.replace('"101"', '"١٠١"')), "line 2: a level in a is not a pair"),
    "a level of three": (bad(1, lambda line: line.replace('"101"', '"101","1"')), "line 2: a level in a is not a pair"),
    "levels missing": (bad(1, lambda line: line.replace('"a":', '"z":')), "line 2: a is no list of levels"),
    "sequence missing": (bad(1, lambda line: line.replace('"U":', '"Z":')), "line 2: sequence number U is missing"),
    "another symbol": (bad(1, lambda line: line.replace("BTCUSDT", "ETHUSDT")), "line 2: a difference of another symbol than BTCUSDT"),
    "futures": (bad(1, lambda line: line.replace('"U":', '"pu":1,"U":')), "line 2: this is a futures feed"),
    "missing snapshot": (recording_lines(diffs=[([], [(101, 1)])] * 2)[1:], "line 2: no snapshot in the recording"),
    "empty snapshot": (recording_lines(bids=[], asks=[]), "line 1: the snapshot is empty"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_recording_is_refused_with_file_line_and_reason(tmp_path, name):
    broken, why = BROKEN[name]
    write_lines(tmp_path / "l2" / "binance_spot_btcusdt_20240808.gz", broken)
    assert f"BTC/USDT: binance_spot_btcusdt_20240808.gz {why}" in refused(tmp_path)


def test_a_truncated_last_line_is_refused(tmp_path):
    path = write_recording(tmp_path / "binance_spot_btcusdt_20240808", diffs=[([], [(101, 1)])])
    path.write_bytes(path.read_bytes()[:-20])
    assert "binance_spot_btcusdt_20240808 line 2: truncated line" in refused(tmp_path)


def test_a_last_line_cut_within_its_time_is_refused(tmp_path):
    path = write_recording(tmp_path / "binance_spot_btcusdt_20240808")
    path.write_bytes(path.read_bytes() + b"17231")
    assert "line 2: truncated line" in refused(tmp_path)


def test_a_last_line_that_only_lacks_its_line_break_is_fine(tmp_path):
    path = write_recording(tmp_path / "binance_spot_btcusdt_20240808")
    path.write_bytes(path.read_bytes().rstrip())
    assert shown(opened(tmp_path).observe(NOW).asks) == list(ODD_ASKS)


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "LONGEST_LINE", 1_000)
    write_lines(tmp_path / "binance_spot_btcusdt_20240808.gz", [*recording_lines(), "1" * 5_000])
    assert "line 2: longer than 1000 bytes" in refused(tmp_path)


def test_truncated_gzip_is_refused(tmp_path):
    path = write_recording(tmp_path, diffs=[([], [(101 + number, 1)]) for number in range(50)])
    path.write_bytes(path.read_bytes()[:-30])
    line = refused(tmp_path)
    assert "truncated gzip" in line
    assert "binance_spot_btcusdt_20240808.gz line " in line


def test_damaged_gzip_is_refused(tmp_path):
    path = write_recording(tmp_path)
    content = bytearray(path.read_bytes())
    content[-6] ^= 0xFF
    path.write_bytes(bytes(content))
    assert "broken gzip" in refused(tmp_path)


def test_plain_text_called_gz_is_refused(tmp_path):
    write_recording(tmp_path / "binance_spot_btcusdt_20240808").rename(tmp_path / "binance_spot_btcusdt_20240808.gz")
    assert "line 1: broken gzip" in refused(tmp_path)


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0)])
def test_an_empty_recording_is_refused(tmp_path, content):
    (tmp_path / "binance_spot_btcusdt_20240808.gz").write_bytes(content)
    assert "binance_spot_btcusdt_20240808.gz line 1: empty recording" in refused(tmp_path)


def test_one_refused_recording_leaves_the_other_pairs_alone_and_falls_back_to_nothing(tmp_path):
    write_lines(tmp_path / "binance_spot_btcusdt_20240808", recording_lines(bids=[(101, 1)], asks=[(100, 1)]))
    write_recording(tmp_path / "binance_spot_ethusdt_20240808", symbol="ETHUSDT")
    market = open_market(tmp_path, Decimal(1))
    assert [feed.instrument.symbol for feed in market.feeds] == ["ETH/USDT"]
    assert len(market.refused) == 1


def test_a_file_that_breaks_while_it_is_replayed_is_refused_then(tmp_path):
    path = write_recording(tmp_path / "binance_spot_btcusdt_20240808", diffs=[([], [(101, 1)])])
    feed = opened(tmp_path)
    feed.observe(NOW)
    write_lines(path, recording_lines(bids=[(101, 1)], asks=[(100, 1)]))
    with pytest.raises(FeedRefused, match="line 1: crossed book"):
        feed.observe(NOW + 10 * SECOND)


def bybit_lines(*messages):
    told = []
    for number, (kind, sequence, bids, asks) in enumerate(messages):
        data = {"s": "XRPUSDT", "b": bids, "a": asks, "u": sequence, "seq": sequence * 7}
        told.append(
            orjson.dumps({"topic": "orderbook.500.XRPUSDT", "type": kind, "ts": 1_733_011_200_000 + number * 100, "data": data}).decode()
        )
    return told


SNAPSHOT = ("snapshot", 10, [["90", "1"]], [["100", "1"]])


def test_a_bybit_recording_is_replayed(tmp_path):
    write_lines(tmp_path / "bybit_xrpusdt_ob500_20241201.jsonl.gz", bybit_lines(SNAPSHOT, ("delta", 11, [], [["99", "4"]])))
    feed = opened(tmp_path)
    assert shown(feed.observe(NOW).asks) == [(100, 1)]
    book = feed.observe(NOW + SECOND * 0.1)
    assert shown(book.asks) == [(99, 4), (100, 1)]
    assert (book.symbol, book.source.name) == ("XRP/USDT", "bybit recording 2024-12-01")


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        (bybit_lines(SNAPSHOT, ("delta", 12, [], [])), "line 2: sequence gap: expected 11, found 12"),
        (bybit_lines(("delta", 12, [], [])), "line 1: no snapshot"),
        (bybit_lines(("question", 12, [], [])), "line 1: neither a snapshot nor a delta"),
        ([line.replace("XRPUSDT", "BTCUSDT") for line in bybit_lines(SNAPSHOT)], "line 1: a book of another symbol"),
        ([line.replace('"ts"', '"zz"') for line in bybit_lines(SNAPSHOT)], "line 1: the time ts"),
        ([line.replace('"data"', '"zz"') for line in bybit_lines(SNAPSHOT)], "line 1: bad JSON: data is missing"),
    ],
)
def test_a_broken_bybit_recording_is_refused(tmp_path, messages, why):
    write_lines(tmp_path / "bybit_xrpusdt_ob500_20241201.jsonl", messages)
    assert why in refused(tmp_path)


pieces = st.sampled_from(
    [*recording_lines(diffs=[([], [(101, 1)])]), *bybit_lines(SNAPSHOT), "{", "[]", "1 {}", '1 {"lastUpdateId": 5}', ""]
)


@given(
    data=st.lists(pieces | st.text(max_size=20), max_size=5).map("\n".join).map(str.encode) | st.binary(max_size=200), packed=st.booleans()
)
@pytest.mark.parametrize("name", ["binance_spot_btcusdt_20240808.gz", "bybit_spot_xrpusdt_ob500_20241201.jsonl.gz"])
def test_any_content_is_either_replayed_or_refused_with_one_line(tmp_path_factory, name, data, packed):
    folder = tmp_path_factory.mktemp("any")
    (folder / name).write_bytes(gzip.compress(data) if packed else data)
    market = open_market(folder, Decimal(1))
    assert len(market.feeds) + len(market.refused) == 1
    for feed in market.feeds:
        feed.observe(NOW)
    for line in market.refused:
        assert "\n" not in line
