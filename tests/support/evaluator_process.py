"""The evaluator of conditional orders as a process of its own, for tests that kill it: `python -m tests.support.evaluator_process`."""

from __future__ import annotations

import asyncio
import signal

from core.bootstrap.conditional import open_conditional
from core.config.logging import configure_logging
from core.config.settings import StreamsSettings
from workers.streams.conditional import ConditionalStream


async def main() -> None:
    settings, stop = StreamsSettings(_env_file=None), asyncio.Event()
    configure_logging("evaluator", settings.log_level)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_conditional(settings) as parts:
        await ConditionalStream(parts, stop).run()


if __name__ == "__main__":
    asyncio.run(main())
