"""Table of positions at average cost."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Table, Text, text

from core.db.metadata import DECIMAL, TIMESTAMP, UNITS, metadata

positions = Table(
    "positions",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("venue", Text, primary_key=True),
    Column("instrument", Text, primary_key=True),
    Column("quantity", DECIMAL, nullable=False, server_default=text("0"), comment="base held through orders"),
    Column("cost", UNITS, nullable=False, server_default=text("0"), comment="quote paid for it, fees included"),
    Column("realized_pnl", UNITS, nullable=False, server_default=text("0"), comment="quote, after fees"),
    Column("fees", UNITS, nullable=False, server_default=text("0"), comment="quote, all fees so far"),
    Column("updated_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    CheckConstraint("quantity >= 0 and cost >= 0", name="not_negative"),
)
