"""Short words for tests of money."""

from __future__ import annotations

from core.db.pool import Pool
from core.db.unit_of_work import UnitOfWork, unit_of_work
from core.kernel.money import Amount, Asset
from core.ledger import service as ledger
from core.ledger.types import WORLD, Posting, user_available

USDT = Asset("paper:USDT", 6)
BTC = Asset("paper:BTC", 8)
EUR = Asset("binance:EUR", 2)
ASSETS = (USDT, BTC, EUR)


async def know_assets(pool: Pool) -> None:
    """Makes the three assets known."""
    async with unit_of_work(pool) as uow:
        for asset in ASSETS:
            await ledger.ensure_asset(uow, asset)


def paid(source: str, destination: str, units: int, asset: Asset = USDT) -> Posting:
    """One posting."""
    return Posting(source, destination, Amount(asset, units))


async def fund(pool: Pool, user_id: int, units: int, asset: Asset = USDT, key: str = "") -> None:
    """Gives the user money from the world."""
    async with unit_of_work(pool) as uow:
        await ledger.post(
            uow,
            key=key or f"fund:{user_id}:{asset.code}",
            kind="fund",
            postings=[paid(WORLD, user_available(user_id, asset.place), units, asset)],
        )


async def has(uow: UnitOfWork, user_id: int, asset: Asset = USDT) -> tuple[int, int]:
    """Available and held units."""
    balance = (await ledger.balances(uow, user_id, asset.place)).get(asset.code)
    return (balance.available.units, balance.held.units) if balance else (0, 0)


async def require_clean(pool: Pool) -> None:
    """Fails with the ledger's own words where it is not clean."""
    async with unit_of_work(pool) as uow:
        assert [line for line in await ledger.check(uow) if not line.ok] == []
