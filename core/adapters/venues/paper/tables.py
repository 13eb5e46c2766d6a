"""The paper exchange's own database: its orders, fills and cursors. Read and written by the paper venue and its matching engine alone.

What happens at once is planned when the order arrives: fills carry the moment at which they happen, and the order the moment at which
it closes. What the venue knows at a time is what has happened by then, so no background job is needed for that and a restart changes
nothing. An order that rests closes at its expiry unless the matching engine fills it or it is canceled before.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Identity, Index, Integer, Table, Text, text

from core.db.metadata import DECIMAL, JSON, TIMESTAMP, metadata

orders = Table(
    "paper_venue_orders",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("client_order_id", Text, nullable=False, comment="may be used again once the order is closed, as at real exchanges"),
    Column("symbol", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("quantity", DECIMAL),
    Column("quote_budget", DECIMAL),
    Column("limit_price", DECIMAL, nullable=False),
    Column("accepted_at", TIMESTAMP, nullable=False),
    Column("closes_at", TIMESTAMP, nullable=False, comment="open before, final_state from then on"),
    Column("final_state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("source", JSON, comment="of the book that was walked"),
    Column("order_type", Text, nullable=False, server_default=text("'market'")),
    Column("time_in_force", Text, nullable=False, server_default=text("'ioc'")),
    Column("post_only", Boolean, nullable=False, server_default=text("false")),
    Column("resting", Boolean, nullable=False, server_default=text("false"), comment="waits in the exchange's book"),
    Column("remaining", DECIMAL, nullable=False, server_default=text("0"), comment="of a resting order: what is not filled"),
    Column("queue_ahead", DECIMAL, comment="stood before it at its price and did not trade yet; null while its level was never seen"),
    Column("taken", DECIMAL, nullable=False, server_default=text("0"), comment="of what stands on the other side now: taken already"),
    Column("quote_scale", Integer, nullable=False, server_default=text("8")),
    Column("taker_fee_bps", Integer, nullable=False, server_default=text("0")),
    Column("maker_fee_bps", Integer, nullable=False, server_default=text("0")),
    Column("untold", Boolean, nullable=False, server_default=text("false"), comment="something happened since it was last reported"),
    CheckConstraint("final_state in ('FILLED', 'CANCELED', 'EXPIRED')", name="final_state"),
    CheckConstraint("remaining >= 0 and queue_ahead >= 0 and taken >= 0", name="not_negative"),
    Index("ix_paper_venue_orders_client_order_id", "client_order_id", "id"),
    Index("ix_paper_venue_orders_resting", "symbol", "id", postgresql_where=text("resting")),
    Index("ix_paper_venue_orders_untold", "id", postgresql_where=text("untold")),
)

fills = Table(
    "paper_venue_fills",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_id", BigInteger, ForeignKey("paper_venue_orders.id"), nullable=False),
    Column("line", Integer, nullable=False),
    Column("price", DECIMAL, nullable=False),
    Column("quantity", DECIMAL, nullable=False),
    Column("fee", DECIMAL, nullable=False, comment="quote coins"),
    Column("executed_at", TIMESTAMP, nullable=False),
    Column("liquidity", Text, nullable=False, server_default=text("'taker'")),
    CheckConstraint("price > 0 and quantity > 0 and fee >= 0", name="positive"),
    Index("uq_paper_venue_fills_order_id_line", "order_id", "line", unique=True),
)

cursors = Table(
    "paper_venue_cursors",
    metadata,
    Column("symbol", Text, primary_key=True),
    Column("print_at", TIMESTAMP, nullable=False, comment="the last trade of the market that was counted"),
    Column("print_sequence", BigInteger, nullable=False),
)
"""How far the matching engine has counted a market's trades: each moves the queues once, whatever is started again."""
