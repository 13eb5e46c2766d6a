"""What would be decided on an intent now. Called through TradingService by the edges; the same functions as the decision, rolled back."""

from __future__ import annotations

from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied
from core.kernel.ids import new_id
from core.market.types import Instrument, OrderBook
from core.trading import decision_rows
from core.trading.context import TradingContext
from core.trading.decision import hold_funds
from core.trading.decision_rows import Asking
from core.trading.judgment import Judgment, judge
from core.trading.limit_sizing import meets
from core.trading.types import OrderCommand, OrderPreview


async def preview(context: TradingContext, command: OrderCommand, book: OrderBook | None) -> OrderPreview:
    """What would be decided now, the hold included, in a unit of work that is rolled back: it leaves no trace.

    Raises Denied('unknown_instrument') where there is nothing to show.
    """
    async with unit_of_work(context.pool, dry_run=True) as uow:
        now = context.clock.now()
        facts = await decision_rows.decision_facts(uow, command, Asking(now, context.limits.duplicate_window, context.volatility, book))
        if facts is None or facts.instrument is None:
            raise Denied("unknown_instrument", symbol=command.symbol, venue=command.venue)
        judgment = judge(context, command, facts, book, now)
        judgment = await hold_funds(uow, command.user_id, new_id(), new_id(), judgment)
    return _preview(command, facts.instrument, book, judgment)


def _preview(command: OrderCommand, instrument: Instrument, book: OrderBook | None, judgment: Judgment) -> OrderPreview:
    source, price_at = (None, None) if book is None else (book.source, book.observed_at)
    denied, sized = judgment.denied, judgment.sized
    if denied is not None or sized is None:
        code, params = ("no_price", {}) if denied is None else (denied.reason, denied.params)
        return OrderPreview(instrument, command.side, code, params, source=source, price_at=price_at)
    would_take = book is not None and command.post_only and meets(book, sized.limit_price, command.side)
    return OrderPreview(
        instrument,
        command.side,
        quantity=sized.expected.filled_quantity.value,
        average_price=None if sized.expected.average_price is None else sized.expected.average_price.value,
        limit_price=sized.limit_price.value,
        venue_fee=sized.venue_fee,
        platform_fee=sized.platform_fee,
        total=sized.total,
        minimum_received=sized.minimum_received,
        price_impact_bps=sized.price_impact_bps,
        source=source,
        price_at=price_at,
        beyond=sized.beyond.value,
        held=sized.hold,
        venue_refusal="post_only_would_take" if would_take else "",
    )
