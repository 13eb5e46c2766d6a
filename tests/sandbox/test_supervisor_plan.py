"""Each process gets only the environment it needs, and settings that cannot run are refused with one line."""

from pathlib import Path

import pytest

from sandbox.supervisor_commands import with_generated
from sandbox.supervisor_files import DeskFolder
from sandbox.supervisor_plan import BadSettings, Desk, environment_of, migration_command, process_table, read_variables, resolve

SECRETS = {
    "TELEGRAM_BOT_TOKEN": "7000000001:the-token",
    "DATABASE_URL": "postgresql://app:the-app@127.0.0.1/x",
    "MIGRATION_DATABASE_URL": "postgresql://owner:the-owner@127.0.0.1/x",
    "REDIS_URL": "redis://:the-queue@127.0.0.1/0",
    "TELEGRAM_WEBHOOK_SECRET": "the-webhook-secret",
}
FULL = resolve({**SECRETS, "PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "of the machine", "MARKET_DATA_DIR": "recordings"})


def everybody() -> dict[str, dict[str, str]]:
    return {command.name: dict(command.environment) for command in process_table(FULL)}


def test_the_bot_token_reaches_the_bot_alone() -> None:
    assert [name for name, environment in everybody().items() if "TELEGRAM_BOT_TOKEN" in environment] == ["bot"]
    assert [name for name, environment in everybody().items() if "the-token" in "".join(environment.values())] == ["bot"]


def test_the_owner_of_the_tables_reaches_the_migrations_alone() -> None:
    assert not [name for name, environment in everybody().items() if "the-owner" in "".join(environment.values())]
    assert "MIGRATION_DATABASE_URL" in migration_command(FULL).environment
    assert "TELEGRAM_BOT_TOKEN" not in migration_command(FULL).environment


def test_nothing_else_of_the_machine_is_passed_on() -> None:
    for environment in everybody().values():
        assert "AWS_SECRET_ACCESS_KEY" not in environment
        assert environment["PATH"] == "/bin"
        assert Path(environment["PROMETHEUS_MULTIPROC_DIR"]).is_absolute()


def test_recordings_are_found_from_wherever_a_process_runs() -> None:
    assert Path(environment_of("streams", FULL)["MARKET_DATA_DIR"]).is_absolute()
    assert "MARKET_DATA_DIR" not in environment_of("bot", FULL)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"HTTP_HOST": "0.0.0.0"}, "refused"),
        ({"HTTP_PORT": "eighty"}, "HTTP_PORT"),
        ({"HTTP_PORT": "70000"}, "HTTP_PORT"),
        ({"SANDBOX": "maybe"}, "SANDBOX"),
        ({"DATABASE_URL": "postgresql://somewhere/x"}, "MIGRATION_DATABASE_URL"),
    ],
)
def test_settings_that_cannot_run_are_one_line(variables: dict[str, str], words: str) -> None:
    with pytest.raises(BadSettings, match=words) as refused:
        resolve(variables)
    assert "\n" not in str(refused.value)


def test_another_host_is_fine_without_the_sandbox() -> None:
    assert resolve({"HTTP_HOST": "0.0.0.0", "SANDBOX": "off"}).host == "0.0.0.0"


def test_without_a_token_the_bot_talks_to_the_sandbox_and_with_one_to_telegram() -> None:
    assert resolve({}).values["TELEGRAM_API_URL"] == "http://127.0.0.1:8000"
    assert resolve({"TELEGRAM_BOT_TOKEN": "1:x"}).values["TELEGRAM_API_URL"] == "https://api.telegram.org"
    assert resolve({"TELEGRAM_API_URL": "http://127.0.0.1:9"}).values["TELEGRAM_API_URL"] == "http://127.0.0.1:9"


def test_the_sandbox_serves_the_door_and_production_serves_it_alone() -> None:
    assert process_table(resolve({}))[0].argv[1:] == ("-m", "sandbox", "serve")
    assert process_table(resolve({"SANDBOX": "off"}))[0].argv[1:] == ("-m", "api")


def test_what_is_generated_stays_and_is_private(tmp_path: Path) -> None:
    folder = DeskFolder(tmp_path)
    first = with_generated(Desk(resolve({}).values), folder).values
    again = with_generated(Desk(resolve({}).values), DeskFolder(tmp_path)).values
    assert first["TELEGRAM_BOT_TOKEN"] == again["TELEGRAM_BOT_TOKEN"]
    assert first["TELEGRAM_WEBHOOK_SECRET"] == again["TELEGRAM_WEBHOOK_SECRET"]
    assert {oct(file.stat().st_mode & 0o777) for file in (tmp_path / "keys").iterdir()} == {"0o600"}
    real = with_generated(resolve({"TELEGRAM_BOT_TOKEN": "1:real"}), folder).values
    assert real["TELEGRAM_BOT_TOKEN"] == "1:real"


def test_the_environment_wins_over_the_file_and_empty_means_unset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("HTTP_PORT=8001\nLOG_LEVEL=DEBUG\nPUBLIC_URL=\n")
    monkeypatch.setenv("HTTP_PORT", "8002")
    monkeypatch.delenv("LOG_LEVEL", raising=False)
    found = read_variables(tmp_path)
    assert found["HTTP_PORT"] == "8002"
    assert found["LOG_LEVEL"] == "DEBUG"
    assert "PUBLIC_URL" not in found
