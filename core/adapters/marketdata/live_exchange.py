"""Binance's public market data through ccxt.pro: connection, subscriptions, keep-alive and limits are ccxt's, messages are taken raw.

Prices stay the decimal text that the exchange sent; the books are built by our own code, which checks every sequence number. ccxt costs
a second and 100 MB to import, so it is imported in `open_exchange` only, after somebody answered. Every vendor error is Unavailable:
nothing here has an effect at the exchange. Called by `live_market`, `recorder` and the back-fill.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import orjson

from core.adapters.marketdata.print_log import EPOCH
from core.kernel.errors import Unavailable
from core.market.types import INTERVALS, Candle, Interval, PriceSource

NAME = "Binance"
ID = "binance"
HOST = "https://api.binance.com"
REACH_S = 3.0
SNAPSHOT_LEVELS = 1_000
MOST_CANDLES = 1_000
_HASH = "strongroom"

Message = dict[str, Any]


async def reachable(url: str, *, within_s: float = REACH_S) -> bool:
    """Whether somebody answers at the exchange's address. In a thread of its own that nobody waits for: looking up a name cannot be
    cut short, and must neither delay the process's end nor its start."""
    loop, found = asyncio.get_running_loop(), asyncio.Event()
    parts = urlsplit(url or HOST)
    address = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))

    def knock() -> None:
        try:
            socket.create_connection(address, timeout=within_s).close()
            loop.call_soon_threadsafe(found.set)
        except (OSError, RuntimeError):  # nobody there, or the loop is closed meanwhile
            return

    threading.Thread(target=knock, name="knock", daemon=True).start()
    try:
        await asyncio.wait_for(found.wait(), within_s)
    except TimeoutError:
        return False
    return True


async def open_exchange(url: str = "") -> LiveExchange:
    """Imports ccxt in a thread and makes its client. `url` stands for every address of the exchange (`URL/HOST/path`); empty: Binance."""
    client = await asyncio.to_thread(_make_client, url)
    return LiveExchange(client)


def _make_client(url: str) -> Any:
    import ccxt  # noqa: PLC0415 - a second and 100 MB, needed by few
    from ccxt.pro.binance import binance  # noqa: PLC0415

    class Tapped(binance):  # type: ignore[misc]
        """ccxt's client, whose market messages go to us as they came instead of into ccxt's books of floats."""

        on_market_message: Callable[[Message], None] | None = None

        def handle_message(self, client: Any, message: Any) -> None:
            if isinstance(message, dict) and message.get("error") is not None:
                client.reject(ccxt.ExchangeError(str(message["error"])[:200]), _HASH)
            elif isinstance(message, dict) and "e" in message and self.on_market_message is not None:
                self.on_market_message(message)

    options = {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False}
    client = Tapped({"enableRateLimit": True, "timeout": 8_000, "options": options})
    client.number, client.timeout_on_exit = str, 0
    if url:
        client.urls["api"] = _rewritten(client.urls["api"], url.rstrip("/"))
    return client


def _rewritten(addresses: Any, base: str) -> Any:
    if isinstance(addresses, dict):
        return {name: _rewritten(address, base) for name, address in addresses.items()}
    parts = urlsplit(addresses)
    scheme = "ws" + base.removeprefix("http") if parts.scheme.startswith("ws") else base
    return f"{scheme}/{parts.hostname}{parts.path}"


@contextmanager
def _asking() -> Iterator[None]:
    """Every way in which the exchange fails to answer as one error: asking again is safe. ccxt's own cancellations are of that kind."""
    import ccxt  # noqa: PLC0415 - imported already

    try:
        yield
    except (ccxt.BaseError, OSError, TimeoutError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(f"{NAME} does not answer ({type(error).__name__})") from error


class LiveExchange:
    """One client. `close` it."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._requests = 0

    async def ticks(self, symbols: Sequence[str]) -> dict[str, Decimal]:
        """The step of the price of each symbol that is traded there now. Raises Unavailable."""
        names = orjson.dumps([symbol.replace("/", "") for symbol in symbols]).decode()
        by_name = {symbol.replace("/", ""): symbol for symbol in symbols}
        with _asking():
            told = await self._client.public_get_exchangeinfo({"symbols": names})
            return {
                by_name[one["symbol"]]: next(Decimal(rule["tickSize"]) for rule in one["filters"] if rule["filterType"] == "PRICE_FILTER")
                for one in told["symbols"]
                if one["status"] == "TRADING"
            }

    async def snapshot(self, symbol: str) -> Message:
        """The book by REST, as the exchange sent it: `lastUpdateId`, `bids`, `asks` in decimal text. Raises Unavailable."""
        with _asking():
            told: Message = await self._client.public_get_depth({"symbol": symbol.replace("/", ""), "limit": SNAPSHOT_LEVELS})
            return {"lastUpdateId": int(told["lastUpdateId"]), "bids": told["bids"], "asks": told["asks"]}

    async def stream(self, symbols: Sequence[str], on_message: Callable[[Message], None]) -> None:
        """Subscribes to differences and trades of `symbols` and hands on each message. Ends only by Unavailable, or when canceled."""
        self._requests += 1
        streams = [f"{symbol.replace('/', '').lower()}@{kind}" for symbol in symbols for kind in ("depth@100ms", "trade")]
        self._client.on_market_message = on_message
        request = {"method": "SUBSCRIBE", "params": streams, "id": self._requests}
        url = f"{self._client.urls['api']['ws']['spot']}/{self._requests}"
        watching = asyncio.ensure_future(self._client.watch(url, _HASH, request, _HASH))
        try:
            await asyncio.wait({watching})
        finally:
            self._client.on_market_message = None
            watching.cancel()
        with _asking():
            if watching.cancelled():
                raise TimeoutError
            watching.result()
        raise Unavailable(f"{NAME} ended the stream")

    async def candles(self, symbol: str, interval: Interval, since: datetime) -> list[Candle]:
        """The first thousand finished candles from `since` on, as the exchange has them. Raises Unavailable."""
        since_ms = (since - EPOCH) // timedelta(milliseconds=1)
        with _asking():
            rows = await self._client.fetch_ohlcv(symbol, interval, since_ms, MOST_CANDLES)
            now_ms = self._client.milliseconds()
            length_ms = INTERVALS[interval] // timedelta(milliseconds=1)
            return [_candle(symbol, interval, row) for row in rows if int(row[0]) + length_ms <= now_ms]

    async def close(self) -> None:
        """Ends all connections."""
        with _asking():
            await self._client.close(clean_instance_data=True)


def _candle(symbol: str, interval: Interval, row: Sequence[Any]) -> Candle:
    opened, high, low, close, volume = (Decimal(str(figure)) for figure in row[1:6])
    at, minutes = EPOCH + timedelta(milliseconds=int(row[0])), INTERVALS[interval] // INTERVALS["1m"]
    return Candle(symbol, interval, at, opened, high, low, close, volume, PriceSource(f"{NAME} candles", "live"), minutes)
