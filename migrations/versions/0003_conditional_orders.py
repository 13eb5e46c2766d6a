"""Conditional orders and their legs.

Revision: 0003, after: 0002.
One transaction. The timeouts make a migration that waits for a lock fail instead of stopping the desk.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.create_table("conditional_orders", *_said(), *_became(), *_rules())
    op.create_index(
        "ix_conditional_orders_live",
        "conditional_orders",
        ["instrument"],
        unique=False,
        postgresql_where=sa.text("state in ('ARMED','TRIGGERED')"),
    )
    op.create_index("ix_conditional_orders_user_id", "conditional_orders", ["user_id", "created_at"], unique=False)
    op.create_table("conditional_legs", *_condition(), *_work())
    op.create_index(
        "ix_conditional_legs_at_work", "conditional_legs", ["conditional_id"], unique=False, postgresql_where=sa.text("state = 'TRIGGERED'")
    )
    op.create_index(
        "ix_conditional_legs_order_id", "conditional_legs", ["order_id"], unique=False, postgresql_where=sa.text("order_id is not null")
    )


def _said() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False, comment="of the orders its exits emit"),
        sa.Column("enters", sa.Boolean(), nullable=False, comment="its leg 0 is an order placed at once; the exits leave what it filled"),
        sa.Column("size_kind", sa.Text(), nullable=False),
        sa.Column("size_value", sa.Numeric(precision=60, scale=30), nullable=False, comment="as said"),
        sa.Column(
            "quantity",
            sa.Numeric(precision=60, scale=30),
            nullable=True,
            comment="base coins the exits share; null until an entry has filled, and with a budget",
        ),
        sa.Column(
            "budget", sa.Numeric(precision=60, scale=30), nullable=True, comment="quote coins the exits may spend, for buys by amount"
        ),
        sa.Column("slippage_bps", sa.Integer(), nullable=False),
    ]


def _became() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("state", sa.Text(), server_default=sa.text("'ARMED'"), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reason_params", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("'en'"), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _rules() -> list[sa.schema.SchemaItem]:
    return [
        sa.CheckConstraint(
            "kind in ('stop','stop_limit','take_profit','trailing_stop','oco','bracket','time_exit')",
            name=op.f("ck_conditional_orders_kind"),
        ),
        sa.CheckConstraint("side in ('buy', 'sell')", name=op.f("ck_conditional_orders_side")),
        sa.CheckConstraint("state in ('ARMED','TRIGGERED','DONE','CANCELED','EXPIRED','FAILED')", name=op.f("ck_conditional_orders_state")),
        sa.CheckConstraint("budget > 0", name=op.f("ck_conditional_orders_budget")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_conditional_orders_quantity")),
        sa.CheckConstraint("quantity is null or budget is null", name=op.f("ck_conditional_orders_one_measure")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conditional_orders")),
        sa.UniqueConstraint("user_id", "idempotency_key", name=op.f("uq_conditional_orders_user_id_idempotency_key")),
    ]


def _condition() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("conditional_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("trigger_price", sa.Numeric(precision=60, scale=30), nullable=True),
        sa.Column("trail_bps", sa.Integer(), nullable=True),
        sa.Column("trail_amount", sa.Numeric(precision=60, scale=30), nullable=True),
        sa.Column("best_price", sa.Numeric(precision=60, scale=30), nullable=True, comment="a trail's best price since it was armed"),
        sa.Column("limit_price", sa.Numeric(precision=60, scale=30), nullable=True),
        sa.Column("act_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("share_bps", sa.Integer(), nullable=False),
    ]


def _work() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("order_id", sa.UUID(), nullable=True, comment="the last order it emitted"),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="orders emitted so far"),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True, comment="nothing is emitted sooner"),
        sa.Column(
            "sent", sa.Numeric(precision=60, scale=30), server_default=sa.text("0"), nullable=False, comment="size of the order at work"
        ),
        sa.Column(
            "filled",
            sa.Numeric(precision=60, scale=30),
            server_default=sa.text("0"),
            nullable=False,
            comment="base coins, of orders that ended",
        ),
        sa.Column(
            "spent",
            sa.Numeric(precision=60, scale=30),
            server_default=sa.text("0"),
            nullable=False,
            comment="quote coins with fees, of orders that ended",
        ),
        sa.Column("book_at", sa.DateTime(timezone=True), nullable=True, comment="the newest book that counted"),
        sa.Column("last_evaluation", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("(state = 'TRIGGERED') <= (order_id is not null)", name=op.f("ck_conditional_legs_triggered_by_an_order")),
        sa.CheckConstraint("role in ('entry','stop','take_profit','trailing_stop','time_exit')", name=op.f("ck_conditional_legs_role")),
        sa.CheckConstraint("state in ('WAITING','ARMED','TRIGGERED','DONE','CANCELED','FAILED')", name=op.f("ck_conditional_legs_state")),
        sa.CheckConstraint("share_bps between 1 and 10000", name=op.f("ck_conditional_legs_share")),
        sa.ForeignKeyConstraint(
            ["conditional_id"], ["conditional_orders.id"], name=op.f("fk_conditional_legs_conditional_id_conditional_orders")
        ),
        sa.PrimaryKeyConstraint("conditional_id", "number", name=op.f("pk_conditional_legs")),
    ]


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.drop_index("ix_conditional_legs_at_work", table_name="conditional_legs", postgresql_where=sa.text("state = 'TRIGGERED'"))
    op.drop_index("ix_conditional_legs_order_id", table_name="conditional_legs", postgresql_where=sa.text("order_id is not null"))
    op.drop_table("conditional_legs")
    op.drop_index("ix_conditional_orders_live", table_name="conditional_orders", postgresql_where=sa.text("state in ('ARMED','TRIGGERED')"))
    op.drop_index("ix_conditional_orders_user_id", table_name="conditional_orders")
    op.drop_table("conditional_orders")
