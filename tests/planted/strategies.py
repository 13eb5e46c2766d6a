"""Planted bugs of conditional orders: each emits or sells what was emitted or sold already."""

from __future__ import annotations

from typing import Any

from tests.planted.registry import Plant, planted

ONCE = "tests/core/strategies/test_trouble.py::test_two_evaluators_and_many_turns_emit_once"
POOL = "tests/core/strategies/test_legs.py::test_the_other_of_a_pair_waits_while_an_order_is_at_work"


@planted(promise="P6", name="a trigger trusts memory", breaks=ONCE)
def trigger_trusts_memory(plant: Plant) -> None:
    """The locked row is not looked at again: two evaluators that saw the same book both emit."""
    from core.kernel.money import Rounding, round_to_step  # noqa: PLC0415

    def due_size(conditional: Any, leg: Any, lot: Any) -> Any:
        return round_to_step(conditional.quantity, lot, Rounding.DOWN)

    plant.patch("core.strategies.emission._still_met", lambda conditional, trigger: True)  # noqa: ARG005
    plant.patch("core.strategies.emission.due_size", due_size)
    plant.patch("core.strategies.emission.available", _plenty)


async def _plenty(*_: Any) -> Any:
    from decimal import Decimal  # noqa: PLC0415

    return Decimal(10**6)


@planted(promise="P6", name="an order at work counts for nothing", breaks=POOL)
def order_at_work_counts_for_nothing(plant: Plant) -> None:
    """The classic of pairs: while one leg's order is being filled the other leg sells the same coins."""
    from core.kernel.money import EXACT  # noqa: PLC0415
    from core.strategies.types import ZERO  # noqa: PLC0415

    def remaining(conditional: Any) -> Any:
        left = conditional.quantity or ZERO
        for leg in conditional.exits:
            left = EXACT.subtract(left, leg.filled)
        return max(left, ZERO)

    plant.patch("core.strategies.rules.remaining", remaining)
    plant.patch("core.strategies.emission.available", _plenty)
