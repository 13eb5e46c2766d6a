"""Which tick, lot and minimum the paper venue uses for a pair. Pure; called when a source of prices is opened.

Follows what Binance does by the size of the price; the lot is a little finer, so that small accounts can size orders.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from core.kernel.money import Asset
from core.market.types import Instrument

PAPER = "paper"
SCALE = 8
TAKER_FEE_BPS = 10
MAKER_FEE_BPS = 8

_TICKS = (
    ("1", "0.01"),
    ("0.1", "0.0001"),
    ("0.01", "0.00001"),
    ("0.001", "0.000001"),
    ("0.0001", "0.0000001"),
    ("0.0000001", "0.00000001"),
)
_LOTS = (("50", "0.00001"), ("1", "0.001"), ("0.01", "0.1"))
_SMALLEST_TICK = Decimal("1e-12")
_MINIMUM_NOTIONAL = {"BTC": Decimal("0.0001"), "ETH": Decimal("0.001"), "BNB": Decimal("0.01")}
_QUOTES = ("FDUSD", "USDT", "USDC", "TUSD", "BUSD", "EUR", "TRY", "BRL", "DAI", "USD", "BTC", "ETH", "BNB")


def paper_instrument(symbol: str, price: Decimal, *, tick: Decimal | None = None) -> Instrument:
    """The paper venue's rules for `symbol` (BASE/QUOTE) at about this price. `tick` is the step seen in the data: the finer one counts."""
    base, _, quote = symbol.partition("/")
    by_price = tick_for(price)
    return Instrument(
        venue=PAPER,
        symbol=symbol,
        base=Asset(f"{PAPER}:{base}", SCALE),
        quote=Asset(f"{PAPER}:{quote}", SCALE),
        tick=max(_SMALLEST_TICK, by_price if tick is None else min(by_price, tick)),
        lot=lot_for(price),
        minimum_notional=_MINIMUM_NOTIONAL.get(quote, Decimal(5)),
        taker_fee_bps=TAKER_FEE_BPS,
        maker_fee_bps=MAKER_FEE_BPS,
    )


def tick_for(price: Decimal) -> Decimal:
    """The step of the price, at most 1% of it for prices of 1e-7 and more."""
    return _first_step(_TICKS, price, Decimal("1e-10"))


def lot_for(price: Decimal) -> Decimal:
    """The step of the quantity."""
    return _first_step(_LOTS, price, Decimal(1))


def _first_step(table: Iterable[tuple[str, str]], price: Decimal, otherwise: Decimal) -> Decimal:
    return next((Decimal(step) for least, step in table if price >= Decimal(least)), otherwise)


def step_of(prices: Iterable[Decimal]) -> Decimal | None:
    """The largest power of ten of which all `prices` are multiples; None without prices."""
    exponents = [exponent for price in prices if isinstance(exponent := price.normalize().as_tuple().exponent, int)]
    return Decimal(1).scaleb(min(exponents)) if exponents else None


def split_symbol(joined: str) -> str | None:
    """`btcusdt` → `BTC/USDT`; None where the quote currency is not known."""
    text = joined.upper()
    for quote in _QUOTES:
        if text.endswith(quote) and len(text) > len(quote):
            return f"{text.removesuffix(quote)}/{quote}"
    return None
