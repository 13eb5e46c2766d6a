"""Which build runs is read from settings, else from the checkout's own files, else it is not known."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from core.config.build import ROOT, VERSION, Build, checkout_commit, this_build

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_the_version_is_the_projects() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def test_settings_come_first(tmp_path: Path) -> None:
    assert this_build("abc", "sha256:1", tmp_path) == Build(VERSION, "abc", "sha256:1")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"HEAD": f"{COMMIT}\n"}, COMMIT),
        ({"HEAD": "ref: refs/heads/main\n", "refs/heads/main": f"{COMMIT}\n"}, COMMIT),
        ({"HEAD": "ref: refs/heads/main\n", "packed-refs": f"# pack-refs\n{COMMIT} refs/heads/main\n"}, COMMIT),
        ({"HEAD": "ref: refs/heads/main\n", "packed-refs": "# pack-refs\n"}, ""),
        ({"HEAD": "ref: refs/heads/main\n"}, ""),
        ({"HEAD": "nonsense"}, ""),
        ({"HEAD": "ref: refs/heads/main\n", "refs/heads/main": "short"}, ""),
        ({}, ""),
    ],
    ids=["detached", "loose", "packed", "not packed", "nothing packed", "nonsense", "short", "no checkout"],
)
def test_the_commit_of_a_checkout(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    for name, content in files.items():
        path = tmp_path / ".git" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    assert checkout_commit(tmp_path) == expected
