"""Tables of raw updates: inserted and committed before Telegram is answered, claimed by the bot, in order for each user."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Identity, Index, Integer, SmallInteger, Table, Text, text

from core.db.metadata import JSON, TIMESTAMP, metadata

updates = Table(
    "inbox_updates",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True, comment="order of arrival"),
    Column("bot_id", BigInteger, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("sender_id", BigInteger, nullable=False, comment="Telegram id whose updates are kept in order; 0 where there is none"),
    Column("shard", SmallInteger, nullable=False, comment="hash of sender_id, 0 to 1023"),
    Column("payload", JSON, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'pending'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Text, nullable=False, server_default=text("''")),
    Column("correlation_id", Text, nullable=False, server_default=text("''")),
    Column("received_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Column("finished_at", TIMESTAMP),
    Column("urgent", Boolean, nullable=False, server_default=text("false"), comment="an exit or a tap: first when there is too much"),
    CheckConstraint("state in ('pending', 'done', 'parked', 'dropped')", name="state"),
    Index("uq_inbox_updates_bot_id_update_id", "bot_id", "update_id", unique=True),
    Index("ix_inbox_updates_pending", "id", postgresql_where=text("state = 'pending'")),
    Index("ix_inbox_updates_urgent", "id", postgresql_where=text("state = 'pending' and urgent")),
    Index("ix_inbox_updates_parked", "id", postgresql_where=text("state = 'parked'")),
)

bots = Table(
    "inbox_bots",
    metadata,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("username", Text, nullable=False),
    Column("seen_at", TIMESTAMP, nullable=False, server_default=text("now()")),
)
