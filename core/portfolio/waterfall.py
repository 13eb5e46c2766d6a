"""Where every unit of an account came from and went: what the ledger's postings mean to their owner. Pure.

Called by the portfolio service with sums of postings that the ledger has. Total: each posting that touches the account is in exactly
one item, so the items always add up to the change of the balance. Fees that the venue kept from a sale's proceeds are shown as a
larger sale and a fee, which changes no sum. What the house advanced (a receivable) is shown as an advance and as what it paid.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from core.kernel.money import Amount, Asset
from core.ledger.types import ROUNDING, WORLD


class Item(enum.StrEnum):
    """One line. Bought and sold are of this asset: dollars spent on bitcoins were sold."""

    DEPOSITS = "deposits"
    WITHDRAWALS = "withdrawals"
    BOUGHT = "bought"
    SOLD = "sold"
    VENUE_FEES = "venue_fees"
    PLATFORM_FEES = "platform_fees"
    NETWORK_FEES = "network_fees"
    ROUNDING = "rounding"
    REVERSALS = "reversals"
    ADVANCES = "advances"
    """What the house paid in the user's place, less what was paid back."""


TAKEN = frozenset({Item.WITHDRAWALS, Item.SOLD, Item.VENUE_FEES, Item.PLATFORM_FEES, Item.NETWORK_FEES})
"""Items that are shown as a positive figure and subtracted; the others are added with their sign."""


@dataclass(frozen=True, slots=True)
class Flow:
    """So many units of one asset between two addresses, in transactions of one kind. `alone`: they touch no other user."""

    asset: Asset
    kind: str
    reversal: bool
    alone: bool
    source: str
    destination: str
    units: int


@dataclass(frozen=True, slots=True)
class Waterfall:
    """One asset of a user at a place in a period: `opening` + additions − deductions = `closing`, to the unit."""

    opening: Amount
    closing: Amount
    items: Mapping[Item, Amount] = field(default_factory=dict)

    @property
    def asset(self) -> Asset:
        """What is counted."""
        return self.opening.asset

    def amount(self, item: Item) -> Amount:
        """An item's figure; zero where nothing of the kind happened."""
        return self.items.get(item, Amount.zero(self.asset))

    @property
    def change(self) -> Amount:
        """The sum of the items."""
        total = Amount.zero(self.asset)
        for item, amount in self.items.items():
            total = total - amount if item in TAKEN else total + amount
        return total


def meanings(flow: Flow, own: frozenset[str]) -> Iterator[tuple[Item, int]]:
    """What a flow means to whoever has the accounts `own`: items with signed units. Their sum is what it does to the balance."""
    leaves, comes = flow.source in own, flow.destination in own
    if leaves and comes:
        return
    if flow.reversal:
        if leaves or comes:
            yield Item.REVERSALS, flow.units if comes else -flow.units
    elif leaves:
        yield _spent(flow), -flow.units
    elif comes:
        yield _received(flow.source), flow.units
    elif flow.alone:
        yield from _in_the_users_place(flow)


def _in_the_users_place(flow: Flow) -> Iterator[tuple[Item, int]]:
    """Between others, because of the user: a fee kept from the proceeds, or something that the house paid."""
    trade = flow.destination.startswith(("venue:", "fees:"))
    if flow.source == WORLD and trade:
        yield Item.ADVANCES, flow.units
        yield _counterpart(flow.destination), -flow.units
    elif flow.source.startswith("venue:") and _is_fee(flow.destination):
        yield Item.BOUGHT, flow.units
        yield _counterpart(flow.destination), -flow.units


def _is_fee(address: str) -> bool:
    return address.startswith("fees:") and not address.startswith(ROUNDING)


def _spent(flow: Flow) -> Item:
    if flow.kind == "repay":
        return Item.ADVANCES
    return _counterpart(flow.destination)


def _received(source: str) -> Item:
    found = _counterpart(source)
    return {Item.SOLD: Item.BOUGHT, Item.WITHDRAWALS: Item.DEPOSITS}.get(found, found)


def _counterpart(address: str) -> Item:
    """What it is to pay to `address`."""
    for beginning, item in _BY_ADDRESS:
        if address.startswith(beginning):
            return item
    return Item.WITHDRAWALS


_BY_ADDRESS = (
    (ROUNDING, Item.ROUNDING),
    ("fees:venue", Item.VENUE_FEES),
    ("fees:network", Item.NETWORK_FEES),
    ("fees:", Item.PLATFORM_FEES),
    ("venue:", Item.SOLD),
    ("receivable:", Item.ADVANCES),
)


def waterfalls(
    flows: Iterable[Flow], later: Mapping[Asset, int], balances: Mapping[Asset, int], own: frozenset[str]
) -> tuple[Waterfall, ...]:
    """One an asset, by its code. `balances` is what there is now, `later` what of it came after the period (units, net)."""
    sums: dict[Asset, dict[Item, int]] = {asset: {} for asset in balances}
    for flow in flows:
        for item, units in meanings(flow, own):
            items = sums.setdefault(flow.asset, {})
            items[item] = items.get(item, 0) + (-units if item in TAKEN else units)
    return tuple(_one(asset, sums[asset], balances.get(asset, 0) - later.get(asset, 0)) for asset in sorted(sums, key=lambda one: one.code))


def _one(asset: Asset, items: Mapping[Item, int], closing: int) -> Waterfall:
    made = Waterfall(Amount.zero(asset), Amount(asset, closing), {item: Amount(asset, items[item]) for item in Item if items.get(item)})
    return Waterfall(made.closing - made.change, made.closing, made.items)
