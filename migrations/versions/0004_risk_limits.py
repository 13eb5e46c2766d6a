"""Limits as data with history, daily results, the breaker; a user's tier; what an order says about its own limits.

Revision: 0004, after: 0003.
One transaction. The timeouts make a migration that waits for a lock fail instead of stopping the desk.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OPEN = "state in ('SUBMITTED','ACCEPTED','PARTIALLY_FILLED','PENDING_CANCEL')"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    _limits()
    _results()
    op.add_column(
        "users", sa.Column("tier", sa.Text(), server_default=sa.text("'standard'"), nullable=False, comment="whose limits, beside its own")
    )
    op.create_check_constraint(op.f("ck_users_tier"), "users", "tier ~ '^[a-z0-9_-]{1,32}$'")
    op.add_column(
        "orders",
        sa.Column(
            "risk_terms",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="limits of this order alone, and what was accepted explicitly",
        ),
    )
    op.create_index("ix_orders_user_open", "orders", ["user_id"], postgresql_where=sa.text(_OPEN))
    op.create_index("ix_orders_user_submitted", "orders", ["user_id", "submitted_at"], postgresql_where=sa.text("submitted_at is not null"))


def _limits() -> None:
    op.create_table(
        "risk_limits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False, comment="global, venue:paper, tier:standard, user:7"),
        sa.Column("name", sa.Text(), nullable=False, comment="as in core/risk/limits.py; exposure:USDT where it counts coins"),
        sa.Column("value", sa.Numeric(precision=60, scale=30), nullable=True, comment="null: from here on this scope says nothing"),
        sa.Column(
            "raises",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="may be wider than what the wider scopes say",
        ),
        sa.Column("begins_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False, comment="who: operator:7, ops"),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("value is null or value >= 0", name=op.f("ck_risk_limits_not_negative")),
        sa.CheckConstraint("scope ~ '^(global|venue:[a-z0-9_-]+|tier:[a-z0-9_-]+|user:[0-9]+)$'", name=op.f("ck_risk_limits_scope")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_limits")),
    )
    op.create_index("ix_risk_limits_scope", "risk_limits", ["scope", "name", sa.text("begins_at desc"), sa.text("id desc")], unique=False)


def _results() -> None:
    op.create_table(
        "risk_daily_results",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="UTC"),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("realized", sa.Numeric(precision=78, scale=0), nullable=False, comment="quote units after fees; below zero is a loss"),
        sa.PrimaryKeyConstraint("user_id", "day", "venue", "instrument", name=op.f("pk_risk_daily_results")),
    )
    op.create_table(
        "risk_accounts",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("quote_asset", sa.Text(), nullable=False),
        sa.Column("peak", sa.Numeric(precision=78, scale=0), nullable=False, comment="highest realized profit seen, in quote units"),
        sa.Column("peak_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tripped_at", sa.DateTime(timezone=True), nullable=True, comment="the breaker opened"),
        sa.Column("tripped_until", sa.DateTime(timezone=True), nullable=True, comment="it closes again, the peak begins anew"),
        sa.CheckConstraint("(tripped_at is null) = (tripped_until is null)", name=op.f("ck_risk_accounts_tripped_for_a_time")),
        sa.PrimaryKeyConstraint("user_id", "venue", "quote_asset", name=op.f("pk_risk_accounts")),
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("drop trigger if exists risk_daily_results_kept on positions")
    op.drop_index("ix_orders_user_submitted", table_name="orders")
    op.drop_index("ix_orders_user_open", table_name="orders")
    op.drop_column("orders", "risk_terms")
    op.drop_constraint(op.f("ck_users_tier"), "users")
    op.drop_column("users", "tier")
    op.drop_table("risk_accounts")
    op.drop_table("risk_daily_results")
    op.drop_index("ix_risk_limits_scope", table_name="risk_limits")
    op.drop_table("risk_limits")
