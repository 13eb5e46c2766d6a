"""Settings: frozen, secret where they are secret, and the webhook's address from one place."""

import pickle
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.config.settings import ApiSettings, BotSettings, Group, WebhookSettings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_setting_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        ApiSettings().http_port = 1  # type: ignore[misc]


def test_printing_settings_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "7000000001:the-token")
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:the-password@127.0.0.1/x")
    monkeypatch.setenv("REDIS_URL", "redis://:the-queue-password@127.0.0.1/0")
    settings = BotSettings()
    assert settings.telegram_bot_token.reveal() == "7000000001:the-token"
    assert "the-token" not in repr(settings)
    assert "the-password" not in repr(settings)
    assert settings.redis_url.reveal() == "redis://:the-queue-password@127.0.0.1/0"
    assert "the-queue-password" not in repr(settings)
    with pytest.raises(TypeError, match="not shown"):
        pickle.dumps(settings.telegram_bot_token)


def test_a_refused_setting_does_not_tell_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATOR_IDS", "1, 2,,3")
    assert BotSettings().operator_ids == (1, 2, 3)
    monkeypatch.setenv("HTTP_PORT", "eighty")
    with pytest.raises(ValidationError, match="http_port"):
        ApiSettings()


@pytest.mark.parametrize(
    ("told", "endpoint", "path"),
    [
        ("https://desk.example", "https://desk.example/telegram/webhook", "/telegram/webhook"),
        ("https://desk.example/", "https://desk.example/telegram/webhook", "/telegram/webhook"),
        ("https://desk.example/x/", "https://desk.example/x/telegram/webhook", "/x/telegram/webhook"),
        ("https://desk.example/telegram/webhook", "https://desk.example/telegram/webhook", "/telegram/webhook"),
        ("", "/telegram/webhook", "/telegram/webhook"),
    ],
)
def test_telegram_is_told_the_address_at_which_the_door_listens(told: str, endpoint: str, path: str) -> None:
    settings = WebhookSettings(telegram_webhook_url=told)
    assert settings.webhook_endpoint == endpoint
    assert settings.webhook_path == path


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=1111\nPUBLIC_URL=https://file.example\nUNKNOWN=1\n")
    monkeypatch.setenv("HTTP_PORT", "2222")
    settings = ApiSettings()
    assert settings.http_port == 2222
    assert settings.public_url == "https://file.example"


def test_every_group_is_frozen_and_ignores_the_others() -> None:
    assert Group.model_config["frozen"]
    assert Group.model_config["extra"] == "ignore"
