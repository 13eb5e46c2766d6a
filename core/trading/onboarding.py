"""What a new account starts with: 10,000 USDT on paper. Called by the bot when an account opens, in the same transaction."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork
from core.kernel.money import Amount, Asset
from core.ledger import service as ledger
from core.ledger.types import WORLD, Posting, user_available

PAPER = "paper"
PAPER_CASH = Asset("paper:USDT", 8)
PAPER_GRANT = Amount(PAPER_CASH, 10_000 * 10**8)


async def grant_paper_funds(uow: UnitOfWork, user_id: int) -> None:
    """Gives a user the paper money, once however often it is called. Paper accounts never mix with real ones: other place, other asset."""
    await ledger.ensure_asset(uow, PAPER_CASH)
    await ledger.post(
        uow,
        key=f"paper-grant:{user_id}",
        kind="paper_grant",
        postings=[Posting(WORLD, user_available(user_id, PAPER), PAPER_GRANT)],
        reference=f"user:{user_id}",
    )
