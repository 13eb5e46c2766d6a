"""A ledger of one page: what the real one must agree with. Knows users' available and held units, open holds, and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from core.kernel.money import Asset


@dataclass
class ModelHold:
    """An open hold."""

    user_id: int
    asset: Asset
    remaining: int


@dataclass
class LedgerModel:
    """Each method says whether it was done; nothing happens when it was not."""

    available: Counter[tuple[int, str]] = field(default_factory=Counter)
    held: Counter[tuple[int, str]] = field(default_factory=Counter)
    holds: dict[UUID, ModelHold] = field(default_factory=dict)

    def fund(self, user_id: int, asset: Asset, units: int) -> None:
        self.available[user_id, asset.code] += units

    def transfer(self, source: int, destination: int, asset: Asset, units: int) -> bool:
        if self.available[source, asset.code] < units:
            return False
        self.available[source, asset.code] -= units
        self.available[destination, asset.code] += units
        return True

    def spend(self, user_id: int, asset: Asset, units: int) -> bool:
        if self.available[user_id, asset.code] < units:
            return False
        self.available[user_id, asset.code] -= units
        return True

    def hold(self, hold_id: UUID, user_id: int, asset: Asset, units: int) -> bool:
        if not self.spend(user_id, asset, units):
            return False
        self.held[user_id, asset.code] += units
        self.holds[hold_id] = ModelHold(user_id, asset, units)
        return True

    def settle(self, hold_id: UUID, units: int, *, close: bool) -> bool:
        hold = self.holds[hold_id]
        if units > hold.remaining:
            return False
        hold.remaining -= units
        self.held[hold.user_id, hold.asset.code] -= units
        if close:
            self.void(hold_id)
        return True

    def void(self, hold_id: UUID) -> None:
        hold = self.holds.pop(hold_id)
        self.held[hold.user_id, hold.asset.code] -= hold.remaining
        self.available[hold.user_id, hold.asset.code] += hold.remaining
