"""The acceptance suite of the port `core/venues/ports.Venue`: every adapter passes every number."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from core.db.pool import Pool
from core.kernel.errors import InvariantViolated
from core.kernel.transaction_guard import inside_transaction
from core.venues.ports import Venue
from core.venues.types import Accepted, Fill, NotFound, OrderReport, OrderRequest, Outcome, Refused, Side, Unknown, VenueOrderState
from tests.contract.venues import RESTS_FOR, VENUES, VenueUnderTest
from tests.support.books import Pair

ASKS: list[Pair] = [(100, 1), (200, 1), (500, 10)]
BIDS: list[Pair] = [(90, 1), (50, 2), (10, 10)]


@pytest.fixture(params=sorted(VENUES))
def it(request: pytest.FixtureRequest, pool: Pool) -> VenueUnderTest:
    found = VENUES[request.param](pool)
    found.set_market(BIDS, ASKS)
    return found


async def submitted(venue: Venue, request: OrderRequest) -> OrderReport:
    """The final or newest report of an order just sent."""
    outcome = await venue.submit(request)
    assert isinstance(outcome, Accepted), outcome
    if outcome.report is not None:
        return outcome.report
    return await found(venue, request)


async def found(venue: Venue, request: OrderRequest) -> OrderReport:
    report = await venue.lookup(request.client_order_id, request.instrument)
    assert isinstance(report, OrderReport), report
    return report


def walked(report: OrderReport) -> list[tuple[object, object]]:
    return [(fill.price.value, fill.quantity.value) for fill in report.fills]


def spent(fills: tuple[Fill, ...]) -> Decimal:
    return sum((fill.price.value * fill.quantity.value for fill in fills), Decimal(0))


async def test_01_a_buy_walks_the_asks_level_by_level(it: VenueUnderTest) -> None:
    report = await submitted(it.make(), it.request(quantity="2.5"))

    assert walked(report) == [(100, 1), (200, 1), (500, Decimal("0.5"))]
    assert report.state is VenueOrderState.FILLED
    assert report.filled_quantity.value == Decimal("2.5")


async def test_02_a_sell_walks_the_bids_level_by_level(it: VenueUnderTest) -> None:
    report = await submitted(it.make(), it.request(Side.SELL, quantity="2", limit="1"))

    assert walked(report) == [(90, 1), (50, 1)]


async def test_03_a_budget_is_used_in_whole_lots_and_never_exceeded(it: VenueUnderTest) -> None:
    report = await submitted(it.make(), it.request(budget="333.333"))

    assert report.state is VenueOrderState.FILLED
    assert Decimal("333.333") - 500 * it.instrument.lot < spent(report.fills) <= Decimal("333.333")
    assert all(fill.quantity.value % it.instrument.lot == 0 for fill in report.fills)


async def test_04_nothing_fills_beyond_the_limit_and_the_rest_expires(it: VenueUnderTest) -> None:
    bought = await submitted(it.make(), it.request(quantity="5", limit="200"))
    sold = await submitted(it.make(), it.request(Side.SELL, quantity="5", limit="50"))

    assert (bought.state, walked(bought)) == (VenueOrderState.EXPIRED, [(100, 1), (200, 1)])
    assert (sold.state, walked(sold)) == (VenueOrderState.EXPIRED, [(90, 1), (50, 2)])


async def test_05_an_unreachable_limit_fills_nothing(it: VenueUnderTest) -> None:
    report = await submitted(it.make(), it.request(quantity="1", limit="99.99"))

    assert (report.state, report.fills, report.filled_quantity.value) == (VenueOrderState.EXPIRED, (), Decimal(0))


async def test_06_an_exhausted_book_leaves_a_partial_fill(it: VenueUnderTest) -> None:
    report = await submitted(it.make(), it.request(quantity="20"))

    assert (report.state, report.filled_quantity.value) == (VenueOrderState.EXPIRED, Decimal(12))


async def test_07_after_send_until_the_order_is_refused(it: VenueUnderTest) -> None:
    venue, request = it.make(), it.request()
    it.clock.advance(timedelta(seconds=6))

    assert isinstance(await venue.submit(request), Refused)
    assert isinstance(await venue.lookup(request.client_order_id, it.instrument), NotFound)


async def test_08_without_a_market_the_order_is_refused(it: VenueUnderTest) -> None:
    it.close_market()

    assert isinstance(await it.make().submit(it.request()), Refused)


async def test_09_the_fee_is_a_share_of_the_whole_rounded_up_once(it: VenueUnderTest) -> None:
    it.set_market(BIDS, [("33.33", "0.33333"), ("33.34", "0.33333"), ("33.35", "5")])
    report = await submitted(it.make(), it.request(quantity="1"))

    units = spent(report.fills).scaleb(it.instrument.quote.scale)
    whole = -(-int(units.to_integral_value("ROUND_CEILING")) * it.instrument.taker_fee_bps // 10_000)
    assert sum((fill.fee for fill in report.fills), Decimal(0)).scaleb(it.instrument.quote.scale) == whole
    assert all(fill.fee >= 0 for fill in report.fills)


async def test_10_a_look_up_tells_all_fills_with_the_same_ids_every_time(it: VenueUnderTest) -> None:
    venue, request = it.make(), it.request(quantity="3")
    told = await submitted(venue, request)

    for _ in range(3):
        again = await found(venue, request)
        assert (again.state, again.fills, again.venue_order_id) == (told.state, told.fills, told.venue_order_id)


async def test_11_fill_ids_are_unique_at_the_venue(it: VenueUnderTest) -> None:
    venue = it.make()
    reports = [await submitted(venue, it.request(quantity="2")) for _ in range(5)]

    ids = [fill.venue_fill_id for report in reports for fill in report.fills]
    assert len(ids) == len(set(ids)) == 10


async def test_12_an_unknown_order_is_not_found_on_the_venues_clock(it: VenueUnderTest) -> None:
    answer = await it.make().lookup("sr-nobody-sent-this", it.instrument)

    assert answer == NotFound(it.clock.now())


async def test_13_a_restart_forgets_nothing(it: VenueUnderTest) -> None:
    request = it.request(quantity="3")
    told = await submitted(it.make(), request)

    assert (await found(it.make(), request)).fills == told.fills


async def test_14_a_lost_answer_is_unknown_and_the_look_up_tells_the_truth(it: VenueUnderTest) -> None:
    venue, request = it.silent(), it.request(quantity="3")

    assert isinstance(await venue.submit(request), Unknown)
    assert (await found(venue, request)).filled_quantity.value == 3


async def test_15_an_open_order_is_told_in_parts_that_add_up(it: VenueUnderTest) -> None:
    venue, request = it.resting(), it.request(quantity="2")
    first = await submitted(venue, request)
    assert first.state is VenueOrderState.PARTIALLY_FILLED
    assert 0 < first.filled_quantity.value < 2

    it.clock.advance(RESTS_FOR)
    last = await found(venue, request)

    assert (last.state, last.filled_quantity.value) == (VenueOrderState.FILLED, Decimal(2))
    assert last.fills[: len(first.fills)] == first.fills


async def test_16_a_client_order_id_is_idempotent_while_its_order_is_open(it: VenueUnderTest) -> None:
    venue, request = it.resting(), it.request(quantity="2")

    outcomes = await asyncio.gather(*(venue.submit(request) for _ in range(5)))

    assert {outcome.venue_order_id for outcome in outcomes if isinstance(outcome, Accepted)} == {
        (await found(venue, request)).venue_order_id
    }
    it.clock.advance(RESTS_FOR)
    assert (await found(venue, request)).filled_quantity.value == 2


async def test_17_canceling_an_open_order_ends_it_with_what_was_filled(it: VenueUnderTest) -> None:
    venue, request = it.resting(), it.request(quantity="2")
    first = await submitted(venue, request)

    outcome: Outcome = await venue.cancel(request.client_order_id, it.instrument)

    assert isinstance(outcome, Accepted)
    it.clock.advance(RESTS_FOR * 2)
    last = await found(venue, request)
    assert (last.state, last.fills) == (VenueOrderState.CANCELED, first.fills)


async def test_18_canceling_what_is_closed_or_unknown_is_refused_and_changes_nothing(it: VenueUnderTest) -> None:
    venue, request = it.make(), it.request()
    told = await submitted(venue, request)

    assert isinstance(await venue.cancel(request.client_order_id, it.instrument), Refused)
    assert isinstance(await venue.cancel("sr-nobody-sent-this", it.instrument), Refused)
    assert (await found(venue, request)).fills == told.fills


async def test_19_not_found_after_send_until_means_that_it_never_executes(it: VenueUnderTest) -> None:
    """Look-ups and submissions race; whoever says 'not found' too late to be submitted is right for ever."""
    venue = it.make()

    async def let_time_pass(turns: int) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        it.clock.advance(timedelta(seconds=1))

    for turns in range(30):
        request = it.request(send_within=timedelta(0))
        outcome, answer, _ = await asyncio.gather(
            venue.submit(request), venue.lookup(request.client_order_id, it.instrument), let_time_pass(turns)
        )
        if isinstance(answer, NotFound) and answer.asked_at > request.send_until:
            assert isinstance(outcome, Refused)
            assert isinstance(await venue.lookup(request.client_order_id, it.instrument), NotFound)


@pytest.mark.parametrize("call", ["submit", "cancel", "lookup"])
async def test_20_a_call_inside_a_unit_of_work_fails(it: VenueUnderTest, call: str) -> None:
    venue, request = it.make(), it.request()
    arguments = (request,) if call == "submit" else (request.client_order_id, it.instrument)
    with inside_transaction(), pytest.raises(InvariantViolated):
        await getattr(venue, call)(*arguments)


async def test_21_every_report_names_its_price_source(it: VenueUnderTest) -> None:
    venue, request = it.make(), it.request()
    assert (await submitted(venue, request)).source is not None
    assert (await found(venue, request)).source is not None
