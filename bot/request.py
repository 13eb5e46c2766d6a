"""python-telegram-bot's HTTP door on aiohttp: a third of the CPU of its own. Called by python-telegram-bot and the poller.

The URL holds the token: it is never logged, and no exception that leaves here carries it.
"""

from __future__ import annotations

import os

os.environ.setdefault("PTB_TIMEDELTA", "1")  # before telegram looks: durations are timedeltas

from typing import Any

import aiohttp
import orjson
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

CONNECT_S = 5.0
READ_S = 5.0
POOL_S = 1.0
MEDIA_S = 20.0


class AiohttpRequest(BaseRequest):
    """One session with kept-alive connections. `read_timeout` in seconds, for calls that say nothing else."""

    __slots__ = ("_connections", "_read_timeout", "_session")

    def __init__(self, *, connections: int = 64, read_timeout: float = READ_S) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """See BaseRequest."""
        return self._read_timeout

    async def initialize(self) -> None:
        """See BaseRequest."""
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=60)
            self._session = aiohttp.ClientSession(connector=connector, headers={"User-Agent": self.USER_AGENT}, trust_env=True)

    async def shutdown(self) -> None:
        """See BaseRequest."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """See BaseRequest. Raises TimedOut, NetworkError."""
        if self._session is None:
            raise RuntimeError("this request is not initialized")
        body, has_files = _body(request_data)
        read = _chosen(read_timeout, self._read_timeout)
        write = _chosen(write_timeout, MEDIA_S if has_files else READ_S)
        timeout = aiohttp.ClientTimeout(
            total=None if read is None or write is None else read + write,
            connect=_chosen(pool_timeout, POOL_S + CONNECT_S),
            sock_connect=_chosen(connect_timeout, CONNECT_S),
            sock_read=read,
        )
        try:
            async with self._session.request(method, url, data=body, timeout=timeout) as response:
                return response.status, await response.read()
        except TimeoutError:
            raise TimedOut from None  # the cause names the address, and with it the token
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NetworkError(f"aiohttp.{type(error).__name__}") from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """See BaseRequest; orjson where it can, without writing what came into any log."""
        try:
            return orjson.loads(payload)  # type: ignore[no-any-return]
        except orjson.JSONDecodeError:
            pass
        try:
            return orjson.loads(payload.decode("utf-8", "replace"))  # type: ignore[no-any-return]
        except orjson.JSONDecodeError:
            raise TelegramError("Invalid server response") from None


def _chosen(given: Any, default: float | None) -> float | None:
    return given if given is None or isinstance(given, int | float) else default


def _body(request_data: RequestData | None) -> tuple[Any, bool]:
    """The form to send, and whether it carries files."""
    if request_data is None:
        return None, False
    parameters = request_data.json_parameters
    files = request_data.multipart_data
    if not files:
        return parameters or None, False
    form = aiohttp.FormData(quote_fields=False)
    for name, value in parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in files.items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form, True
