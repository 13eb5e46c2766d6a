"""What the HTTP door refuses to start with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.app import missing_secret
from tests.api.support import api_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("module", [("api",), ("sandbox", "serve")])
def test_a_webhook_without_its_secret_is_refused_in_one_line(module: tuple[str, ...], tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "TELEGRAM_WEBHOOK_URL": "https://desk.example",
        "DATA_DIR": str(tmp_path),
    }
    ended = subprocess.run(
        [sys.executable, "-m", *module], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "TELEGRAM_WEBHOOK_URL is set without TELEGRAM_WEBHOOK_SECRET: set a secret of 1 to 256 letters, digits, _ and -."
    ]


def test_with_both_or_neither_it_starts() -> None:
    assert missing_secret(api_settings(url="https://desk.example")) == ""
    assert missing_secret(api_settings(secret="")) == ""
