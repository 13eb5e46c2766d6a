"""Settings: environment variables (they win over `.env`), frozen, grouped, one class a process kind.

Read once by each process's entry point and handed on by `core/bootstrap`; no module keeps one. `.env.example` names exactly
these variables (a test compares them).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.kernel.secret import Secret


def _secret(value: object) -> object:
    return Secret(value) if isinstance(value, str) else value


def _ids(value: object) -> object:
    return tuple(int(part) for part in value.split(",") if part.strip()) if isinstance(value, str) else value


SecretText = Annotated[Secret, BeforeValidator(_secret), Field(repr=False)]
TelegramIds = Annotated[tuple[int, ...], NoDecode, BeforeValidator(_ids)]
EMPTY = Secret("")
WEBHOOK_PATH = "/telegram/webhook"


class Group(BaseSettings):
    """What every group shares: `.env`, frozen, unknown variables ignored, empty ones unset."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True, arbitrary_types_allowed=True)


class DeskSettings(Group):
    """Where this desk keeps its embedded services and how it logs."""

    data_dir: Path = Path(".data")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    prometheus_multiproc_dir: Path | None = None


class DatabaseSettings(Group):
    """PostgreSQL as the application role, which cannot change postings."""

    database_url: SecretText = EMPTY
    database_pool_size: int = 8


class RedisSettings(Group):
    """Valkey or Redis: queue, prices, limiter. Losing it loses nothing."""

    redis_url: SecretText = Secret("redis://127.0.0.1:6379/0")


class LeaseSettings(Group):
    """How long a lease lives without renewal (leases guard the poller, shards and the relay)."""

    lease_ttl_ms: int = 3_000


class TelegramSettings(Group):
    """The bot's own identity at Telegram. In the `bot` process only."""

    telegram_bot_token: SecretText = EMPTY
    telegram_api_url: str = "https://api.telegram.org"
    telegram_messages_per_second: int = 30
    telegram_chat_messages_per_second: int = 1
    telegram_group_messages_per_minute: int = 20


class WebhookSettings(Group):
    """Webhook instead of polling, when the URL is set."""

    telegram_webhook_url: str = ""
    telegram_webhook_secret: SecretText = EMPTY

    @property
    def webhook_endpoint(self) -> str:
        """The whole address that Telegram is told: TELEGRAM_WEBHOOK_URL and, unless it ends so already, `/telegram/webhook`."""
        base = self.telegram_webhook_url.rstrip("/")
        return base if base.endswith(WEBHOOK_PATH) else base + WEBHOOK_PATH

    @property
    def webhook_path(self) -> str:
        """Where the HTTP door listens for it."""
        return urlsplit(self.webhook_endpoint).path


class HttpSettings(Group):
    """The one address of the desk."""

    http_host: str = "127.0.0.1"
    http_port: int = 8000
    public_url: str = ""


class CardSettings(Group):
    """The key that signs the codes on cards. Without one there are no cards."""

    card_secret: SecretText = EMPTY


class MarketDataSettings(Group):
    """Where prices come from: a folder of recordings, else a simulated market that says so."""

    market_data_dir: Path | None = None
    market_replay_speed: Decimal = Decimal(1)
    market_live: Literal["on", "off"] = "on"
    market_live_url: str = ""
    market_live_pairs: str = "BTC/USDT,ETH/USDT,SOL/USDT,BNB/USDT,XRP/USDT,DOGE/USDT,LINK/USDT,PEPE/USDT"
    candle_retention_days: int = Field(default=90, ge=1)


class PriceAgeSettings(Group):
    """How old a price may be: orders are denied on an older one, conditional orders are not evaluated."""

    price_max_age_ms: int = 5_000


class TradingSettings(PriceAgeSettings):
    """Who starts as operator, in which mode accounts start, and how long things may take."""

    operator_ids: TelegramIds = ()
    trading_mode: Literal["paper", "live"] = "paper"
    order_send_window_ms: int = 5_000
    price_patience_ms: int = 3_000
    duplicate_window_ms: int = 3_000
    button_ttl_ms: int = 120_000


class PaperSettings(Group):
    """The paper venue: how slow it is."""

    paper_latency_ms: int = 80


class ApiSettings(DeskSettings, DatabaseSettings, RedisSettings, WebhookSettings, HttpSettings, CardSettings):
    """Process `api`."""

    sandbox: Literal["on", "off"] = "off"


class BuildSettings(Group):
    """Which build runs, for /about. Set where the image is made and started."""

    build_commit: str = ""
    image_digest: str = ""


class OverloadSettings(Group):
    """What the bot takes when there is too much: so many messages of one sender in a window, and none that waited longer than this."""

    overload_age_ms: int = 30_000
    overload_burst: int = 30
    overload_window_ms: int = 10_000


class BotSettings(
    DeskSettings,
    DatabaseSettings,
    RedisSettings,
    LeaseSettings,
    TelegramSettings,
    WebhookSettings,
    TradingSettings,
    OverloadSettings,
    CardSettings,
    BuildSettings,
):
    """Process `bot`."""

    public_url: str = ""
    bot_shards: int = 16


class WorkerSettings(DeskSettings, DatabaseSettings, RedisSettings, TradingSettings, PaperSettings):
    """Processes `worker` and `beat`."""

    worker_concurrency: int = 64
    retention_days: int = Field(default=90, ge=7)


class StreamsSettings(DeskSettings, DatabaseSettings, RedisSettings, MarketDataSettings, LeaseSettings, PriceAgeSettings):
    """Process `streams`."""


class RelaySettings(DeskSettings, DatabaseSettings, RedisSettings, LeaseSettings):
    """Process `relay`."""

    relay_grace_ms: int = 1_000
    sweep_after_ms: int = 10_000


class OpsSettings(DeskSettings, DatabaseSettings, RedisSettings):
    """`python -m ops`, the operator's command line."""


class MigrationSettings(Group):
    """`alembic`, as the owner of the tables."""

    migration_database_url: SecretText = EMPTY


PROCESS_SETTINGS: dict[str, type[Group]] = {
    "api": ApiSettings,
    "bot": BotSettings,
    "worker": WorkerSettings,
    "streams": StreamsSettings,
    "relay": RelaySettings,
    "ops": OpsSettings,
    "migrations": MigrationSettings,
}
