"""Checks of the chain: the order's price and size against the market as it stands. Pure; called through `core/risk/chain.py` only.

How much worse a price is counts as a ratio on both sides (twice the price on a buy, half of it on a sell: 10,000 bps), so that a limit
means the same for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from core.kernel.money import EXACT, Price, Quantity, Rounding, divide, multiply
from core.market.rules import walk_book
from core.market.types import Level, OrderBook
from core.risk.checks import text
from core.risk.figures import BASIS, floor_coins, limit_inputs, share_bps, unsized
from core.risk.limits import is_everything, scaled
from core.risk.types import RiskContext, SizedOrder, Verdict
from core.venues.types import Side


def price_band(context: RiskContext) -> Verdict:
    """A limit price not far worse than the market; a market order's worst price within a wide band, unless its impact was accepted."""
    sized, book = context.sized, context.book
    if sized is None or book is None:
        return unsized("price_band", context)
    name = "price_band_bps" if context.limit_order else "protection_band_bps"
    limit, mid, price = context.limits.get(name), book.mid(), sized.limit_price.value
    accepted = not context.limit_order and context.terms.accepted_impact_bps > 0
    if limit is None or mid is None or accepted:
        return Verdict("price_band", {"price": text(price), "mid": None if mid is None else text(mid), "accepted": accepted})
    most = scaled(name, limit.value, context.facts.volatility_bps)
    worse = _worse_bps(price, mid, context.side)
    inputs = {
        "price": text(price),
        "mid": text(mid),
        "worse_bps": worse,
        "most_bps": _whole(most),
        "volatility_bps": context.facts.volatility_bps,
        **limit_inputs(limit),
    }
    if worse <= most:
        return Verdict("price_band", inputs)
    params = {"order_price": text(price), "market_price": text(mid), "worse_bps": str(worse), "limit_bps": str(_whole(most))}
    return Verdict("price_band", inputs, "price_band" if context.limit_order else "protection_band", params)


def price_impact(context: RiskContext) -> Verdict:
    """What fills at once does not move the price too far, unless this order says that so much is accepted."""
    sized, buying = context.sized, context.side is Side.BUY
    if sized is None:
        return unsized("price_impact", context)
    limit = context.limits.get("buy_impact_bps" if buying else "sell_impact_bps")
    accepted = context.terms.accepted_impact_bps
    inputs = {"price_impact_bps": sized.price_impact_bps, "accepted_bps": accepted, **limit_inputs(limit)}
    if limit is None or sized.price_impact_bps <= max(limit.value, Decimal(accepted)):
        return Verdict("price_impact", inputs)
    params = {"impact_bps": str(sized.price_impact_bps), "limit_bps": str(_whole(limit.value))}
    return Verdict("price_impact", inputs, "price_impact", params)


def size_against_depth(context: RiskContext) -> Verdict:
    """What fills at once takes no more than a share of what is visible within the worst price accepted."""
    sized, book, limit = context.sized, context.book, context.limits.get("depth_share_bps")
    if sized is None or book is None:
        return unsized("size_against_depth", context)
    taken = sized.expected.filled_quantity.value
    inputs = {"taken": text(taken), **limit_inputs(limit)}
    if limit is None or is_everything(limit.name, limit.value) or taken == 0:  # the book is long: counted only where it matters
        return Verdict("size_against_depth", inputs)
    visible = _visible(book, sized, context.side)
    most = scaled(limit.name, limit.value, context.facts.volatility_bps)
    share = share_bps(taken, visible)
    inputs = {
        **inputs,
        "visible": text(visible),
        "share_bps": share,
        "most_bps": _whole(most),
        "volatility_bps": context.facts.volatility_bps,
    }
    if share <= most:
        return Verdict("size_against_depth", inputs)
    size, asset = _largest(context, book, divide(multiply(visible, most), BASIS, Rounding.DOWN))
    params = {"share_bps": str(share), "limit_bps": str(_whole(most)), "most": text(size), "asset": asset}
    return Verdict("size_against_depth", inputs, "depth_share", params, most=size)


def _levels(book: OrderBook, side: Side) -> Sequence[Level]:
    return book.asks if side is Side.BUY else book.bids


def _visible(book: OrderBook, sized: SizedOrder, side: Side) -> Decimal:
    limit, buying = sized.limit_price, side is Side.BUY
    total = Decimal(0)
    for level in _levels(book, side):
        if (level.price > limit) if buying else (level.price < limit):
            break
        total = EXACT.add(total, level.quantity.value)
    return total


def _largest(context: RiskContext, book: OrderBook, quantity: Decimal) -> tuple[Decimal, str]:
    """The largest size that would do, as it is said: quote coins on a buy, base coins on a sell."""
    base, _, quote = context.symbol.partition("/")
    if context.side is Side.SELL or context.instrument is None:
        return floor_coins(quantity), base
    walk = walk_book(book.asks, buying=True, lot=context.instrument.lot, quantity=Quantity(quantity))
    return floor_coins(walk.notional), quote


def _worse_bps(price: Decimal, mid: Decimal, side: Side) -> int:
    worse, better = (price, mid) if side is Side.BUY else (mid, price)
    if worse <= better:
        return 0
    gap = divide(multiply(EXACT.subtract(worse, better), BASIS), Price(better).value, Rounding.UP)
    return int(gap.to_integral_value(rounding=ROUND_CEILING))


def _whole(bps: Decimal) -> int:
    return int(bps)
