"""Lots of positions, what sales closed of them, and each user's method. What is held already becomes one lot a position.

Revision: 0005, after: 0004.
One transaction. The timeouts make a migration that waits for a lock fail instead of stopping the desk.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_DECIMAL = sa.Numeric(precision=60, scale=30)
_UNITS = sa.Numeric(precision=78, scale=0)
_NOW = sa.text("now()")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    _lots()
    _closures()
    op.create_table(
        "portfolio_preferences",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_method", sa.Text(), server_default=sa.text("'fifo'"), nullable=False),
        sa.Column("quote_symbol", sa.Text(), server_default=sa.text("'USDT'"), nullable=False, comment="what totals are shown in"),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.CheckConstraint("lot_method in ('fifo', 'lifo', 'hifo')", name=op.f("ck_portfolio_preferences_lot_method")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_portfolio_preferences")),
    )
    op.execute(
        """
        insert into portfolio_lots (user_id, venue, instrument, fill, quantity, cost, fees, remaining, remaining_cost, opened_at)
        select user_id, venue, instrument, '', quantity, cost, 0, quantity, cost, updated_at from positions where quantity > 0
        """
    )


def _lots() -> None:
    op.create_table(
        "portfolio_lots",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="order of booking"),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("fill", sa.Text(), nullable=False, comment="fills.venue_fill_id; empty for what was held before lots were kept"),
        sa.Column("quantity", _DECIMAL, nullable=False, comment="base bought"),
        sa.Column("cost", _UNITS, nullable=False, comment="quote paid for all of it, fees included"),
        sa.Column("fees", _UNITS, nullable=False, comment="the fees in it"),
        sa.Column("remaining", _DECIMAL, nullable=False, comment="base not sold yet"),
        sa.Column("remaining_cost", _UNITS, nullable=False, comment="cost of what remains"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False, comment="when the fill was executed"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False, comment="when it was booked"),
        sa.CheckConstraint("quantity > 0 and remaining between 0 and quantity", name=op.f("ck_portfolio_lots_quantities")),
        sa.CheckConstraint("cost >= 0 and remaining_cost between 0 and cost", name=op.f("ck_portfolio_lots_costs")),
        sa.CheckConstraint("remaining > 0 or remaining_cost = 0", name=op.f("ck_portfolio_lots_closed_costs_nothing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portfolio_lots")),
    )
    op.create_index(
        "ix_portfolio_lots_open", "portfolio_lots", ["user_id", "venue", "instrument"], postgresql_where=sa.text("remaining > 0")
    )
    op.create_index(
        "uq_portfolio_lots_fill",
        "portfolio_lots",
        ["venue", "instrument", "fill"],
        unique=True,
        postgresql_where=sa.text("fill <> ''"),
    )


def _closures() -> None:
    op.create_table(
        "portfolio_closures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=True, comment="null: coins that came another way, of unknown cost"),
        sa.Column("fill", sa.Text(), nullable=False, comment="fills.venue_fill_id of the sale"),
        sa.Column("method", sa.Text(), nullable=False, comment="the user's at the time of the sale"),
        sa.Column("quantity", _DECIMAL, nullable=False),
        sa.Column("cost", _UNITS, nullable=True, comment="quote, fees of the purchase included; null where it is not known"),
        sa.Column("proceeds", _UNITS, nullable=False, comment="quote, before fees"),
        sa.Column("fees", _UNITS, nullable=False, comment="quote, the sale's"),
        sa.Column("realized", _UNITS, nullable=False, comment="quote: proceeds less fees and cost; 0 where the cost is not known"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False, comment="when the sale was executed"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_portfolio_closures_quantity")),
        sa.CheckConstraint("(lot_id is null) = (cost is null)", name=op.f("ck_portfolio_closures_known_cost")),
        sa.CheckConstraint(
            "realized = case when cost is null then 0 else proceeds - fees - cost end", name=op.f("ck_portfolio_closures_realized")
        ),
        sa.CheckConstraint("method in ('fifo', 'lifo', 'hifo')", name=op.f("ck_portfolio_closures_method")),
        sa.ForeignKeyConstraint(["lot_id"], ["portfolio_lots.id"], name=op.f("fk_portfolio_closures_lot_id_portfolio_lots")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portfolio_closures")),
    )
    op.create_index("ix_portfolio_closures_fill", "portfolio_closures", ["venue", "instrument", "fill"])
    op.create_index("ix_portfolio_closures_lot_id", "portfolio_closures", ["lot_id"])
    op.create_index("ix_portfolio_closures_user_id", "portfolio_closures", ["user_id", "closed_at"])


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.drop_table("portfolio_preferences")
    op.drop_table("portfolio_closures")
    op.drop_table("portfolio_lots")
