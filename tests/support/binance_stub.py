"""An exchange on this machine that speaks Binance's public spot interface and checks how it is spoken to.

REST: exchangeInfo, depth, klines. WebSocket: SUBSCRIBE to `<symbol>@depth@100ms` and `<symbol>@trade`, answers and events as documented.
Whatever a client does wrong is noted in `wrongs` and refused as the exchange would. Tests move the market by hand: `change`, `trade`,
`skip` (a gap), `drop` (connections), `mute`.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from decimal import Decimal
from typing import Any

from aiohttp import WSMsgType, web

HOST, STREAM = "api.binance.com", "stream.binance.com"
LIMITS = {5, 10, 20, 50, 100, 500, 1_000, 5_000}


class Pair:
    """The truth about one pair: its book, its numbers, and every book it ever had by number."""

    def __init__(self, name: str, price: int) -> None:
        self.name = name
        self.bids = {f"{price - step}.00": "1.00000000" for step in range(1, 6)}
        self.asks = {f"{price + step}.00": "1.00000000" for step in range(1, 6)}
        self.update = 1_000
        self.trades = 7_000
        self.books: dict[int, tuple[dict[str, str], dict[str, str]]] = {}
        self.keep()

    def keep(self) -> None:
        self.books[self.update] = (dict(self.bids), dict(self.asks))


class BinanceStub:
    """Start it with `async with`; `url` stands for the exchange's addresses."""

    def __init__(self, *names: str) -> None:
        self.pairs = {name: Pair(name, 100 * (number + 1)) for number, name in enumerate(names or ("BTCUSDT", "ETHUSDT"))}
        self.wrongs: list[str] = []
        self.calls: dict[str, int] = defaultdict(int)
        self.candles: list[list[Any]] = []
        self.refuse_rest = False
        self.muted = False
        self.port = 0
        self._sockets: dict[web.WebSocketResponse, set[str]] = {}
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def subscribed(self) -> set[str]:
        return {stream for streams in self._sockets.values() for stream in streams}

    async def __aenter__(self) -> BinanceStub:
        app = web.Application()
        app.router.add_get(f"/{HOST}/api/v3/exchangeInfo", self._exchange_info)
        app.router.add_get(f"/{HOST}/api/v3/depth", self._depth)
        app.router.add_get(f"/{HOST}/api/v3/klines", self._klines)
        app.router.add_get(f"/{STREAM}/ws/{{number}}", self._stream)
        app.router.add_route("*", "/{rest:.*}", self._unknown)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def change(
        self, name: str, bids: dict[str, str] | None = None, asks: dict[str, str] | None = None, *, lost: bool = False
    ) -> None:
        """Changes the book and tells it, unless the difference is `lost` on the way."""
        pair = self.pairs[name]
        first, pair.update = pair.update + 1, pair.update + 2
        for side, changes in ((pair.bids, bids or {}), (pair.asks, asks or {})):
            side.update(changes)
            for price in [price for price, quantity in side.items() if Decimal(quantity) == 0]:
                del side[price]
        pair.keep()
        told = {"b": [list(one) for one in (bids or {}).items()], "a": [list(one) for one in (asks or {}).items()]}
        if not lost:
            await self._tell(
                f"{name.lower()}@depth@100ms", {"e": "depthUpdate", "E": _ms(), "s": name, "U": first, "u": pair.update, **told}
            )

    async def trade(self, name: str, price: str, quantity: str, *, buyer_rested: bool = False) -> None:
        """Somebody trades."""
        pair = self.pairs[name]
        pair.trades += 1
        event = {"e": "trade", "E": _ms(), "s": name, "t": pair.trades, "p": price, "q": quantity, "T": _ms(), "m": buyer_rested, "M": True}
        await self._tell(f"{name.lower()}@trade", event)

    async def drop(self) -> None:
        """Every connection ends."""
        for socket in list(self._sockets):
            await socket.close(code=1001)

    async def _tell(self, stream: str, event: dict[str, Any]) -> None:
        if self.muted:
            return
        for socket, streams in list(self._sockets.items()):
            if stream in streams:
                await socket.send_str(json.dumps(event))

    def _wrong(self, what: str, code: int = -1100) -> web.Response:
        self.wrongs.append(what)
        return web.json_response({"code": code, "msg": what}, status=400)

    async def _exchange_info(self, request: web.Request) -> web.Response:
        self.calls["exchangeInfo"] += 1
        if self.refuse_rest:
            return web.Response(status=503)
        names = json.loads(request.query["symbols"]) if "symbols" in request.query else list(self.pairs)
        if any(name not in self.pairs for name in names):
            return self._wrong("Invalid symbol.", -1121)
        return web.json_response({"timezone": "UTC", "serverTime": _ms(), "rateLimits": [], "symbols": [_rules(name) for name in names]})

    async def _depth(self, request: web.Request) -> web.Response:
        self.calls["depth"] += 1
        pair = self.pairs.get(request.query.get("symbol", ""))
        if pair is None or int(request.query.get("limit", "100")) not in LIMITS:
            return self._wrong("Invalid symbol or limit.", -1121)
        if self.refuse_rest:
            return web.Response(status=503)
        bids = sorted(pair.bids.items(), key=lambda one: -Decimal(one[0]))
        asks = sorted(pair.asks.items(), key=lambda one: Decimal(one[0]))
        return web.json_response({"lastUpdateId": pair.update, "bids": bids, "asks": asks})

    async def _klines(self, request: web.Request) -> web.Response:
        self.calls["klines"] += 1
        since, limit = int(request.query.get("startTime", "0")), int(request.query.get("limit", "500"))
        if limit > 1_000 or request.query.get("interval") not in ("1m", "5m", "1h", "1d"):
            return self._wrong("Invalid interval or limit.", -1120)
        return web.json_response([row for row in self.candles if row[0] >= since][:limit])

    async def _unknown(self, request: web.Request) -> web.Response:
        return self._wrong(f"unknown path {request.path}", -1000)

    async def _stream(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets[socket] = set()
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    await socket.send_str(json.dumps(self._answer(socket, message.data)))
        finally:
            self._sockets.pop(socket, None)
        return socket

    def _answer(self, socket: web.WebSocketResponse, text: str) -> dict[str, Any]:
        asked = json.loads(text)
        known = {f"{name.lower()}@{kind}" for name in self.pairs for kind in ("depth@100ms", "trade")}
        if asked.get("method") != "SUBSCRIBE" or not isinstance(asked.get("id"), int) or not set(asked["params"]) <= known:
            self.wrongs.append(f"bad request {text}")
            return {"error": {"code": 2, "msg": "Invalid request"}, "id": asked.get("id")}
        self._sockets[socket].update(asked["params"])
        return {"result": None, "id": asked["id"]}


def _ms() -> int:
    return int(time.time() * 1_000)


def _rules(name: str) -> dict[str, Any]:
    filters = [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000.00", "tickSize": "0.01000000"},
        {"filterType": "LOT_SIZE", "minQty": "0.00001", "maxQty": "9000.0", "stepSize": "0.00001000"},
        {"filterType": "NOTIONAL", "minNotional": "5.00000000"},
    ]
    base, quote = name.removesuffix("USDT"), "USDT"
    told = {"symbol": name, "status": "TRADING", "baseAsset": base, "quoteAsset": quote, "baseAssetPrecision": 8, "quotePrecision": 8}
    return {
        **told,
        "orderTypes": ["LIMIT", "MARKET"],
        "isSpotTradingAllowed": True,
        "permissions": ["SPOT"],
        "permissionSets": [["SPOT"]],
        "filters": filters,
    }
