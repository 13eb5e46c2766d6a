"""Tables of the double-entry ledger. Written by the functions in `sql/` only: the application role may read, not write.

Money model: an account has an address (`user:7:paper:available`, `user:7:paper:held`, `fees:platform:3`, `world` …) and one asset.
A posting moves an amount from a source to a destination of the same asset. `balance` = sum in − sum out.
Postings and holds name their accounts and transactions without foreign keys, which cost a quarter of a settlement: one function
writes them, from rows that it has locked; nothing can be deleted; and `ledger_check` finds an orphan (docs/decisions/0002-ledger.md).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from core.db.metadata import TIMESTAMP, UNITS, metadata

assets = Table(
    "ledger_assets",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True, comment="place:symbol"),
    Column("scale", SmallInteger, nullable=False),
    CheckConstraint("scale between 0 and 36", name="scale"),
)

accounts = Table(
    "ledger_accounts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("address", Text, nullable=False),
    Column("asset_id", Integer, ForeignKey("ledger_assets.id"), nullable=False),
    Column("user_id", BigInteger, comment="owner, for user accounts"),
    Column("may_be_negative", Boolean, nullable=False, comment="world only: what is outside the house"),
    Column("balance", UNITS, nullable=False, server_default=text("0")),
    UniqueConstraint("address", "asset_id"),
    CheckConstraint("may_be_negative or balance >= 0", name="not_negative"),
    Index("ix_ledger_accounts_user_id", "user_id", postgresql_where=text("user_id is not null")),
    postgresql_with={"fillfactor": "70"},
)

transactions = Table(
    "ledger_transactions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("idempotency_key", Text, nullable=False, unique=True),
    Column("request_hash", LargeBinary, nullable=False, comment="same key with another hash is refused"),
    Column("kind", Text, nullable=False, comment="paper_grant, hold, settle, void, reversal …"),
    Column("reference", Text, nullable=False, server_default=text("''"), comment="what caused it, such as order:…"),
    Column("reverses", BigInteger, ForeignKey("ledger_transactions.id")),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Index("uq_ledger_transactions_reverses", "reverses", unique=True, postgresql_where=text("reverses is not null")),
    Index("ix_ledger_transactions_created_at", "created_at", postgresql_using="brin"),
)

postings = Table(
    "ledger_postings",
    metadata,
    Column("transaction_id", BigInteger, primary_key=True, autoincrement=False),
    Column("line", SmallInteger, primary_key=True, autoincrement=False),
    Column("asset_id", Integer, nullable=False),
    Column("source_id", BigInteger, nullable=False),
    Column("destination_id", BigInteger, nullable=False),
    Column("amount", UNITS, nullable=False),
    CheckConstraint("amount > 0", name="positive"),
    CheckConstraint("source_id <> destination_id", name="two_accounts"),
    Index("ix_ledger_postings_source_id", "source_id"),
    Index("ix_ledger_postings_destination_id", "destination_id"),
)

holds = Table(
    "ledger_holds",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True, comment="chosen by the caller"),
    Column("available_id", BigInteger, nullable=False),
    Column("held_id", BigInteger, nullable=False),
    Column("amount", UNITS, nullable=False, comment="what was held at first"),
    Column("remaining", UNITS, nullable=False, comment="what is still held"),
    Column("state", Text, nullable=False, server_default=text("'pending'")),
    Column("reference", Text, nullable=False),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Column("closed_at", TIMESTAMP),
    CheckConstraint("state in ('pending', 'settled', 'voided', 'expired')", name="state"),
    CheckConstraint("amount > 0 and remaining >= 0 and remaining <= amount", name="amounts"),
    CheckConstraint("(state = 'pending') or remaining = 0", name="closed_holds_nothing"),
    postgresql_with={"fillfactor": "70"},
)
