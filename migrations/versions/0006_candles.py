"""Candles: partitioned by interval and month, or a hypertable where TimescaleDB is installed in the database.

Revision: 0006, after: 0005.
One transaction. The timeouts make a migration that waits for a lock fail instead of stopping the desk. The months' partitions are made
by the functions of core/market/sql, by whoever writes candles.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_DECIMAL = sa.Numeric(precision=60, scale=30)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    hypertable = _timescale_is_here()
    op.create_table("candles", *_columns(), *_constraints(), postgresql_partition_by=None if hypertable else "LIST (interval)")
    if hypertable:
        op.execute("select create_hypertable('candles', 'open_at', chunk_time_interval => interval '1 month')")


def _timescale_is_here() -> bool:
    if context.is_offline_mode():
        return False
    return bool(op.get_bind().scalar(sa.text("select exists (select from pg_extension where extname = 'timescaledb')")))


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("symbol", sa.Text(), nullable=False, comment="BASE/QUOTE"),
        sa.Column("interval", sa.Text(), nullable=False, comment="1m, 5m, 1h, 1d"),
        sa.Column("origin", sa.Text(), nullable=False, comment="live, recorded, simulated: series that never mix"),
        sa.Column("open_at", sa.DateTime(timezone=True), nullable=False, comment="our time, also where recorded times are shifted"),
        sa.Column("open", _DECIMAL, nullable=False),
        sa.Column("high", _DECIMAL, nullable=False),
        sa.Column("low", _DECIMAL, nullable=False),
        sa.Column("close", _DECIMAL, nullable=False),
        sa.Column("volume", _DECIMAL, nullable=True, comment="base coins; null where nobody told it"),
        sa.Column("minutes", sa.Integer(), nullable=False, comment="how many of its minutes were seen as a whole"),
        sa.Column("jumped", sa.Boolean(), nullable=False, comment="a recording started again in it: its change is none of the market"),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True, comment="when it began in the recording"),
    ]


def _constraints() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint("interval in ('1m', '5m', '1h', '1d')", name=op.f("ck_candles_interval")),
        sa.CheckConstraint("origin in ('live', 'recorded', 'simulated')", name=op.f("ck_candles_origin")),
        sa.CheckConstraint("low > 0 and low <= least(open, close) and high >= greatest(open, close)", name=op.f("ck_candles_prices")),
        sa.CheckConstraint("volume >= 0 and minutes >= 0", name=op.f("ck_candles_counts")),
        sa.PrimaryKeyConstraint("symbol", "interval", "origin", "open_at", name=op.f("pk_candles")),
    ]


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_table("candles")
