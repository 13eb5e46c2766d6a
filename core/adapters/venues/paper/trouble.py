"""Trouble on demand: what real exchanges and networks do to those who trade there. Seeded, so that a run can be played again.

Every choice depends on the seed, the client order id and the number of the call only, not on what else happens at the same time.
"""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta

from core.venues.types import OrderReport


@dataclass(frozen=True, slots=True)
class Trouble:
    """How often, in a hundred, each kind happens.

    `times_out`: the order executes and the answer is lost. `lost`: the request itself is, and the answer is silence. `repeats`: a report
    tells fills twice. `gaps`: a report leaves fills out. `late`: the answer comes `late_by` later. `rejects`: the order is refused.
    `rests`: only a part fills at once, the rest `rest_for` later. `unreachable`: a look-up cannot be answered.
    """

    seed: int = 0
    times_out: int = 0
    lost: int = 0
    repeats: int = 0
    gaps: int = 0
    late: int = 0
    rejects: int = 0
    rests: int = 0
    unreachable: int = 0
    late_by: timedelta = timedelta(milliseconds=50)
    rest_for: timedelta = timedelta(milliseconds=300)


@dataclass
class Dice:
    """Throws for one venue object."""

    trouble: Trouble
    _calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def throw(self, client_order_id: str) -> Throw:
        """The luck of the next call about this order."""
        self._calls[client_order_id] += 1
        return Throw(self.trouble, random.Random(f"{self.trouble.seed}:{client_order_id}:{self._calls[client_order_id]}"))


@dataclass
class Throw:
    """The luck of one call."""

    trouble: Trouble
    random: random.Random

    def happens(self, chance: int) -> bool:
        """True `chance` times in a hundred."""
        return chance > 0 and self.random.randrange(100) < chance

    def garble(self, report: OrderReport) -> OrderReport:
        """The report as it arrives: fills repeated, out of order or missing. The count of what is filled stays true."""
        fills = list(report.fills)
        if fills and self.happens(self.trouble.gaps):
            fills.pop(self.random.randrange(len(fills)))
        if fills and self.happens(self.trouble.repeats):
            fills = [*fills, *fills]
            self.random.shuffle(fills)
        return replace(report, fills=tuple(fills))
