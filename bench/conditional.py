"""`python -m bench.conditional [--armed 10000] [--books 1500] [--save]`: armed conditional orders looked at on each new book.

Stops, trails and profits over 15 pairs, sizes from small to larger than the best level; each pair's book has 20 levels a side and walks at
random. The evaluator's index gives candidates, which are evaluated exactly; a trail that sees a better price is filed anew; what is met is
forgotten, as after its emission. The database is left out: only what changes is written. Yardstick: every armed leg evaluated
exactly on each book, which is what the index saves.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from bench.support import Stopwatch, Timing, report, table
from core.adapters.marketdata.modelled_depth import modelled_levels
from core.kernel.money import Asset
from core.market.types import Instrument, OrderBook, PriceSource
from core.strategies import rules
from core.strategies.rules import Sight
from core.strategies.types import Conditional, ConditionalKind, ConditionalState, Leg, LegRole, LegState, Outcome
from core.strategies.watch import Name, SymbolWatch
from core.trading.types import ChatTarget, OrderSize, SizeKind
from core.venues.types import Side

PAIRS = 15
NOW = datetime(2024, 8, 5, tzinfo=UTC)
SOURCE = PriceSource("bench", "simulated")
PRICE = Decimal(50_000)
YARDSTICK_BOOKS = 30


def instrument(number: int) -> Instrument:
    base = Asset(f"paper:A{number}", 8)
    return Instrument("paper", f"A{number}/USDT", base, Asset("paper:USDT", 8), Decimal("0.01"), Decimal("0.00001"), Decimal(5), 10)


def armed_one(number: int, symbol: str, dice: random.Random) -> Conditional:
    size = Decimal(dice.choice([1, 5, 20, 100, 400])) / 100
    away = Decimal(dice.randint(20, 2000)) / 10_000
    role = dice.choices([LegRole.STOP, LegRole.TRAILING_STOP, LegRole.TAKE_PROFIT], [4, 3, 3])[0]
    trigger = PRICE * (1 + away if role is LegRole.TAKE_PROFIT else 1 - away)
    leg = Leg(1, role, LegState.ARMED, trigger_price=trigger)
    if role is LegRole.TRAILING_STOP:
        leg = Leg(1, role, LegState.ARMED, trail_bps=dice.randint(50, 2000))
    return Conditional(
        UUID(int=number + 1),
        number,
        "paper",
        symbol,
        ConditionalKind.STOP,
        Side.SELL,
        False,
        OrderSize(SizeKind.BASE_QUANTITY, size),
        size,
        None,
        100,
        ConditionalState.ARMED,
        "",
        {},
        False,
        ChatTarget(1, "x"),
        "c",
        NOW,
        NOW + timedelta(days=1),
        (leg,),
    )


class Room:
    """One pair: its armed orders, its index, its walking price."""

    def __init__(self, made: Instrument, armed: list[Conditional], seed: int) -> None:
        self.instrument = made
        self.known: dict[Name, Conditional] = {(one.id, 1): one for one in armed}
        self.watch = SymbolWatch(made.lot)
        self.dice = random.Random(seed)
        self.price = PRICE
        for one in armed:
            self.watch.put(one, one.legs[0])

    def book(self, number: int) -> OrderBook:
        self.price *= 1 + Decimal(self.dice.randint(-10, 10)) / 10_000
        bids, asks = modelled_levels(self.instrument, self.price, Decimal(20))
        return OrderBook(self.instrument.symbol, bids, asks, number, NOW, SOURCE)

    def look(self, book: OrderBook, names: set[Name]) -> int:
        """Evaluates these exactly, as the evaluator does; how many."""
        sight = Sight(NOW, timedelta(seconds=5), self.instrument.lot)
        for name in names:
            one = self.known[name]
            leg = one.legs[0]
            found = rules.evaluate(one, leg, book, sight)
            if found.outcome is Outcome.MET:
                self.watch.forget(name)
                del self.known[name]
            elif found.best != leg.best_price:
                self.known[name] = replace(one, legs=(replace(leg, best_price=found.best),))
                self.watch.put(self.known[name], self.known[name].legs[0])
        return len(names)


def rooms(armed: int) -> list[Room]:
    dice = random.Random(1)
    made = [instrument(number) for number in range(PAIRS)]
    share = [[armed_one(number, one.symbol, dice) for number in range(place, armed, PAIRS)] for place, one in enumerate(made)]
    return [Room(one, mine, place) for place, (one, mine) in enumerate(zip(made, share, strict=True))]


def measure(armed: int, books: int, *, all_of_them: bool) -> tuple[Timing, int]:
    """Looks at so many books; the time of each, and how many exact evaluations that took."""
    places, timing, looked = rooms(armed), Timing(), 0
    for room in places:
        room.look(room.book(0), set(room.known))  # every trail has seen a price
    for number in range(books):
        room = places[number % PAIRS]
        book = room.book(number)
        with Stopwatch(timing):
            begun = time.perf_counter()
            looked += room.look(book, set(room.known) if all_of_them else room.watch.candidates(book))
            timing.latencies.append(time.perf_counter() - begun)
        timing.operations += 1
    return timing, looked


def row(name: str, timing: Timing, looked: int) -> list[str]:
    return [
        name,
        f"{timing.per_second:,.0f}",
        f"{looked / timing.operations:,.1f}",
        f"{1000 * timing.cpu_s / timing.operations:.2f}",
        f"{timing.percentile_ms(50):.2f}",
        f"{timing.percentile_ms(99):.2f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--armed", type=int, default=10_000)
    parser.add_argument("--books", type=int, default=1_500)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    ours = measure(options.armed, options.books, all_of_them=False)
    naive = measure(options.armed, YARDSTICK_BOOKS, all_of_them=True)
    head = [f"{options.armed:,} armed, {PAIRS} pairs", "books/s", "evaluated a book", "ms CPU a book", "p50 ms", "p99 ms"]
    text = table(head, [row("index, then exact", *ours), row("yardstick: every leg exactly", *naive)])
    ratio = (naive[0].cpu_s / naive[0].operations) / (ours[0].cpu_s / ours[0].operations)
    needed = 5 * PAIRS * ours[0].cpu_s / ours[0].operations
    text += f"\n\n{ratio:,.0f} times less CPU than the yardstick; {PAIRS} pairs at 5 books a second take {100 * needed:.0f} % of a core."
    report("conditional", text, save=options.save)


if __name__ == "__main__":
    main()
