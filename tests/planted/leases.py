"""Planted bugs of the leases of real processes: nobody asks whether a writer still is the holder."""

from __future__ import annotations

from typing import Any

from tests.planted.registry import Plant, planted

P11_REAL = "tests/promises/test_p11_real_processes.py"


def require_nothing(plant: Plant) -> None:
    async def require(_uow: Any, _lease: Any) -> None: ...

    plant.patch("core.db.leases.require", require)


@planted(
    promise="P11",
    name="a relay marks without its lease",
    breaks=f"{P11_REAL}::test_a_relay_stopped_with_a_publication_on_its_way_marks_nothing_when_it_goes_on",
)
def relay_marks_without_its_lease(plant: Plant) -> None:
    require_nothing(plant)


@planted(
    promise="P11",
    name="a bot works without its leases",
    breaks=f"{P11_REAL}::test_a_bot_stopped_past_its_leases_handles_and_sends_nothing_when_it_goes_on",
)
def bot_works_without_its_leases(plant: Plant) -> None:
    require_nothing(plant)


@planted(
    promise="P11",
    name="prices without a fence",
    breaks=f"{P11_REAL}::test_a_price_publisher_stopped_past_its_lease_publishes_nothing_when_it_goes_on",
)
def prices_without_a_fence(plant: Plant) -> None:
    """Valkey takes a book under any token."""
    from core.adapters.marketdata import valkey_books  # noqa: PLC0415  (patched, hence read late)

    fence = "if token < tonumber(redis.call('GET', KEYS[1]) or '0') then return -1 end"
    assert fence in valkey_books._PUBLISH, "the plant has withered"
    plant.patch("core.adapters.marketdata.valkey_books._PUBLISH", valkey_books._PUBLISH.replace(fence, ""))
