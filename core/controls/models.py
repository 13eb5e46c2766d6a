"""Table of the kill switch: one row a pause, by scope; an open row stops new orders in its scope."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Table, Text, text

from core.db.metadata import TIMESTAMP, metadata

pauses = Table(
    "control_pauses",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("scope", Text, nullable=False, comment="global, venue:paper, instrument:BTC/USDT, user:7"),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("paused_by", BigInteger, nullable=False, comment="users.id of the operator; 0: the command line"),
    Column("paused_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Column("resumed_by", BigInteger),
    Column("resumed_at", TIMESTAMP),
    CheckConstraint("(resumed_by is null) = (resumed_at is null)", name="resumed_by_somebody"),
    Index("uq_control_pauses_open_scope", "scope", unique=True, postgresql_where=text("resumed_at is null")),
)
