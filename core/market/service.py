"""What is tradable: reading and writing instruments. Called by edges, trading and the `streams` process inside their unit of work.

Prices are never kept here: books are read through `core/market/ports.BookReader`, outside a unit of work.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.db.unit_of_work import UnitOfWork
from core.ledger import service as ledger
from core.market import repository
from core.market.types import Instrument


async def instrument(uow: UnitOfWork, venue: str, symbol: str) -> Instrument | None:
    """The instrument, active or not (see its `active`); None where the venue never had it."""
    return await repository.find(uow, venue, symbol)


async def instruments(uow: UnitOfWork, venue: str) -> list[Instrument]:
    """What can be traded at `venue` now, by symbol."""
    return await repository.active(uow, venue)


async def save_instruments(uow: UnitOfWork, instruments: Sequence[Instrument]) -> None:
    """Writes instruments and their rules, replacing what was there, and makes their assets known to the ledger.

    The last of two with the same venue and symbol counts. ValueError where an asset is known with another scale.
    """
    unique = {(one.venue, one.symbol): one for one in instruments}
    if not unique:
        return
    for asset in sorted({asset for one in unique.values() for asset in (one.base, one.quote)}, key=lambda asset: asset.code):
        await ledger.ensure_asset(uow, asset)
    await repository.upsert(uow, list(unique.values()))


async def retire_other_instruments(uow: UnitOfWork, venue: str, kept: Collection[str]) -> int:
    """Ends trading in all instruments of `venue` but the symbols `kept`: they have no prices any more. Returns how many."""
    return await repository.deactivate_others(uow, venue, kept)
