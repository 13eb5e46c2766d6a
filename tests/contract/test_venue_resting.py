"""The acceptance suite of the port `core/venues/ports.Venue`, second part: limit orders, each time in force, and what rests."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from core.db.pool import Pool
from core.venues.types import Accepted, Liquidity, NotFound, OrderReport, Refused, Side, TimeInForce, VenueOrderState
from tests.contract.test_venue_contract import ASKS, BIDS, found, submitted, walked
from tests.contract.venues import VENUES, VenueUnderTest

GTC, IOC, FOK, GTD = TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTD
OPEN, PARTIAL, DONE = VenueOrderState.ACCEPTED, VenueOrderState.PARTIALLY_FILLED, VenueOrderState.FILLED
CANCELED, EXPIRED = VenueOrderState.CANCELED, VenueOrderState.EXPIRED
DAY = timedelta(days=1)


@pytest.fixture(params=sorted(VENUES))
def it(request: pytest.FixtureRequest, pool: Pool) -> VenueUnderTest:
    made = VENUES[request.param](pool)
    made.set_market(BIDS, ASKS)
    return made


def liquidity(report: OrderReport) -> list[Liquidity]:
    return [fill.liquidity for fill in report.fills]


async def test_22_a_limit_the_market_does_not_meet_rests(it: VenueUnderTest) -> None:
    report = await submitted(it.make(), it.request(quantity="2", limit="95", time_in_force=GTC))

    assert (report.state, report.fills) == (OPEN, ())


async def test_23_a_limit_the_market_meets_takes_what_is_there_and_the_rest_rests(it: VenueUnderTest) -> None:
    bought = await submitted(it.make(), it.request(quantity="2.5", limit="200", time_in_force=GTC))
    sold = await submitted(it.make(), it.request(Side.SELL, quantity="4", limit="50", time_in_force=GTC))

    assert (bought.state, walked(bought), liquidity(bought)) == (PARTIAL, [(100, 1), (200, 1)], [Liquidity.TAKER] * 2)
    assert (sold.state, walked(sold)) == (PARTIAL, [(90, 1), (50, 2)])


async def test_24_a_post_only_order_that_would_take_is_refused_and_unknown(it: VenueUnderTest) -> None:
    for side, limit in ((Side.BUY, "100"), (Side.SELL, "90")):
        request = it.request(side, quantity="1", limit=limit, time_in_force=GTC, post_only=True)
        assert await it.make().submit(request) == Refused("post_only_would_take")
        assert isinstance(await it.make().lookup(request.client_order_id, it.instrument), NotFound)


async def test_25_a_post_only_order_that_would_not_take_rests(it: VenueUnderTest) -> None:
    for side, limit in ((Side.BUY, "99.99"), (Side.SELL, "90.01")):
        report = await submitted(it.make(), it.request(side, quantity="1", limit=limit, time_in_force=GTC, post_only=True))
        assert report.state is OPEN


async def test_26_immediate_or_cancel_never_rests(it: VenueUnderTest) -> None:
    request = it.request(quantity="3", limit="100", time_in_force=IOC)
    report = await submitted(it.make(), request)
    assert (report.state, walked(report)) == (EXPIRED, [(100, 1)])

    await it.later(BIDS, [(99, 10)])

    assert (await found(it.make(), request)).fills == report.fills


async def test_27_fill_or_kill_fills_whole_or_not_at_all(it: VenueUnderTest) -> None:
    whole = await submitted(it.make(), it.request(quantity="2", limit="200", time_in_force=FOK))
    none = await submitted(it.make(), it.request(quantity="2.00001", limit="200", time_in_force=FOK))

    assert (whole.state, walked(whole)) == (DONE, [(100, 1), (200, 1)])
    assert (none.state, none.fills, none.filled_quantity.value) == (EXPIRED, (), Decimal(0))


@pytest.mark.parametrize("time_in_force", [GTC, GTD])
async def test_28_an_order_with_a_date_ends_by_the_venues_clock_with_what_it_had(it: VenueUnderTest, time_in_force: TimeInForce) -> None:
    venue, request = it.make(), it.request(quantity="2", limit="100", time_in_force=time_in_force, good_for=DAY)
    first = await submitted(venue, request)

    it.clock.advance(DAY - timedelta(seconds=1))
    assert (await found(venue, request)).state is PARTIAL
    await it.later(BIDS, [(99, 10)])

    last = await found(venue, request)
    assert (last.state, last.fills) == (EXPIRED, first.fills)


async def test_29_an_order_that_came_after_its_date_is_refused(it: VenueUnderTest) -> None:
    request = it.request(quantity="1", limit="95", time_in_force=GTD, good_for=timedelta(0))

    assert isinstance(await it.make().submit(request), Refused)


async def test_30_a_later_market_fills_what_rests_at_its_limit_as_maker_within_the_quantity_seen(it: VenueUnderTest) -> None:
    venue, request = it.make(), it.request(quantity="2", limit="95", time_in_force=GTC)
    await submitted(venue, request)

    await it.later([(80, 1)], [(90, "0.5"), (95, "0.25"), ("95.01", 9)])
    report = await found(venue, request)
    assert (report.state, walked(report), liquidity(report)) == (PARTIAL, [(95, Decimal("0.75"))], [Liquidity.MAKER])

    await it.later([(80, 1)], [(94, 9)])
    report = await found(venue, request)
    assert (report.state, walked(report)) == (DONE, [(95, Decimal("0.75")), (95, Decimal("1.25"))])


async def test_31_a_sell_that_rests_fills_when_the_bids_reach_it(it: VenueUnderTest) -> None:
    venue, request = it.make(), it.request(Side.SELL, quantity="2", limit="95", time_in_force=GTC)
    await submitted(venue, request)

    await it.later([(97, 1), (95, "0.5"), (94, 9)], ASKS)

    assert walked(await found(venue, request)) == [(95, Decimal("1.5"))]


async def test_32_nobody_has_the_same_quantity_twice(it: VenueUnderTest) -> None:
    venue, request = it.make(), it.request(quantity="3", limit="100", time_in_force=GTC)
    await submitted(venue, request)

    for _ in range(3):
        await it.later(BIDS, ASKS)

    assert walked(await found(venue, request)) == [(100, 1)]


async def test_33_canceling_what_rests_ends_it_whatever_the_market_does_then(it: VenueUnderTest) -> None:
    venue, request = it.make(), it.request(quantity="2", limit="95", time_in_force=GTC)
    await submitted(venue, request)

    assert isinstance(await venue.cancel(request.client_order_id, it.instrument), Accepted)
    await it.later(BIDS, [(90, 10)])

    report = await found(venue, request)
    assert (report.state, report.fills) == (CANCELED, ())
    assert isinstance(await venue.cancel(request.client_order_id, it.instrument), Refused)


async def test_34_canceling_after_a_part_was_filled_keeps_the_part(it: VenueUnderTest) -> None:
    venue, request = it.make(), it.request(quantity="2", limit="100", time_in_force=GTC)
    await submitted(venue, request)
    await it.later(BIDS, [(100, 1), (100, "0.5")])

    outcome = await venue.cancel(request.client_order_id, it.instrument)

    assert isinstance(outcome, Accepted)
    report = await found(venue, request)
    assert (report.state, walked(report)) == (CANCELED, [(100, 1), (100, Decimal("0.5"))])


async def test_35_a_restart_forgets_nothing_that_rests(it: VenueUnderTest) -> None:
    request = it.request(quantity="2", limit="100", time_in_force=GTC)
    told = await submitted(it.make(), request)

    assert (await found(it.make(), request)).fills == told.fills
    await it.later(BIDS, [(99, 10)])

    report = await found(it.make(), request)
    assert (report.state, walked(report)) == (DONE, [(100, 1), (100, 1)])


async def test_36_the_fee_of_taking_and_making_is_rounded_up_once_for_the_whole_order(it: VenueUnderTest) -> None:
    it.set_market(BIDS, [("33.33", "0.33333")])
    venue, request = it.make(), it.request(quantity="1", limit="33.34", time_in_force=GTC)
    await submitted(venue, request)
    await it.later(BIDS, [("33.34", "0.50003")])  # a third of it was had before
    await it.later(BIDS, [("33.2", 5)])

    report = await found(venue, request)
    taken = Decimal("33.33") * Decimal("0.33333") * 10
    made = Decimal("33.34") * Decimal("0.66667") * 8
    exact = (taken + made).scaleb(-4 + it.instrument.quote.scale)
    told = sum((fill.fee for fill in report.fills), Decimal(0)).scaleb(it.instrument.quote.scale)
    assert (report.state, told) == (DONE, exact.to_integral_value("ROUND_CEILING"))
    assert liquidity(report) == [Liquidity.TAKER, Liquidity.MAKER, Liquidity.MAKER]


async def test_37_reports_with_gaps_and_repetitions_add_up_to_the_truth(it: VenueUnderTest) -> None:
    request = it.request(quantity="3", limit="100", time_in_force=GTC)
    await submitted(it.make(), request)
    await it.later(BIDS, [(100, 1), (100, "0.5")])
    await it.later(BIDS, [(90, 9)])
    truth, garbling = await found(it.make(), request), it.garbling()

    known = set()
    for _ in range(40):
        report = await found(garbling, request)
        assert (report.state, report.filled_quantity) == (truth.state, truth.filled_quantity)
        known |= set(report.fills)

    assert known == set(truth.fills)


async def test_38_an_order_that_rests_is_idempotent_by_its_client_order_id(it: VenueUnderTest) -> None:
    venue, request = it.make(), it.request(quantity="2", limit="95", time_in_force=GTC)
    first = await submitted(venue, request)
    again = await submitted(venue, request)
    await it.later(BIDS, [(95, 1)])

    assert again.venue_order_id == first.venue_order_id
    assert walked(await found(venue, request)) == [(95, 1)]


async def test_39_a_silent_venue_rests_the_order_all_the_same(it: VenueUnderTest) -> None:
    request = it.request(quantity="2", limit="95", time_in_force=GTC)
    await it.silent().submit(request)

    assert (await found(it.make(), request)).state is OPEN
