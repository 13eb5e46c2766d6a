"""The ledger's SQL: one call of `ledger_apply` for any number of requests, a shorter one for a request alone, and what is read.

Called by `core/ledger/service.py` alone. Writes nothing but through the functions in `sql/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from sqlalchemy import select

from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied, IdempotencyConflict
from core.kernel.money import Amount, Asset
from core.ledger.models import accounts, assets
from core.ledger.rules import Entry, insufficient_funds, request_hash
from core.ledger.types import AccountBalance, AssetCheck, Balance, PostResult

_APPLY = """select outcome, transaction_id, account, asset, available, needed
from ledger_apply($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"""
_HOLD_ONE = "select ledger_hold_one($1, $2, $3, $4, $5, $6, $7)"
_POST_ONE = "select ledger_post_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
_MALFORMED, _OTHER_REQUEST = "SR400", "SR409"
_HELD = ":held"
_ALREADY_REVERSED, _SECOND_HOLD = "uq_ledger_transactions_reverses", "pk_ledger_holds"


@dataclass
class _Call:
    """The parallel arrays of one call. Each account is listed once; postings name it by its place, from 1."""

    places: dict[tuple[str, str], int] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)
    postings: list[tuple[int, int, int, str]] = field(default_factory=list)

    def place(self, address: str, asset: Asset) -> int:
        self.assets[asset.code] = asset
        return self.places.setdefault((address, asset.code), len(self.places) + 1)

    def add(self, number: int, entry: Entry) -> None:
        for posting in entry.postings:
            asset = posting.amount.asset
            source, destination = self.place(posting.source, asset), self.place(posting.destination, asset)
            self.postings.append((number, source, destination, str(posting.amount.units)))
            if entry.action == "close" and posting.source.endswith(_HELD):
                self.place(f"{posting.source.removesuffix(_HELD)}:available", asset)  # where the rest returns to

    def columns(self) -> list[list[Any]]:
        """Number of the request, source, destination and units of every posting."""
        return [list(column) for column in zip(*self.postings, strict=True)] or [[], [], [], []]

    def listed(self) -> list[list[Any]]:
        """Addresses and asset codes of the accounts."""
        return [[address for address, _ in self.places], [code for _, code in self.places]]


async def apply(uow: UnitOfWork, entries: Sequence[Entry]) -> list[PostResult]:
    """Applies each entry whole or not at all, in order. Raises ValueError (malformed) and IdempotencyConflict (nothing was done)."""
    if len(entries) == 1:
        transaction_id = await apply_one(uow, entries[0])
        if transaction_id is not None:
            return [PostResult(transaction_id)]
    return await apply_set(uow, entries)


async def apply_one(uow: UnitOfWork, entry: Entry) -> int | None:
    """The new transaction's id; None when nothing was done, and `apply_set` says why or does what it takes."""
    try:
        if entry.action == "open":
            [moved] = entry.postings
            given = (entry.reference, entry.hold_id, entry.user_id, moved.amount.asset.code, str(moved.amount.units))
            found = await uow.connection.fetchval(_HOLD_ONE, entry.key, request_hash(entry), *given)
        elif entry.postings:
            call = _Call()
            call.add(1, entry)
            named = (entry.key, request_hash(entry), entry.kind, entry.reference, entry.reverses, entry.hold_id, entry.action == "close")
            found = await uow.connection.fetchval(_POST_ONE, *named, *call.listed(), *call.columns()[1:])
        else:
            return None
    except asyncpg.PostgresError as error:
        raise _translated(error) from error
    return None if found is None else int(found)


async def apply_set(uow: UnitOfWork, entries: Sequence[Entry]) -> list[PostResult]:
    """The same for any number of entries, in one call of `ledger_apply`."""
    if len({entry.key for entry in entries}) != len(entries):
        raise ValueError("an idempotency key stands twice in one call")
    call = _Call()
    for number, entry in enumerate(entries, start=1):
        call.add(number, entry)
    try:
        rows = await uow.connection.fetch(_APPLY, *_arguments(entries, call))
    except asyncpg.PostgresError as error:
        raise _translated(error) from error
    return [_result(entry, row, call.assets) for entry, row in zip(entries, rows, strict=True)]


def _arguments(entries: Sequence[Entry], call: _Call) -> list[list[Any]]:
    transactions: list[list[Any]] = [
        [entry.key for entry in entries],
        [request_hash(entry) for entry in entries],
        [entry.kind for entry in entries],
        [entry.reference for entry in entries],
        [entry.reverses for entry in entries],
        [entry.action for entry in entries],
        [entry.hold_id for entry in entries],
        [entry.user_id for entry in entries],
    ]
    return [*transactions, *call.listed(), *call.columns()]


def _translated(error: asyncpg.PostgresError) -> Exception:
    """The error a caller knows; the database's own where it is none of ours."""
    code = getattr(error, "sqlstate", "")
    if code == _MALFORMED:
        return ValueError(str(error))
    if getattr(error, "constraint_name", "") == _SECOND_HOLD:
        return ValueError("a hold of this id exists under another key")
    if code == _OTHER_REQUEST:
        return IdempotencyConflict(str(error))
    if getattr(error, "constraint_name", "") == _ALREADY_REVERSED:
        return Denied("already_reversed")
    return error


def _result(entry: Entry, row: asyncpg.Record, known: dict[str, Asset]) -> PostResult:
    outcome = row["outcome"]
    if outcome == "conflict":
        raise IdempotencyConflict(entry.key)
    if outcome == "insufficient":
        return PostResult(None, denial=insufficient_funds(known, row["asset"], row["available"], row["needed"]))
    if outcome == "hold_closed":
        return PostResult(None, denial=Denied("hold_closed", hold_id=str(entry.hold_id), state=row["available"]))
    return PostResult(row["transaction_id"], replayed=outcome == "replayed")


async def ensure_asset(uow: UnitOfWork, asset: Asset) -> None:
    """Raises ValueError where the asset is known with another scale."""
    try:
        await uow.connection.execute("select ledger_ensure_asset($1, $2)", asset.code, asset.scale)
    except asyncpg.PostgresError as error:
        raise _translated(error) from error


async def balances(uow: UnitOfWork, user_id: int, place: str) -> dict[str, Balance]:
    """What a user has at a place, by asset code."""
    query = (
        select(accounts.c.address, assets.c.code, assets.c.scale, accounts.c.balance)
        .join(assets, assets.c.id == accounts.c.asset_id)
        .where(accounts.c.user_id == user_id, assets.c.code.startswith(f"{place}:", autoescape=True))
    )
    found: dict[str, Balance] = {}
    for row in await uow.fetch(query):
        asset = Asset(row["code"], row["scale"])
        had = found.get(asset.code, Balance(Amount.zero(asset), Amount.zero(asset)))
        amount = Amount(asset, int(row["balance"]))
        if row["address"].endswith(":available"):
            found[asset.code] = Balance(amount, had.held)
        elif row["address"].endswith(":held"):
            found[asset.code] = Balance(had.available, amount)
    return found


async def account_balances(uow: UnitOfWork, prefix: str) -> list[AccountBalance]:
    """Every account whose address begins with `prefix`, by address and asset."""
    query = (
        select(accounts.c.address, assets.c.code, assets.c.scale, accounts.c.balance)
        .join(assets, assets.c.id == accounts.c.asset_id)
        .where(accounts.c.address.startswith(prefix, autoescape=True))
        .order_by(accounts.c.address, assets.c.code)
    )
    return [AccountBalance(r["address"], Amount(Asset(r["code"], r["scale"]), int(r["balance"]))) for r in await uow.fetch(query)]


async def check(uow: UnitOfWork) -> list[AssetCheck]:
    """Every asset against its postings and holds, in one snapshot."""
    rows = await uow.connection.fetch("select asset, accounts, postings, balance_sum, problems from ledger_check()")
    return [AssetCheck(r["asset"], r["accounts"], r["postings"], int(r["balance_sum"]), tuple(r["problems"])) for r in rows]
