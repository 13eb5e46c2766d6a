"""Raw updates: whoever sent what, the inbox gets something it can store, or says that it is none."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.inbox.rules import FIRST_RETRY, LONGEST_RETRY, MAX_ATTEMPTS, raw_update, read_json, retry_delay, sender_of
from core.kernel.shards import SHARDS, shard_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["update_id", "message", "callback_query", "from", "chat"]), JSON))
def test_any_object_is_an_update_or_a_value_error(payload: dict[str, object]) -> None:
    try:
        update = raw_update(payload)
    except ValueError:
        return
    assert isinstance(orjson.loads(update.payload), dict)
    assert "\\u0000" not in update.payload.replace("\\\\", "")


@pytest.mark.parametrize(
    "payload", [None, [], "x", 5, {}, {"update_id": "5"}, {"update_id": -1}, {"update_id": True}, {"update_id": 2**63}]
)
def test_what_is_no_update_is_refused(payload: object) -> None:
    with pytest.raises(ValueError, match="an update"):
        raw_update(payload)


def test_the_sender_is_found_wherever_telegram_puts_it() -> None:
    assert sender_of({"update_id": 1, "message": {"from": {"id": 7}, "chat": {"id": 9}}}) == 7
    assert sender_of({"update_id": 1, "callback_query": {"from": {"id": 8}}}) == 8
    assert sender_of({"update_id": 1, "poll_answer": {"user": {"id": 6}}}) == 6
    assert sender_of({"update_id": 1, "channel_post": {"chat": {"id": -100}}}) == -100
    assert sender_of({"update_id": 1, "poll": {}}) == 0
    assert sender_of({"update_id": 1, "message": {"from": {"id": "7"}}}) == 0


def test_characters_that_postgresql_cannot_hold_are_taken_out() -> None:
    update = raw_update({"update_id": 1, "message": {"text": "a\x00b \\u0000 \ud800"}})
    assert orjson.loads(update.payload)["message"]["text"] == "ab \\u0000 ?"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a":"\xed\xa0\x80"}'])
def test_bytes_that_are_no_json_are_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="JSON"):
        read_json(body)


def test_retries_grow_and_end() -> None:
    delays = [retry_delay(attempt) for attempt in range(1, MAX_ATTEMPTS)]
    assert delays[0] == FIRST_RETRY
    assert all(one is not None and timedelta(0) < one <= LONGEST_RETRY for one in delays)
    assert retry_delay(MAX_ATTEMPTS) is None


def test_shards_are_stable_and_even() -> None:
    assert [shard_of(number) for number in (0, 1, 7, -100500, 5_000_000_000)] == [0, 632, 334, 598, 767]
    counts = [0] * SHARDS
    for number in range(100_000):
        counts[shard_of(number)] += 1
    assert min(counts) > 50
    assert max(counts) < 150


@pytest.mark.parametrize("text", ["/pause", "/PAUSE BTC/USDT", " /cancel", "/orders@strongroom_bot", "/status", "/resume global"])
def test_exits_are_urgent(text: str) -> None:
    assert raw_update({"update_id": 1, "message": {"text": text}}).urgent


@pytest.mark.parametrize("text", ["/buy BTC/USDT 1", "/pausepause", "/statuses", "please /pause", "", None, 5, {"text": "/pause"}])
def test_everything_else_is_not(text: object) -> None:
    assert not raw_update({"update_id": 1, "message": {"text": text}}).urgent
    assert not raw_update({"update_id": 1, "edited_message": {"text": "/pause"}}).urgent


def test_a_tap_may_be_an_exit() -> None:
    assert raw_update({"update_id": 1, "callback_query": {"data": "x"}}).urgent
