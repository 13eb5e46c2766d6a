"""Reports keep every figure on their way through JSON, and a repetition is recognised."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import orjson
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.money import Price, Quantity
from core.trading.reports import decode, encode, report_key, report_of
from core.venues.types import Accepted, Fill, OrderReport, Refused, Unknown, VenueOrderState
from tests.support.books import TEST_SOURCE

AT = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
NUMBERS = st.decimals(min_value=Decimal("1e-30"), max_value=Decimal("1e29"), allow_nan=False)


@st.composite
def reports(draw: st.DrawFn) -> OrderReport:
    fills = tuple(
        Fill(name, Price(draw(NUMBERS)), Quantity(draw(NUMBERS)), draw(NUMBERS), AT)
        for name in draw(st.lists(st.text(max_size=5), max_size=3))
    )
    source = draw(st.sampled_from([None, TEST_SOURCE, replace(TEST_SOURCE, recorded_at=None)]))
    state = draw(st.sampled_from(VenueOrderState))
    return OrderReport("sr1", "v1", state, Quantity(draw(NUMBERS)), fills, AT, source, draw(st.text(max_size=9)))


@given(reports())
def test_a_report_survives_json(report: OrderReport) -> None:
    assert decode(orjson.loads(orjson.dumps(encode(report)))) == report


@given(reports())
def test_the_same_told_later_is_the_same_report_and_anything_else_is_not(report: OrderReport) -> None:
    key = report_key(encode(report))
    assert report_key(encode(replace(report, reported_at=AT + timedelta(days=1)))) == key
    assert report_key(encode(replace(report, venue_order_id="v2"))) != key
    assert report_key(encode(replace(report, filled_quantity=Quantity(report.filled_quantity.value + 1)))) != key


def test_what_outcomes_say() -> None:
    assert report_of(Unknown("silence"), "sr1", AT) is None
    refused = report_of(Refused("too_late"), "sr1", AT)
    assert refused is not None
    assert (refused.state, refused.reason) == (VenueOrderState.REJECTED, "too_late")
    accepted = report_of(Accepted("v1"), "sr1", AT)
    assert accepted is not None
    assert (accepted.state, accepted.venue_order_id) == (VenueOrderState.ACCEPTED, "v1")
    assert report_of(Accepted("v1", accepted), "sr1", AT) is accepted
