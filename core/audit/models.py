"""Table of what people with a role did by hand: one row an action, never changed."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Table, Text, text

from core.db.metadata import JSON, TIMESTAMP, metadata

operator_actions = Table(
    "operator_actions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("actor", Text, nullable=False, comment="operator:7 (users.id) from the chat, ops:NAME from the command line"),
    Column("action", Text, nullable=False, comment="look_up, pause, role, fee …"),
    Column("subject", Text, nullable=False, comment="whom or what it is about: user:7, venue:paper, broadcast:3"),
    Column("details", JSON, nullable=False, server_default=text("'{}'::jsonb"), comment="figures and reasons; never what a user wrote"),
    Column("acted_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    CheckConstraint("actor <> '' and action <> '' and subject <> ''", name="said"),
    Index("ix_operator_actions_subject", "subject", "id"),
)
"""Append-only: the application role may only add and read, and a trigger refuses everybody else."""
