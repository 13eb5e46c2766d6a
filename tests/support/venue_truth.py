"""What the paper venue did for an order, straight from its own tables, and whether our books say the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.db.pool import Pool
from core.trading.types import Order


async def done_at_venue(pool: Pool, order: Order) -> dict[str, tuple[Any, ...]]:
    """Price, quantity, fee and liquidity of every fill the venue made, by its id."""
    rows = await pool.fetch(
        "select f.* from paper_venue_fills f join paper_venue_orders o on o.id = f.order_id where o.client_order_id = $1",
        order.client_order_id,
    )
    return {f"paper-{row['order_id']}-{row['line']}": (row["price"], row["quantity"], row["fee"], row["liquidity"]) for row in rows}


async def require_booked(pool: Pool, order: Order) -> Decimal:
    """Every fill booked is one the venue made, and the order's sums are theirs. Its fees, in coins."""
    rows = await pool.fetch("select * from fills where order_id = $1", order.id)
    done = await done_at_venue(pool, order)
    for row in rows:
        assert done[row["venue_fill_id"]] == (row["price"], row["quantity"], row["venue_fee"].scaleb(-8), row["liquidity"])
    assert order.filled_quantity == sum((row["quantity"] for row in rows), Decimal(0))
    assert order.filled_notional == sum((row["price"] * row["quantity"] for row in rows), Decimal(0))
    assert order.venue_fee_units == sum(int(row["venue_fee"]) for row in rows)
    whole = int(order.filled_notional.scaleb(8).to_integral_value("ROUND_CEILING"))
    assert order.platform_fee_units == -(-whole * order.platform_fee_bps // 10_000)
    return Decimal(order.venue_fee_units + order.platform_fee_units).scaleb(-8)
