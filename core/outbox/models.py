"""Tables of what goes out: tasks for Celery, messages for the chat, and the handles behind buttons.

A row is appended in the transaction of the change it tells about. A chat row holds data, never text.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Identity, Index, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID

from core.db.metadata import JSON, TIMESTAMP, metadata

tasks = Table(
    "outbox_tasks",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("task", Text, nullable=False, comment="Celery name, such as trading.place_order"),
    Column("row_id", Text, nullable=False, comment="the only argument of the task"),
    Column("queue", Text, nullable=False),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Column("dispatched_at", TIMESTAMP),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Index("ix_outbox_tasks_waiting", "id", postgresql_where=text("dispatched_at is null")),
)

chat = Table(
    "outbox_chat",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("shard", SmallInteger, nullable=False, comment="hash of chat_id, 0 to 1023"),
    Column("priority", SmallInteger, nullable=False, server_default=text("5"), comment="0 confirmations … 9 broadcasts"),
    Column("message_key", Text, nullable=False, comment="names the message; a later row with the same key edits it"),
    Column("screen", Text, nullable=False, comment="which function of bot/screens renders it"),
    Column("data", JSON, nullable=False),
    Column("language", Text, nullable=False, server_default=text("'en'")),
    Column("correlation_id", Text, nullable=False, server_default=text("''")),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Column("state", Text, nullable=False, server_default=text("'pending'")),
    Column("silent", Boolean, nullable=False, server_default=text("false"), comment="arrives without a sound"),
    Column("not_before", TIMESTAMP, nullable=False, server_default=text("now()")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("error", Text, nullable=False, server_default=text("''")),
    Column("finished_at", TIMESTAMP),
    CheckConstraint("state in ('pending', 'sent', 'superseded', 'failed')", name="state"),
    Index("ix_outbox_chat_pending", "priority", "id", postgresql_where=text("state = 'pending'")),
    Index("ix_outbox_chat_broadcast", "message_key", "state", postgresql_where=text("priority = 9")),
    Index("ix_outbox_chat_pending_key", "chat_id", "message_key", postgresql_where=text("state = 'pending'")),
)

messages = Table(
    "outbox_messages",
    metadata,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("message_key", Text, primary_key=True),
    Column("telegram_message_id", BigInteger, nullable=False),
    Column("sent_row_id", BigInteger, nullable=False, comment="outbox_chat.id shown last; an older row never overwrites it"),
    Column("updated_at", TIMESTAMP, nullable=False, server_default=text("now()")),
)

buttons = Table(
    "outbox_buttons",
    metadata,
    Column("handle", Text, primary_key=True, comment="128 random bits, the whole callback_data"),
    Column("group_id", UUID(as_uuid=True), nullable=False, comment="using one button of a group uses all"),
    Column("user_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("message_key", Text, nullable=False),
    Column("action", Text, nullable=False, comment="confirm_order, cancel_order …"),
    Column("argument", JSON, nullable=False),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Column("expires_at", TIMESTAMP, nullable=False),
    Column("used_at", TIMESTAMP),
    Column("used_tap", Text, nullable=False, server_default=text("''"), comment="id of the tap that used it"),
    Index("ix_outbox_buttons_group_id", "group_id"),
)
