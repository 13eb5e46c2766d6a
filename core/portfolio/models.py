"""Tables of positions, lots, closures, values of accounts, cards and preferences. Written by the portfolio service alone."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Table, Text, text

from core.db.metadata import DECIMAL, JSON, TIMESTAMP, UNITS, metadata

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

snapshots = Table(
    "portfolio_snapshots",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("venue", Text, primary_key=True),
    Column("taken_at", TIMESTAMP, primary_key=True, comment="a full hour; balances as of then"),
    Column("quote_symbol", Text, nullable=False, comment="the user's at the time"),
    Column("value", DECIMAL, nullable=False, comment="all that has a price, in quote coins"),
    Column("flow", DECIMAL, nullable=False, comment="deposits less withdrawals since the one before, in quote coins"),
    Column("growth", DECIMAL, nullable=False, comment="time-weighted, 1 at the first"),
    Column("unpriced", ARRAY(Text), nullable=False, comment="assets held that had no price: not in value"),
    Column("priced_at", TIMESTAMP, comment="of the oldest price used; null where none was"),
    CheckConstraint("growth >= 0 and value >= 0", name="not_negative"),
    Index("ix_portfolio_snapshots_taken_at", "taken_at"),
)

cards = Table(
    "portfolio_cards",
    metadata,
    Column("id", Text, primary_key=True, comment="first half of the code on the card"),
    Column("user_id", BigInteger, nullable=False),
    Column("figures", JSON, nullable=False, comment="what the card shows, and nothing else"),
    Column("created_at", TIMESTAMP, nullable=False, server_default=text("now()")),
    Index("ix_portfolio_cards_user_id", "user_id", "created_at"),
)
