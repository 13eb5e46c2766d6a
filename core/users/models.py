"""Table of accounts. Other features refer to `users.id` by value, never by relationship."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Integer, Table, Text, text

from core.db.metadata import JSON, TIMESTAMP, metadata

users = Table(
    "users",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("telegram_user_id", BigInteger, nullable=False, unique=True),
    Column("private_chat_id", BigInteger, nullable=False),
    Column("role", Text, nullable=False, server_default=text("'user'")),
    Column("standing", Text, nullable=False, server_default=text("'active'"), comment="active or frozen"),
    Column("tier", Text, nullable=False, server_default=text("'standard'"), comment="whose limits, beside its own"),
    Column("language", Text, nullable=False, server_default=text("'en'")),
    Column("mode", Text, nullable=False, server_default=text("'paper'")),
    Column("confirm_orders", Text, nullable=False, server_default=text("'on'")),
    Column("referral_code", Text, nullable=False, unique=True),
    Column("referred_by", BigInteger, comment="users.id of the referrer; set once, when the account opens"),
    Column("start_payload", JSON, nullable=False, server_default=text("'{}'::jsonb")),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    CheckConstraint("role in ('user', 'support', 'operator', 'admin')", name="role"),
    CheckConstraint("standing in ('active', 'frozen')", name="standing"),
    CheckConstraint("tier ~ '^[a-z0-9_-]{1,32}$'", name="tier"),
    CheckConstraint("mode in ('paper', 'live')", name="mode"),
    CheckConstraint("confirm_orders in ('on', 'off')", name="confirm_orders"),
    CheckConstraint("referred_by is null or referred_by <> id", name="no_self_referral"),
)

settings = Table(
    "user_settings",
    metadata,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("slippage_bps", Integer, nullable=False, server_default=text("100")),
    Column("buy_presets", JSON, nullable=False, server_default=text('\'["50", "100", "250", "1000"]\'::jsonb'), comment="quote coins"),
    Column("sell_presets", JSON, nullable=False, server_default=text("'[25, 50, 75, 100]'::jsonb"), comment="per cent"),
    Column(
        "phrase",
        Text,
        nullable=False,
        server_default=text("''"),
        comment="shown in sensitive messages, so that a copy of the bot is found out",
    ),
    Column("updated_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    CheckConstraint("slippage_bps between 1 and 5000", name="slippage_bps"),
    CheckConstraint("length(phrase) <= 40", name="phrase"),
)
