"""Table of alerts: a condition on a market, told once."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID

from core.db.metadata import DECIMAL, JSON, TIMESTAMP, metadata

alerts = Table(
    "alerts",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("idempotency_key", Text, nullable=False, unique=True),
    Column("symbol", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("threshold", DECIMAL, nullable=False, comment="quote a base, basis points, or times the usual volume"),
    Column("window_s", Integer, nullable=False, server_default=text("0"), comment="of a move or a volume"),
    Column("state", Text, nullable=False, server_default=text("'armed'")),
    Column("evaluation", JSON, comment="the last look: when, what counted, what was missing"),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Column("finished_at", TIMESTAMP),
    CheckConstraint("kind in ('above', 'below', 'move', 'volume')", name="kind"),
    CheckConstraint("state in ('armed', 'triggered', 'canceled')", name="state"),
    CheckConstraint("threshold > 0 and window_s >= 0", name="positive"),
    CheckConstraint("(state = 'armed') = (finished_at is null)", name="finished"),
    Index("ix_alerts_armed", "symbol", postgresql_where=text("state = 'armed'")),
    Index("ix_alerts_user_id", "user_id", "created_at"),
)
