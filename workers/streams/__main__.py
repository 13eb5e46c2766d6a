"""Process `streams`: `python -m workers.streams`. Publishes prices, and what lives on them, until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

from core.bootstrap.conditional import open_conditional
from core.bootstrap.matching import open_matching
from core.bootstrap.streams import Sources, open_parts, open_sources
from core.config.logging import configure_logging, get_logger
from core.config.settings import StreamsSettings
from workers.streams.conditional import ConditionalStream
from workers.streams.matching import Matching
from workers.streams.service import DATABASE_ERRORS, LONGEST_PAUSE_S, PriceStream

log = get_logger()


async def serve(settings: StreamsSettings, stop: asyncio.Event) -> None:
    """Runs until `stop` is set: prices, what is evaluated on them, the paper exchange's engine.

    While PostgreSQL cannot be reached each asks again.
    """
    sources = await open_sources(settings)
    _tell(sources)

    async def publish() -> None:
        async with open_parts(settings) as parts:
            await PriceStream(parts, sources, stop).run()

    async def evaluate() -> None:
        async with open_conditional(settings) as parts:
            await ConditionalStream(parts, stop).run()

    async def match() -> None:
        async with open_matching(settings) as parts:
            await Matching(parts.engine, parts.pool, stop, lease_ttl=parts.lease_ttl).run()

    await asyncio.gather(*(again_and_again(one, stop) for one in (publish, evaluate, match)))


async def again_and_again(work: Callable[[], Awaitable[None]], stop: asyncio.Event, *, pause_s: float = LONGEST_PAUSE_S) -> None:
    """Begins `work` anew until `stop` is set, whatever ends it: what one of them trips over never ends prices for all."""
    while not stop.is_set():
        try:
            await work()
            continue
        except DATABASE_ERRORS as error:
            log.warning("database_unavailable", error=type(error).__name__)
        except Exception as error:  # supervisor loop: begins anew; the heartbeat that does not come says so
            log.error("stream_failed", exc_info=error)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause_s)


def _tell(sources: Sources) -> None:
    for line in sources.refused:
        log.error("recording_refused", reason=line)
    for line in sources.skipped:
        log.info("recording_skipped", reason=line)
    symbols = [feed.instrument.symbol for feed in sources.feeds]
    log.info("market_opened", source=sources.name, count=len(symbols), symbols=symbols[:64])


async def _main(settings: StreamsSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(settings, stop)


def main() -> None:
    """The process's entry point."""
    settings = StreamsSettings()
    configure_logging("streams", settings.log_level)
    asyncio.run(_main(settings))


if __name__ == "__main__":
    main()
