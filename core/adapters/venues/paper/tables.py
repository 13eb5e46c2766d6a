"""The paper exchange's own database: its orders and fills. Read and written by the paper venue alone, never in a unit of work.

An order's whole execution is planned when it arrives: fills carry the moment at which they happen, and the order the moment at which
it closes. What the venue knows at a time is what has happened by then, so no background job is needed and a restart changes nothing.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Identity, Index, Integer, Table, Text, text

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
    CheckConstraint("final_state in ('FILLED', 'CANCELED', 'EXPIRED')", name="final_state"),
    Index("ix_paper_venue_orders_client_order_id", "client_order_id", "id"),
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
    CheckConstraint("price > 0 and quantity > 0 and fee >= 0", name="positive"),
    Index("uq_paper_venue_fills_order_id_line", "order_id", "line", unique=True),
)
