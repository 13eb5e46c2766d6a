"""Fees as pure arithmetic in whole units. Called by sizing, settlement and the paper venue's tests.

A fee is a share of the order's whole notional, rounded up once: however many fills an order has, it costs at most one unit more than
the exact share.
"""

from __future__ import annotations

BASIS = 10_000


def fee_units(notional_units: int, bps: int) -> int:
    """`bps` ten-thousandths of a notional, rounded up."""
    return -(-notional_units * bps // BASIS)


def next_fee(notional_before: int, notional_after: int, bps: int) -> int:
    """What a fill adds to the fee when it raises the order's notional from `before` to `after`."""
    return fee_units(notional_after, bps) - fee_units(notional_before, bps)


def spendable(total_units: int, *rates_bps: int) -> int:
    """The largest notional that costs at most `total_units` with every fee on top, each rounded up by itself."""
    if total_units <= 0:
        return 0
    notional = total_units * BASIS // (BASIS + sum(rates_bps))
    while notional > 0 and notional + sum(fee_units(notional, bps) for bps in rates_bps) > total_units:
        notional -= 1
    return notional
