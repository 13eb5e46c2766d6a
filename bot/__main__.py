"""`python -m bot`: the bot process, until SIGTERM or SIGINT."""

from __future__ import annotations

import asyncio
import signal
import sys

import uvloop

from bot.app import BotApp
from core.config.logging import configure_logging, get_logger
from core.config.settings import BotSettings


async def serve(settings: BotSettings) -> None:
    """Runs the process; ends it in order at a signal."""
    app = BotApp(settings)
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, app.stop)
    await app.run()


def main() -> int:
    """0 when it was asked to end, 1 when it cannot start."""
    settings = BotSettings()
    configure_logging("bot", settings.log_level)
    if not settings.telegram_bot_token:
        get_logger().critical("no_bot_token", code="TELEGRAM_BOT_TOKEN")
        return 1
    if settings.telegram_webhook_url and not settings.telegram_webhook_secret:
        get_logger().critical("no_webhook_secret", code="TELEGRAM_WEBHOOK_SECRET")
        return 1
    uvloop.run(serve(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
