"""Table of the platform's fee, as data with history: the newest row that has begun is in force."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Integer, Table, Text, text

from core.db.metadata import TIMESTAMP, metadata

schedules = Table(
    "fee_schedules",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("platform_fee_bps", Integer, nullable=False),
    Column("begins_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Column("note", Text, nullable=False, server_default=text("''")),
    CheckConstraint("platform_fee_bps between 0 and 500", name="range"),
)
