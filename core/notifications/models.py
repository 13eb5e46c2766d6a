"""Tables of what a user wants to hear and when, of what is held for the digest, and of broadcasts."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.db.metadata import JSON, TIMESTAMP, metadata

settings = Table(
    "notification_settings",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("timezone", Text, nullable=False, server_default=text("'UTC'"), comment="IANA name"),
    Column("quiet_from", SmallInteger, comment="minute of the local day; null: no quiet hours"),
    Column("quiet_until", SmallInteger),
    Column(
        "digest", Boolean, nullable=False, server_default=text("true"), comment="what comes in quiet hours is held and told at their end"
    ),
    CheckConstraint("(quiet_from is null) = (quiet_until is null)", name="quiet_hours"),
    CheckConstraint("quiet_from between 0 and 1439 and quiet_until between 0 and 1439 and quiet_from <> quiet_until", name="minutes"),
)

preferences = Table(
    "notification_preferences",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("event", Text, primary_key=True),
    Column("mode", Text, nullable=False),
    CheckConstraint("mode in ('on', 'silent', 'off')", name="mode"),
)

held = Table(
    "notification_held",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False, comment="the notification's; told once"),
    Column("event", Text, nullable=False),
    Column("screen", Text, nullable=False),
    Column("data", JSON, nullable=False),
    Column("due_at", TIMESTAMP, nullable=False, comment="the end of the quiet hours"),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Column("told_at", TIMESTAMP),
    UniqueConstraint("user_id", "key"),
    Index("ix_notification_held_due", "due_at", postgresql_where=text("told_at is null")),
)

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("state", Text, nullable=False, server_default=text("'draft'")),
    Column("segment", JSON, nullable=False, comment="language, tier, mode, active_days, user_id: all that are given hold"),
    Column("texts", JSON, nullable=False, comment="by language; English is for everybody else"),
    Column("created_by", Text, nullable=False, comment="as in operator_actions"),
    Column("cursor", BigInteger, nullable=False, server_default=text("0"), comment="users.id of the last one that was dealt with"),
    Column("last_user_id", BigInteger, nullable=False, server_default=text("0"), comment="who opens an account later is not meant"),
    Column("total", Integer, nullable=False, server_default=text("0"), comment="how many were meant at the start"),
    Column("queued", Integer, nullable=False, server_default=text("0"), comment="handed to the outbox"),
    Column("held", Integer, nullable=False, server_default=text("0"), comment="kept for the digest of those who sleep"),
    Column("dropped", Integer, nullable=False, server_default=text("0"), comment="for those who turned broadcasts off"),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Column("started_at", TIMESTAMP),
    Column("finished_at", TIMESTAMP),
    CheckConstraint("state in ('draft', 'running', 'paused', 'done', 'canceled')", name="state"),
    CheckConstraint("texts ? 'en'", name="english"),
    Index("ix_broadcasts_running", "id", postgresql_where=text("state = 'running'")),
)
"""`cursor` moves in the transaction that tells those up to it: nobody is told twice, nobody is left out."""
