"""Ids sort by time and fit the venues; clocks stand still when told to; secrets do not show."""

import json
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from core.kernel.clock import ManualClock, SystemClock
from core.kernel.errors import Denied, InvariantViolated, Rejected
from core.kernel.ids import client_order_id, new_handle, new_id, short_code
from core.kernel.secret import Secret
from core.kernel.transaction_guard import inside_transaction, require_no_transaction


def test_ids_are_version_seven_and_grow_with_time() -> None:
    before = datetime.now(UTC)
    made = [new_id() for _ in range(200)]
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {"specified in RFC 4122"}
    assert len(set(made)) == 200
    stamps = [one.int >> 80 for one in made]
    assert stamps == sorted(stamps)
    assert abs(stamps[0] - int(before.timestamp() * 1000)) < 60_000


def test_a_client_order_id_fits_binance_and_the_short_code_is_for_people() -> None:
    order_id = new_id()
    assert len(client_order_id(order_id)) == 34
    assert client_order_id(order_id).isalnum()
    assert short_code(order_id) == order_id.hex[-8:].upper()


def test_a_handle_is_128_bits_in_telegrams_64_bytes() -> None:
    assert len(new_handle()) == 22
    assert new_handle() != new_handle()


def test_the_system_clock_is_in_utc_and_the_manual_one_obeys() -> None:
    assert SystemClock().now().tzinfo is UTC
    clock = ManualClock(datetime(2024, 8, 5, tzinfo=UTC))
    clock.advance(timedelta(seconds=5))
    assert clock.now() == datetime(2024, 8, 5, 0, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("show", [repr, str, "{}".format, pickle.dumps, json.dumps, lambda secret: f"{secret}"])
def test_a_secret_is_not_shown(show: object) -> None:
    with pytest.raises(TypeError):
        show(Secret("hunter2"))  # type: ignore[operator]


def test_a_secret_is_revealed_on_purpose_only() -> None:
    assert Secret("x").reveal() == "x"
    assert Secret("x") == Secret("x") != Secret("y")
    assert len({Secret("x"), Secret("x")}) == 1
    assert not Secret("")
    assert Secret("x")


def test_the_guard_refuses_adapters_inside_a_unit_of_work_and_nesting() -> None:
    require_no_transaction("a venue")
    with inside_transaction():
        with pytest.raises(InvariantViolated, match="a venue"):
            require_no_transaction("a venue")
        with pytest.raises(InvariantViolated, match="inside a unit of work"), inside_transaction():
            pass
    require_no_transaction("a venue")


def test_errors_carry_their_figures() -> None:
    assert Denied("below_minimum", minimum="5").params == {"minimum": "5"}
    assert Rejected("no such pair").reason == "no such pair"
