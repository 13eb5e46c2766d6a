"""What would be armed now, shown before anybody confirms: the same function in a transaction that is rolled back.

Called by the edges through ConditionalService. A trigger that the book meets already is refused here: armed, it would act at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied
from core.kernel.ids import new_id
from core.market import service as market
from core.market.types import Instrument, OrderBook
from core.risk.checks import text
from core.strategies import arming, rules
from core.strategies.context import StrategyContext
from core.strategies.rules import Sight, walk_for
from core.strategies.types import Conditional, ConditionalCommand, Evaluation, LegState, Outcome
from core.trading.types import ChatTarget, SizeKind
from core.venues.types import Side


@dataclass(frozen=True, slots=True)
class ConditionalPreview:
    """As it would be armed, and what each exit's evaluation says now, by its number."""

    conditional: Conditional
    evaluations: dict[int, Evaluation]


async def preview(context: StrategyContext, command: ConditionalCommand) -> ConditionalPreview:
    """Raises Denied: `trigger_met` (figures `price`, `trigger`), and whatever arming would. Raises Unavailable without the price store."""
    book = (await context.books.books([command.symbol])).get(command.symbol)
    async with unit_of_work(context.pool, dry_run=True) as uow:
        key = f"preview:{new_id()}"
        armed = await arming.arm(context, uow, command, idempotency_key=key, chat=ChatTarget(0, key), correlation_id=key)
        instrument = await market.instrument(uow, command.venue, command.symbol)
    if instrument is None:
        raise Denied("unknown_instrument", symbol=command.symbol, venue=command.venue)
    shown = _as_if_entered(armed, command, book, instrument)
    sight = Sight(context.clock.now(), context.limits.price_max_age, instrument.lot)
    evaluations = {leg.number: rules.evaluate(shown, leg, book, sight) for leg in shown.exits}
    for evaluation in evaluations.values():
        if evaluation.outcome is Outcome.MET:
            raise Denied(
                "trigger_met",
                price="" if evaluation.price is None else text(evaluation.price),
                trigger="" if evaluation.trigger is None else text(evaluation.trigger),
            )
    return ConditionalPreview(armed, evaluations)


def _as_if_entered(armed: Conditional, command: ConditionalCommand, book: OrderBook | None, instrument: Instrument) -> Conditional:
    """With an entry: the exits over about what it would buy now."""
    if not command.enters or book is None:
        return armed
    size, by_budget = command.size.value, command.size.kind is SizeKind.QUOTE_AMOUNT
    if command.size.kind is SizeKind.PERCENT:
        return armed
    bought = walk_for(book, Side.BUY, size, by_budget=by_budget, lot=instrument.lot).filled_quantity.value
    legs = tuple(replace(leg, state=LegState.ARMED) if leg.state is LegState.WAITING else leg for leg in armed.legs)
    return replace(armed, quantity=bought, legs=legs)
