"""Orders that rest: order types and times in force, maker fees, the paper exchange's book.

Revision: 0002, after: 0001.
One transaction. The timeouts make a migration that waits for a lock fail instead of stopping the desk.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_DECIMAL = sa.Numeric(precision=60, scale=30)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.add_column("instruments", sa.Column("maker_fee_bps", sa.Integer(), nullable=True, comment="null: the same as the taker's"))
    _orders()
    _paper_venue()


def _orders() -> None:
    for column in (
        sa.Column("time_in_force", sa.Text(), server_default=sa.text("'ioc'"), nullable=False, comment="gtc, ioc, fok or gtd"),
        sa.Column("post_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="from then on the venue ends what rests; set by the request or the decision",
        ),
        sa.Column("origin", sa.Text(), server_default=sa.text("'user'"), nullable=False, comment="user, or which automated path asked"),
        sa.Column("parent", postgresql.UUID(as_uuid=True), nullable=True, comment="what emitted it: a conditional order"),
    ):
        op.add_column("orders", column)
    op.alter_column(
        "orders",
        "limit_price",
        existing_type=_DECIMAL,
        existing_nullable=True,
        existing_comment="protection price sent to the venue; set by the decision",
        comment="sent to the venue: the user's, or the protection price set by the decision",
    )
    op.create_check_constraint(op.f("ck_orders_order_type"), "orders", "order_type in ('market', 'limit')")
    op.create_check_constraint(op.f("ck_orders_time_in_force"), "orders", "time_in_force in ('gtc', 'ioc', 'fok', 'gtd')")
    op.create_check_constraint(op.f("ck_orders_limit_price"), "orders", "order_type = 'market' or limit_price is not null")
    op.create_index("ix_orders_parent", "orders", ["parent"], postgresql_where=sa.text("parent is not null"))
    op.add_column("fills", sa.Column("liquidity", sa.Text(), server_default=sa.text("'taker'"), nullable=False, comment="taker or maker"))


def _paper_venue() -> None:
    for column in (
        sa.Column("order_type", sa.Text(), server_default=sa.text("'market'"), nullable=False),
        sa.Column("time_in_force", sa.Text(), server_default=sa.text("'ioc'"), nullable=False),
        sa.Column("post_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("resting", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="waits in the exchange's book"),
        sa.Column("remaining", _DECIMAL, server_default=sa.text("0"), nullable=False, comment="of a resting order: what is not filled"),
        sa.Column(
            "queue_ahead",
            _DECIMAL,
            nullable=True,
            comment="stood before it at its price and did not trade yet; null while its level was never seen",
        ),
        sa.Column(
            "taken", _DECIMAL, server_default=sa.text("0"), nullable=False, comment="of what stands on the other side now: taken already"
        ),
        sa.Column("quote_scale", sa.Integer(), server_default=sa.text("8"), nullable=False),
        sa.Column("taker_fee_bps", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("maker_fee_bps", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "untold", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="something happened since it was last reported"
        ),
    ):
        op.add_column("paper_venue_orders", column)
    op.create_check_constraint(
        op.f("ck_paper_venue_orders_not_negative"), "paper_venue_orders", "remaining >= 0 and queue_ahead >= 0 and taken >= 0"
    )
    op.create_index("ix_paper_venue_orders_resting", "paper_venue_orders", ["symbol", "id"], postgresql_where=sa.text("resting"))
    op.create_index("ix_paper_venue_orders_untold", "paper_venue_orders", ["id"], postgresql_where=sa.text("untold"))
    op.add_column("paper_venue_fills", sa.Column("liquidity", sa.Text(), server_default=sa.text("'taker'"), nullable=False))
    op.create_table(
        "paper_venue_cursors",
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("print_at", sa.DateTime(timezone=True), nullable=False, comment="the last trade of the market that was counted"),
        sa.Column("print_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("symbol", name=op.f("pk_paper_venue_cursors")),
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.drop_table("paper_venue_cursors")
    op.drop_column("paper_venue_fills", "liquidity")
    op.drop_index("ix_paper_venue_orders_untold", table_name="paper_venue_orders")
    op.drop_index("ix_paper_venue_orders_resting", table_name="paper_venue_orders")
    op.drop_constraint(op.f("ck_paper_venue_orders_not_negative"), "paper_venue_orders")
    for name in (
        "untold",
        "maker_fee_bps",
        "taker_fee_bps",
        "quote_scale",
        "taken",
        "queue_ahead",
        "remaining",
        "resting",
        "post_only",
        "time_in_force",
        "order_type",
    ):
        op.drop_column("paper_venue_orders", name)
    op.drop_column("fills", "liquidity")
    op.drop_index("ix_orders_parent", table_name="orders")
    for name in ("limit_price", "time_in_force", "order_type"):
        op.drop_constraint(op.f(f"ck_orders_{name}"), "orders")
    op.alter_column(
        "orders",
        "limit_price",
        existing_type=_DECIMAL,
        existing_nullable=True,
        existing_comment="sent to the venue: the user's, or the protection price set by the decision",
        comment="protection price sent to the venue; set by the decision",
    )
    for name in ("parent", "origin", "expires_at", "post_only", "time_in_force"):
        op.drop_column("orders", name)
    op.drop_column("instruments", "maker_fee_bps")
