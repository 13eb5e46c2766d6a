"""Table of reasons: every verdict of a check is a row with its inputs; `/why` reads it."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Integer, Table, Text, text

from core.db.metadata import JSON, TIMESTAMP, metadata

decisions = Table(
    "decisions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("subject_kind", Text, nullable=False, comment="order"),
    Column("subject_id", Text, nullable=False),
    Column("sequence", Integer, nullable=False, comment="place in the chain of checks, from 0"),
    Column("check_name", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''"), comment="code of the denial, or empty"),
    Column("inputs", JSON, nullable=False),
    Column("decided_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    CheckConstraint("verdict in ('passed', 'denied', 'scaled')", name="verdict"),
    Index("ix_decisions_subject", "subject_kind", "subject_id"),
)
