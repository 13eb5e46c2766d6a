"""What a user set and wants to hear: settings, quiet hours, held notifications, alerts; chat rows that arrive without a sound.

Revision: 0008, after: 0007.
One transaction. The timeouts make a migration that waits for a lock fail instead of stopping the desk.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")
_JSON = postgresql.JSONB(astext_type=sa.Text())
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.add_column(
        "outbox_chat",
        sa.Column("silent", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="arrives without a sound"),
    )
    _user_settings()
    _notifications()
    _alerts()


def _user_settings() -> None:
    op.create_table(
        "user_settings",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slippage_bps", sa.Integer(), server_default=sa.text("100"), nullable=False),
        sa.Column(
            "buy_presets",
            _JSON,
            server_default=sa.text('\'["50", "100", "250", "1000"]\'::jsonb'),
            nullable=False,
            comment="quote coins",
        ),
        sa.Column("sell_presets", _JSON, server_default=sa.text("'[25, 50, 75, 100]'::jsonb"), nullable=False, comment="per cent"),
        sa.Column(
            "phrase",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="shown in sensitive messages, so that a copy of the bot is found out",
        ),
        sa.Column("updated_at", _TIME, server_default=_NOW, nullable=False),
        sa.CheckConstraint("slippage_bps between 1 and 5000", name=op.f("ck_user_settings_slippage_bps")),
        sa.CheckConstraint("length(phrase) <= 40", name=op.f("ck_user_settings_phrase")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_settings_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_settings")),
    )


def _notifications() -> None:
    op.create_table(
        "notification_settings",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("timezone", sa.Text(), server_default=sa.text("'UTC'"), nullable=False, comment="IANA name"),
        sa.Column("quiet_from", sa.SmallInteger(), nullable=True, comment="minute of the local day; null: no quiet hours"),
        sa.Column("quiet_until", sa.SmallInteger(), nullable=True),
        sa.Column(
            "digest",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="what comes in quiet hours is held and told at their end",
        ),
        sa.CheckConstraint("(quiet_from is null) = (quiet_until is null)", name=op.f("ck_notification_settings_quiet_hours")),
        sa.CheckConstraint(
            "quiet_from between 0 and 1439 and quiet_until between 0 and 1439 and quiet_from <> quiet_until",
            name=op.f("ck_notification_settings_minutes"),
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notification_settings")),
    )
    op.create_table(
        "notification_preferences",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.CheckConstraint("mode in ('on', 'silent', 'off')", name=op.f("ck_notification_preferences_mode")),
        sa.PrimaryKeyConstraint("user_id", "event", name=op.f("pk_notification_preferences")),
    )
    _held()


def _held() -> None:
    op.create_table(
        "notification_held",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False, comment="the notification's; told once"),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("screen", sa.Text(), nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("due_at", _TIME, nullable=False, comment="the end of the quiet hours"),
        sa.Column("created_at", _TIME, server_default=_NOW, nullable=False),
        sa.Column("told_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_held")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_notification_held_user_id_key")),
    )
    op.create_index("ix_notification_held_due", "notification_held", ["due_at"], postgresql_where=sa.text("told_at is null"))


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "threshold",
            sa.Numeric(precision=60, scale=30),
            nullable=False,
            comment="quote a base, basis points, or times the usual volume",
        ),
        sa.Column("window_s", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="of a move or a volume"),
        sa.Column("state", sa.Text(), server_default=sa.text("'armed'"), nullable=False),
        sa.Column("evaluation", _JSON, nullable=True, comment="the last look: when, what counted, what was missing"),
        sa.Column("created_at", _TIME, server_default=_NOW, nullable=False),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.CheckConstraint("kind in ('above', 'below', 'move', 'volume')", name=op.f("ck_alerts_kind")),
        sa.CheckConstraint("state in ('armed', 'triggered', 'canceled')", name=op.f("ck_alerts_state")),
        sa.CheckConstraint("threshold > 0 and window_s >= 0", name=op.f("ck_alerts_positive")),
        sa.CheckConstraint("(state = 'armed') = (finished_at is null)", name=op.f("ck_alerts_finished")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_alerts_idempotency_key")),
    )
    op.create_index("ix_alerts_armed", "alerts", ["symbol"], postgresql_where=sa.text("state = 'armed'"))
    op.create_index("ix_alerts_user_id", "alerts", ["user_id", "created_at"])


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    for table in ("alerts", "notification_held", "notification_preferences", "notification_settings", "user_settings"):
        op.drop_table(table)
    op.execute("drop function if exists outbox_append_chat(bigint, smallint, smallint, text, text, jsonb, text, text, boolean)")
    op.drop_column("outbox_chat", "silent")
