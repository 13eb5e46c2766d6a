"""Tables of risk: limits as data with their history, what each day realized, and the breaker of each account."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, Identity, Index, PrimaryKeyConstraint, Table, Text, text

from core.db.metadata import DECIMAL, TIMESTAMP, UNITS, metadata

limits = Table(
    "risk_limits",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("scope", Text, nullable=False, comment="global, venue:paper, tier:standard, user:7"),
    Column("name", Text, nullable=False, comment="as in core/risk/limits.py; exposure:USDT where it counts coins"),
    Column("value", DECIMAL, comment="null: from here on this scope says nothing"),
    Column("raises", Boolean, nullable=False, server_default=text("false"), comment="may be wider than what the wider scopes say"),
    Column("begins_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Column("set_by", Text, nullable=False, comment="who: operator:7, ops"),
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    CheckConstraint("value is null or value >= 0", name="not_negative"),
    CheckConstraint("scope ~ '^(global|venue:[a-z0-9_-]+|tier:[a-z0-9_-]+|user:[0-9]+)$'", name="scope"),
    Index("ix_risk_limits_scope", "scope", "name", text("begins_at desc"), text("id desc")),
)
"""Append-only: a trigger refuses everything but inserts."""

daily_results = Table(
    "risk_daily_results",
    metadata,
    Column("user_id", BigInteger, nullable=False),
    Column("day", Date, nullable=False, comment="UTC"),
    Column("venue", Text, nullable=False),
    Column("instrument", Text, nullable=False),
    Column("realized", UNITS, nullable=False, comment="quote units after fees; below zero is a loss"),
    PrimaryKeyConstraint("user_id", "day", "venue", "instrument"),
)
"""Kept by a trigger on `positions`: whoever books a result, it is counted in the same transaction."""

accounts = Table(
    "risk_accounts",
    metadata,
    Column("user_id", BigInteger, nullable=False),
    Column("venue", Text, nullable=False),
    Column("quote_asset", Text, nullable=False),
    Column("peak", UNITS, nullable=False, comment="highest realized profit seen, in quote units"),
    Column("peak_at", TIMESTAMP, nullable=False),
    Column("tripped_at", TIMESTAMP, comment="the breaker opened"),
    Column("tripped_until", TIMESTAMP, comment="it closes again, the peak begins anew"),
    PrimaryKeyConstraint("user_id", "venue", "quote_asset"),
    CheckConstraint("(tripped_at is null) = (tripped_until is null)", name="tripped_for_a_time"),
)
