"""Tables of positions, their lots and closures, and of each user's choices. Written by the portfolio service alone."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Table, Text, text

from core.db.metadata import DECIMAL, TIMESTAMP, UNITS, metadata

positions = Table(
    "positions",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("venue", Text, primary_key=True),
    Column("instrument", Text, primary_key=True),
    Column("quantity", DECIMAL, nullable=False, server_default=text("0"), comment="base held through orders"),
    Column("cost", UNITS, nullable=False, server_default=text("0"), comment="quote paid for it, fees included"),
    Column("realized_pnl", UNITS, nullable=False, server_default=text("0"), comment="quote, after fees"),
    Column("fees", UNITS, nullable=False, server_default=text("0"), comment="quote, all fees so far"),
    Column("updated_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    CheckConstraint("quantity >= 0 and cost >= 0", name="not_negative"),
)

lots = Table(
    "portfolio_lots",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True, comment="order of booking"),
    Column("user_id", BigInteger, nullable=False),
    Column("venue", Text, nullable=False),
    Column("instrument", Text, nullable=False),
    Column("fill", Text, nullable=False, comment="fills.venue_fill_id; empty for what was held before lots were kept"),
    Column("quantity", DECIMAL, nullable=False, comment="base bought"),
    Column("cost", UNITS, nullable=False, comment="quote paid for all of it, fees included"),
    Column("fees", UNITS, nullable=False, comment="the fees in it"),
    Column("remaining", DECIMAL, nullable=False, comment="base not sold yet"),
    Column("remaining_cost", UNITS, nullable=False, comment="cost of what remains"),
    Column("opened_at", TIMESTAMP, nullable=False, comment="when the fill was executed"),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()"), comment="when it was booked"),
    CheckConstraint("quantity > 0 and remaining between 0 and quantity", name="quantities"),
    CheckConstraint("cost >= 0 and remaining_cost between 0 and cost", name="costs"),
    CheckConstraint("remaining > 0 or remaining_cost = 0", name="closed_costs_nothing"),
    Index("ix_portfolio_lots_open", "user_id", "venue", "instrument", postgresql_where=text("remaining > 0")),
    Index("uq_portfolio_lots_fill", "venue", "instrument", "fill", unique=True, postgresql_where=text("fill <> ''")),
)

closures = Table(
    "portfolio_closures",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("user_id", BigInteger, nullable=False),
    Column("venue", Text, nullable=False),
    Column("instrument", Text, nullable=False),
    Column("lot_id", BigInteger, ForeignKey("portfolio_lots.id"), comment="null: coins that came another way, of unknown cost"),
    Column("fill", Text, nullable=False, comment="fills.venue_fill_id of the sale"),
    Column("method", Text, nullable=False, comment="the user's at the time of the sale"),
    Column("quantity", DECIMAL, nullable=False),
    Column("cost", UNITS, comment="quote, fees of the purchase included; null where it is not known"),
    Column("proceeds", UNITS, nullable=False, comment="quote, before fees"),
    Column("fees", UNITS, nullable=False, comment="quote, the sale's"),
    Column("realized", UNITS, nullable=False, comment="quote: proceeds less fees and cost; 0 where the cost is not known"),
    Column("closed_at", TIMESTAMP, nullable=False, comment="when the sale was executed"),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("(lot_id is null) = (cost is null)", name="known_cost"),
    CheckConstraint("realized = case when cost is null then 0 else proceeds - fees - cost end", name="realized"),
    CheckConstraint("method in ('fifo', 'lifo', 'hifo')", name="method"),
    Index("ix_portfolio_closures_fill", "venue", "instrument", "fill"),
    Index("ix_portfolio_closures_lot_id", "lot_id"),
    Index("ix_portfolio_closures_user_id", "user_id", "closed_at"),
)

preferences = Table(
    "portfolio_preferences",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("lot_method", Text, nullable=False, server_default=text("'fifo'")),
    Column("quote_symbol", Text, nullable=False, server_default=text("'USDT'"), comment="what totals are shown in"),
    Column("updated_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    CheckConstraint("lot_method in ('fifo', 'lifo', 'hifo')", name="lot_method"),
)
