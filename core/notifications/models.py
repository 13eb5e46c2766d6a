"""Tables of what a user wants to hear and when, and of what is held for the digest."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Identity, Index, SmallInteger, Table, Text, UniqueConstraint, text

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
