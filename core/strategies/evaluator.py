"""Evaluates armed conditional orders when books change, emits what is met, follows what was emitted. Keeps the armed ones in memory.

Driven by `workers/streams/conditional.py` under its lease: every write carries the lease's fencing token, and memory is only a hint,
because every change looks at the locked row again. After a restart `load` is all there is to do: trails' best prices, attempts and
orders at work stand in the rows.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from core.config.logging import get_logger
from core.db import leases
from core.db.leases import Lease
from core.db.unit_of_work import unit_of_work
from core.kernel.errors import Denied, IdempotencyConflict, Unavailable
from core.market import service as market
from core.market.types import OrderBook
from core.strategies import emission, following, repository, rules
from core.strategies.context import StrategyContext
from core.strategies.emission import Trigger
from core.strategies.repository import Seen
from core.strategies.rules import Sight
from core.strategies.types import FINAL, Conditional, ConditionalState, Evaluation, Leg, LegRole, LegState, Outcome
from core.strategies.views import encode_evaluation
from core.strategies.watch import Name, SymbolWatch

AT_ONCE = 4
"""Emissions side by side: each is a transaction of a few milliseconds."""
KEEP_AT_ONCE = 200
KEEP_EVERY = timedelta(seconds=5)
Market = tuple[str, str]
_log = get_logger()


class Evaluator:
    """One holder's view. `lease` is required in every write; None only where a test holds the desk alone."""

    def __init__(self, context: StrategyContext, lease: Lease | None = None) -> None:
        self._context = context
        self._lease = lease
        self._known: dict[UUID, Conditional] = {}
        self._watches: dict[Market, SymbolWatch] = {}
        self._newest: dict[str, datetime] = {}
        self._round: deque[Name] = deque()
        self._kept_at: dict[Name, datetime] = {}

    @property
    def armed(self) -> int:
        """How many conditional orders are live."""
        return len(self._known)

    @property
    def symbols(self) -> set[str]:
        """Instruments whose books matter now."""
        return {symbol for (_, symbol), watch in self._watches.items() if len(watch)}

    async def load(self) -> None:
        """Everything that is live, from the rows."""
        self._known, self._watches, self._kept_at = {}, {}, {}
        self._round.clear()
        async with unit_of_work(self._context.pool) as uow:
            found = await repository.live(uow)
        await self._take(found)

    async def refresh(self, ids: Collection[UUID]) -> None:
        """These changed somewhere else."""
        async with unit_of_work(self._context.pool) as uow:
            found = await repository.read(uow, ids)
        await self._take(found)

    async def _take(self, found: Collection[Conditional]) -> None:
        for market_ in {(one.venue, one.symbol) for one in found} - self._watches.keys():
            self._watches[market_] = SymbolWatch(await self._lot(market_))
        for one in found:
            self._put(one)

    async def _lot(self, market_: Market) -> Decimal:
        async with unit_of_work(self._context.pool) as uow:
            instrument = await market.instrument(uow, *market_)
        return Decimal("1e-8") if instrument is None else instrument.lot

    def _put(self, conditional: Conditional) -> None:
        watch = self._watches[conditional.venue, conditional.symbol]
        if conditional.state in FINAL:
            self._known.pop(conditional.id, None)
            for leg in conditional.legs:
                watch.forget((conditional.id, leg.number))
            return
        self._known[conditional.id] = conditional
        for leg in conditional.exits:
            watch.put(conditional, leg)
            name = (conditional.id, leg.number)
            if leg.state in (LegState.ARMED, LegState.WAITING) and name not in self._kept_at:
                self._kept_at[name] = datetime.min.replace(tzinfo=conditional.created_at.tzinfo)
                self._round.appendleft(name)

    async def evaluate(self, symbols: Collection[str]) -> int:
        """Looks at the newest books of these instruments; how many orders were emitted. Raises Unavailable without the price store.

        A book older than one that counted already changes nothing, in memory and in the rows.
        """
        wanted = [symbol for symbol in symbols if symbol in self.symbols]
        books = await self._context.books.books(wanted) if wanted else {}
        met: list[Trigger] = []
        seen: list[Seen] = []
        for symbol, book in books.items():
            if book.observed_at < self._newest.get(symbol, book.observed_at):
                continue
            self._newest[symbol] = book.observed_at
            self._look(book, met, seen)
        await self._keep(seen)
        return await self._emit(met)

    def _look(self, book: OrderBook, met: list[Trigger], seen: list[Seen]) -> None:
        for (_, symbol), watch in self._watches.items():
            if symbol != book.symbol:
                continue
            sight = self._sight(watch)
            for name in watch.candidates(book):
                conditional, leg = self._find(name)
                evaluation = rules.evaluate(conditional, leg, book, sight)
                if evaluation.outcome is Outcome.MET:
                    met.append(Trigger(name[0], name[1], evaluation))
                elif evaluation.best != leg.best_price:
                    self._put(_seen_by(conditional, leg, evaluation))
                    seen.append(_as_seen(name, evaluation))

    def _sight(self, watch: SymbolWatch) -> Sight:
        return Sight(self._context.clock.now(), self._context.limits.price_max_age, watch.lot)

    def _find(self, name: Name) -> tuple[Conditional, Leg]:
        conditional = self._known[name[0]]
        return conditional, conditional.leg(name[1])

    async def _keep(self, seen: list[Seen]) -> None:
        if not seen:
            return
        async with unit_of_work(self._context.pool) as uow:
            if self._lease is not None:
                await leases.require(uow, self._lease)
            await repository.keep_evaluations(uow, seen)

    async def _emit(self, met: list[Trigger]) -> int:
        """Protective legs first: of two legs of one conditional order only what remains is emitted by the second."""
        gate = asyncio.Semaphore(AT_ONCE)
        by_conditional: dict[UUID, list[Trigger]] = {}
        for trigger in sorted(met, key=self._urgency):
            by_conditional.setdefault(trigger.conditional_id, []).append(trigger)

        async def emit_all(triggers: list[Trigger]) -> int:
            async with gate:
                return sum([await self._emit_one(trigger) for trigger in triggers])

        return sum(await asyncio.gather(*(emit_all(triggers) for triggers in by_conditional.values())))

    def _urgency(self, trigger: Trigger) -> int:
        _, leg = self._find((trigger.conditional_id, trigger.number))
        return 0 if leg.role in rules.PROTECTIVE or leg.role is LegRole.TIME_EXIT else 1

    async def _emit_one(self, trigger: Trigger) -> int:
        try:
            changed = await emission.emit(self._context, self._lease, trigger)
        except (Denied, IdempotencyConflict, ValueError) as refusal:
            reason = refusal.code if isinstance(refusal, Denied) else "not_accepted"
            _log.error("conditional_refused", conditional_id=str(trigger.conditional_id), reason=reason, exc_info=refusal)
            changed = await emission.refuse(self._context, self._lease, trigger, reason)
        if changed is None:
            return 0
        self._put(changed)
        emitted = changed.leg(trigger.number).state is LegState.TRIGGERED
        if emitted:
            _log.info("conditional_triggered", conditional_id=str(changed.id), symbol=changed.symbol)
        return int(emitted)

    async def by_clock(self) -> int:
        """Time exits that are due, and conditional orders whose time is over. How many orders were emitted."""
        now = self._context.clock.now()
        met: list[Trigger] = []
        for watch in self._watches.values():
            sight = self._sight(watch)
            for name, leg in list(watch.timed.items()):
                if leg.act_at is not None and leg.act_at <= now:
                    evaluation = rules.evaluate(*self._find(name), None, sight)
                    if evaluation.outcome is Outcome.MET:
                        met.append(Trigger(name[0], name[1], evaluation))
        emitted = await self._emit(met)
        over = [one.id for one in self._known.values() if one.expires_at <= now and one.state is ConditionalState.ARMED]
        for conditional_id in over:
            ended = await emission.expire(self._context, self._lease, conditional_id)
            if ended is not None:
                self._put(ended)
        return emitted

    async def follow(self) -> int:
        """Applies what emitted orders did; how many conditional orders changed."""
        at_work = [one for one in self._known.values() if any(leg.state is LegState.TRIGGERED for leg in one.legs)]
        changed = await following.follow(self._context, self._lease, at_work)
        for one in changed:
            self._put(one)
        return len(changed)

    async def keep_evaluations(self) -> int:
        """Writes what is seen now on the armed legs whose kept evaluation is the oldest: all of them in turn. How many."""
        now = self._context.clock.now()
        due = self._due(now)
        if not due:
            return 0
        books = await self._books({self._known[name[0]].symbol for name in due})
        seen = [_as_seen(name, self._now(name, books)) for name in due]
        await self._keep(seen)
        for name in due:
            self._kept_at[name] = now
            self._round.append(name)
        return len(seen)

    def _due(self, now: datetime) -> list[Name]:
        due: list[Name] = []
        while self._round and len(due) < KEEP_AT_ONCE and self._kept_at[self._round[0]] + KEEP_EVERY <= now:
            name = self._round.popleft()
            found = self._known.get(name[0])
            if found is None or found.leg(name[1]).state not in (LegState.ARMED, LegState.WAITING):
                del self._kept_at[name]
            else:
                due.append(name)
        return due

    async def _books(self, symbols: Collection[str]) -> Mapping[str, OrderBook]:
        """Without the price store nothing is seen, and that is kept."""
        try:
            return await self._context.books.books(list(symbols))
        except Unavailable:
            return {}

    def _now(self, name: Name, books: Mapping[str, OrderBook]) -> Evaluation:
        conditional, leg = self._find(name)
        sight = self._sight(self._watches[conditional.venue, conditional.symbol])
        evaluation = rules.evaluate(conditional, leg, books.get(conditional.symbol), sight)
        if evaluation.best != leg.best_price:
            self._put(_seen_by(conditional, leg, evaluation))
        why = conditional.reason_params.get("why", "") if evaluation.outcome is Outcome.BACKING_OFF else ""
        return replace(evaluation, reason=str(why))


def _seen_by(conditional: Conditional, leg: Leg, evaluation: Evaluation) -> Conditional:
    changed = replace(leg, best_price=evaluation.best, book_at=evaluation.book_at)
    return replace(conditional, legs=tuple(changed if one.number == leg.number else one for one in conditional.legs))


def _as_seen(name: Name, evaluation: Evaluation) -> Seen:
    """A book that did not count leaves no time behind."""
    counted = evaluation.outcome in (Outcome.WAITING, Outcome.MET, Outcome.THIN_BOOK, Outcome.BACKING_OFF)
    return Seen(name[0], name[1], evaluation.book_at if counted else None, evaluation.best, encode_evaluation(evaluation))
