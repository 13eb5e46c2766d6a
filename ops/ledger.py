"""`ops ledger check` and `ops ledger balances`: what the operator sees of the ledger. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.db.unit_of_work import unit_of_work
from core.ledger import service as ledger
from core.ledger.rules import coins
from core.ledger.types import AccountBalance, AssetCheck
from ops.desk import open_pool
from ops.output import Answer


def check_line(line: AssetCheck) -> str:
    """`paper:USDT  ok  accounts 12  postings 40  sum 0`; a broken one names its problems."""
    word = "ok" if line.ok else "WRONG"
    text = f"{line.asset}  {word}  accounts {line.accounts}  postings {line.postings}  sum {line.balance_sum}"
    return text if line.ok else f"{text}  ({'; '.join(line.problems)})"


def check_answer(lines: Sequence[AssetCheck]) -> Answer:
    """Exit code 1 when any asset is wrong; the first line of the errors names all that are."""
    wrong = [line.asset for line in lines if not line.ok]
    data = [
        {
            "asset": line.asset,
            "ok": line.ok,
            "accounts": line.accounts,
            "postings": line.postings,
            "sum": str(line.balance_sum),
            "problems": list(line.problems),
        }
        for line in lines
    ]
    text = [check_line(line) for line in lines] or ["the ledger is empty"]
    error = f"the ledger is wrong in {', '.join(wrong)}" if wrong else ""
    return Answer(text, data, 1 if wrong else 0, error)


async def check() -> Answer:
    """Every asset against its postings and holds, in one snapshot."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        return check_answer(await ledger.check(uow))


async def balances(prefix: str) -> Answer:
    """Accounts by address, in whole coins."""
    async with open_pool() as pool, unit_of_work(pool) as uow:
        found = await ledger.account_balances(uow, prefix)
    return Answer([_balance_line(one) for one in found] or ["no such account"], [_balance_data(one) for one in found])


def _balance_line(one: AccountBalance) -> str:
    return f"{one.address}  {coins(one.amount)} {one.amount.asset.code}"


def _balance_data(one: AccountBalance) -> Mapping[str, Any]:
    return {"address": one.address, "asset": one.amount.asset.code, "balance": coins(one.amount), "units": str(one.amount.units)}
