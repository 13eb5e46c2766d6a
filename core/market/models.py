"""Tables of the market: what is tradable at a venue by which rules, and candles. The price of now lives in Valkey, never here.

`candles` is partitioned natively: a list by interval, and in each months of `open_at` (made ahead and dropped by
`sql/candles.sql`). Where the TimescaleDB extension is installed when the table is made, it is a hypertable instead.
"""

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

candles = Table(
    "candles",
    metadata,
    Column("symbol", Text, nullable=False, comment="BASE/QUOTE"),
    Column("interval", Text, nullable=False, comment="1m, 5m, 1h, 1d"),
    Column("origin", Text, nullable=False, comment="live, recorded, simulated: series that never mix"),
    Column("open_at", TIMESTAMP, nullable=False, comment="our time, also where recorded times are shifted"),
    Column("open", DECIMAL, nullable=False),
    Column("high", DECIMAL, nullable=False),
    Column("low", DECIMAL, nullable=False),
    Column("close", DECIMAL, nullable=False),
    Column("volume", DECIMAL, comment="base coins; null where nobody told it"),
    Column("minutes", Integer, nullable=False, comment="how many of its minutes were seen as a whole"),
    Column("jumped", Boolean, nullable=False, comment="a recording started again in it: its change is none of the market"),
    Column("source_name", Text, nullable=False),
    Column("source_kind", Text, nullable=False),
    Column("recorded_at", TIMESTAMP, comment="when it began in the recording"),
    PrimaryKeyConstraint("symbol", "interval", "origin", "open_at"),
    CheckConstraint("interval in ('1m', '5m', '1h', '1d')", name="interval"),
    CheckConstraint("origin in ('live', 'recorded', 'simulated')", name="origin"),
    CheckConstraint("low > 0 and low <= least(open, close) and high >= greatest(open, close)", name="prices"),
    CheckConstraint("volume >= 0 and minutes >= 0", name="counts"),
    postgresql_partition_by="LIST (interval)",
)
