"""The paper venue's trouble on demand, and what it says when its own database or its prices are away."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import asyncpg
import pytest

from core.adapters.venues.paper.store import PaperStore
from core.adapters.venues.paper.trouble import Trouble
from core.adapters.venues.paper.venue import PaperVenue
from core.db.pool import Pool, create_pool
from core.kernel.errors import Unavailable
from core.kernel.secret import Secret
from core.market.types import Instrument
from core.venues.types import Accepted, NotFound, OrderReport, Refused, Unknown, VenueOrderState
from tests.contract.venues import VenueUnderTest, paper
from tests.support.books import StaticBooks


@pytest.fixture
def it(pool: Pool) -> VenueUnderTest:
    found = paper(pool)
    found.set_market([(90, 1)], [(100, 1), (200, 1), (500, 10)])
    return found


def troubled(pool: Pool, it: VenueUnderTest, trouble: Trouble) -> PaperVenue:
    books = StaticBooks()
    books.set(it.instrument.symbol)
    return PaperVenue(pool, books, it.clock, trouble=trouble)


async def report_of(venue: PaperVenue, client_order_id: str, instrument: Instrument) -> OrderReport:
    report = await venue.lookup(client_order_id, instrument)
    assert isinstance(report, OrderReport)
    return report


async def test_a_lost_request_is_unknown_and_never_executes(pool: Pool, it: VenueUnderTest) -> None:
    venue, request = troubled(pool, it, Trouble(lost=100)), it.request()

    assert isinstance(await venue.submit(request), Unknown)

    assert isinstance(await venue.lookup(request.client_order_id, it.instrument), NotFound)
    assert await venue.store.executed_orders() == {}


async def test_an_order_refused_on_demand_is_in_nobodys_books(pool: Pool, it: VenueUnderTest) -> None:
    venue, request = troubled(pool, it, Trouble(rejects=100)), it.request()

    assert await venue.submit(request) == Refused("rejected")

    assert isinstance(await venue.lookup(request.client_order_id, it.instrument), NotFound)


async def test_a_venue_that_does_not_answer_says_nothing_about_the_order(pool: Pool, it: VenueUnderTest) -> None:
    venue, request = troubled(pool, it, Trouble(unreachable=100)), it.request()
    await venue.submit(request)

    with pytest.raises(Unavailable):
        await venue.lookup(request.client_order_id, it.instrument)

    assert await venue.store.executed_orders() == {request.client_order_id: 1}


async def test_a_report_with_gaps_counts_all_that_is_filled(pool: Pool, it: VenueUnderTest) -> None:
    request = it.request(quantity="3")
    await it.make().submit(request)

    report = await report_of(troubled(pool, it, Trouble(gaps=100)), request.client_order_id, it.instrument)

    assert (report.filled_quantity.value, len(report.fills)) == (Decimal(3), 2)


async def test_a_report_that_repeats_tells_every_fill_twice_under_its_own_id(pool: Pool, it: VenueUnderTest) -> None:
    request = it.request(quantity="3")
    await it.make().submit(request)
    whole = await report_of(troubled(pool, it, Trouble()), request.client_order_id, it.instrument)

    report = await report_of(troubled(pool, it, Trouble(repeats=100)), request.client_order_id, it.instrument)

    assert sorted(report.fills, key=lambda fill: fill.venue_fill_id) == [fill for fill in whole.fills for _ in range(2)]
    assert report.filled_quantity == whole.filled_quantity


async def test_time_passes_on_the_way_to_the_venue(pool: Pool, it: VenueUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An order that leaves in time and arrives after `send_until` is refused: the venue's clock is read on its side."""
    travel = it.clock

    async def pass_time(seconds: float) -> None:
        travel.advance(timedelta(seconds=seconds))

    monkeypatch.setattr(asyncio, "sleep", pass_time)
    books = StaticBooks()
    books.set(it.instrument.symbol)
    trouble = Trouble(late=100, late_by=timedelta(seconds=4))
    slow = PaperVenue(pool, books, travel, latency=timedelta(seconds=2), trouble=trouble)

    assert await slow.submit(it.request(send_within=timedelta(seconds=5))) == Refused("too_late")
    assert isinstance(await slow.submit(it.request(send_within=timedelta(seconds=6))), Accepted)


async def test_prices_that_cannot_be_read_are_no_price(pool: Pool, it: VenueUnderTest) -> None:
    books = StaticBooks()
    books.failure = Unavailable("no prices now")

    assert await PaperVenue(pool, books, it.clock).submit(it.request()) == Refused("no_price")


async def test_a_venue_without_its_database_knows_nothing_and_says_so(app_dsn: Secret, it: VenueUnderTest) -> None:
    away = await create_pool(app_dsn, application_name="a venue that is away", max_size=1)
    venue, request = troubled(away, it, Trouble()), it.request()
    await away.close()

    assert isinstance(await venue.submit(request), Unknown)
    assert isinstance(await venue.cancel(request.client_order_id, it.instrument), Unknown)
    with pytest.raises(Unavailable):
        await venue.lookup(request.client_order_id, it.instrument)


async def test_a_cancel_that_the_books_did_not_take_is_no_cancel(pool: Pool, owner_pool: Pool, it: VenueUnderTest) -> None:
    venue, request = it.resting(), it.request(quantity="2")
    await venue.submit(request)
    await owner_pool.execute("create function lost() returns trigger language plpgsql as 'begin return old; end'")
    await owner_pool.execute("create trigger lost before update on paper_venue_orders for each row execute function lost()")

    outcome = await venue.cancel(request.client_order_id, it.instrument)

    assert outcome == Unknown("not closed")
    report = await venue.lookup(request.client_order_id, it.instrument)
    assert isinstance(report, OrderReport)
    assert report.state is VenueOrderState.PARTIALLY_FILLED


async def test_an_order_whose_price_source_is_not_on_record_is_told_without_one(pool: Pool, owner_pool: Pool, it: VenueUnderTest) -> None:
    venue, request = troubled(pool, it, Trouble()), it.request()
    await venue.submit(request)
    await owner_pool.execute("update paper_venue_orders set source = null")

    report = await report_of(venue, request.client_order_id, it.instrument)

    assert (report.source, report.filled_quantity.value) == (None, Decimal(1))


async def test_a_connection_that_ended_while_the_process_stood_still_is_an_outage(pool: Pool) -> None:
    with pytest.raises(ConnectionResetError):
        async with PaperStore(pool).exclusive("x"):
            raise asyncpg.InternalClientError("cannot switch to state 12; protocol is in the failed state")
