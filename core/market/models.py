"""Table of instruments: what is tradable at a venue, by which rules. Prices live in Valkey, never here."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, PrimaryKeyConstraint, Table, Text, text

from core.db.metadata import DECIMAL, TIMESTAMP, metadata

instruments = Table(
    "instruments",
    metadata,
    Column("venue", Text, nullable=False),
    Column("symbol", Text, nullable=False, comment="BASE/QUOTE"),
    Column("base_asset", Text, nullable=False, comment="asset code, such as paper:BTC"),
    Column("base_scale", Integer, nullable=False),
    Column("quote_asset", Text, nullable=False),
    Column("quote_scale", Integer, nullable=False),
    Column("tick", DECIMAL, nullable=False),
    Column("lot", DECIMAL, nullable=False),
    Column("minimum_notional", DECIMAL, nullable=False),
    Column("taker_fee_bps", Integer, nullable=False),
    Column("maker_fee_bps", Integer, comment="null: the same as the taker's"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("updated_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("venue", "symbol"),
    CheckConstraint("tick > 0 and lot > 0 and minimum_notional >= 0 and taker_fee_bps >= 0", name="rules"),
)
