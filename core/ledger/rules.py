"""Pure decisions of the ledger: what a request is called in the database, which shard it uses, what its hash is.

Called by the repository. No I/O, no clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from core.kernel.errors import Denied
from core.kernel.money import Amount, Asset
from core.ledger.types import (
    FEE_SHARDS,
    HoldRequest,
    Posting,
    Request,
    Settlement,
    Transaction,
    user_available,
    user_held,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A request as the SQL function takes it."""

    key: str
    kind: str
    action: str
    postings: tuple[Posting, ...]
    reference: str = ""
    reverses: int | None = None
    hold_id: UUID | None = None
    user_id: int | None = None


def entry_of(request: Request) -> Entry:
    """The request with its kind, its action and sharded addresses."""
    if isinstance(request, Transaction):
        postings = sharded(request.postings, request.key)
        return Entry(request.key, request.kind, "", postings, request.reference, request.reverses)
    if isinstance(request, HoldRequest):
        place = request.amount.asset.place
        moved = Posting(user_available(request.user_id, place), user_held(request.user_id, place), request.amount)
        return Entry(request.key, "hold", "open", (moved,), request.reference, hold_id=request.hold_id, user_id=request.user_id)
    if isinstance(request, Settlement):
        action = "close" if request.close else "settle"
        return Entry(request.key, "settle", action, sharded(request.postings, request.key), hold_id=request.hold_id)
    kind = "expire" if request.expired else "void"
    return Entry(request.key, kind, kind, (), hold_id=request.hold_id)


def sharded(postings: Sequence[Posting], key: str) -> tuple[Posting, ...]:
    """Postings whose hot addresses name their shard."""
    return tuple(Posting(shard_address(p.source, key), shard_address(p.destination, key), p.amount) for p in postings)


def shard_address(address: str, key: str) -> str:
    """`fees:platform` → `fees:platform:11`, `venue:paper` → `venue:paper:11`: by the transaction's key. Others stay as they are.

    >>> shard_address("world", "k")
    'world'
    """
    if address.startswith(("fees:", "venue:")) and address.count(":") == 1:
        return f"{address}:{shard(key)}"
    return address


def shard(key: str) -> int:
    """Which shard of the hot accounts a transaction uses: the same for the same key, for ever."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=2).digest(), "big") % FEE_SHARDS


def request_hash(entry: Entry) -> bytes:
    """SHA-256 over everything the request says but its key. Equal hashes mean the same request."""
    content = [
        entry.kind,
        entry.action,
        entry.reference,
        entry.reverses,
        str(entry.hold_id or ""),
        entry.user_id,
        [[p.source, p.destination, p.amount.asset.code, str(p.amount.units)] for p in entry.postings],
    ]
    return hashlib.sha256(orjson.dumps(content)).digest()


def insufficient_funds(assets: Mapping[str, Asset], code: str, available: str, needed: str) -> Denied:
    """The denial, in whole coins as strings. `available` and `needed` come in smallest units."""
    asset = assets[code]
    return Denied(
        "insufficient_funds",
        asset=code,
        available=coins(Amount(asset, int(available))),
        needed=coins(Amount(asset, int(needed))),
    )


def coins(amount: Amount) -> str:
    """Whole coins as plain digits without trailing zeros.

    >>> coins(Amount(Asset("paper:USDT", 6), 1_500_000))
    '1.5'
    """
    text = f"{amount.to_decimal():f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
