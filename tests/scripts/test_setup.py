"""Setting up: once, only what is asked for, whichever way this machine can make an environment; errors are one line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import setup


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with small locks, and pip that only notes what it is asked to install."""
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setenv("VENV", str(tmp_path / ".venv"))
    (tmp_path / "requirements.txt").write_text("a==1 --hash=sha256:00\n")
    (tmp_path / "requirements-test.txt").write_text("a==1 --hash=sha256:00\nb==1 --hash=sha256:00\n")
    return tmp_path


@pytest.fixture
def installs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    commands: list[list[str]] = []
    monkeypatch.setattr(setup, "run", lambda command, _otherwise: commands.append(command))
    monkeypatch.setattr(setup, "create", make)
    monkeypatch.setattr(setup, "works", lambda _venv: False)
    return commands


def make(venv: Path) -> None:
    (venv / "bin").mkdir(parents=True, exist_ok=True)
    (venv / "bin" / "python").touch()


def test_the_second_call_does_nothing(checkout: Path, installs: list[list[str]]) -> None:
    assert setup.main(["requirements.txt"]) == 0
    assert setup.main(["requirements.txt"]) == 0
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert not [part for part in installs[0] if "index" in part or "://" in part]


def test_the_bigger_lock_serves_the_smaller_one_and_not_the_other_way(checkout: Path, installs: list[list[str]]) -> None:
    setup.main(["requirements.txt"])
    setup.main(["requirements-test.txt"])
    setup.main(["requirements.txt"])
    assert [Path(command[-1]).name for command in installs] == ["requirements.txt", "requirements-test.txt"]


def test_a_changed_lock_is_installed_again(checkout: Path, installs: list[list[str]]) -> None:
    setup.main(["requirements.txt"])
    (checkout / "requirements.txt").write_text("a==2 --hash=sha256:00\n")
    setup.main(["requirements.txt"])
    assert len(installs) == 2


def test_a_lost_environment_is_made_again(checkout: Path, installs: list[list[str]]) -> None:
    setup.main(["requirements.txt"])
    (checkout / ".venv" / "bin" / "python").unlink()
    setup.main(["requirements.txt"])
    assert len(installs) == 2


def test_a_failed_install_is_one_line_and_leaves_no_stamp(
    checkout: Path, installs: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_command: list[str], otherwise: str) -> None:
        raise setup.SetupFailed(otherwise)

    monkeypatch.setattr(setup, "run", fails)
    assert setup.main(["requirements.txt"]) == 1
    assert "did not install" in capsys.readouterr().err.splitlines()[-1]
    assert not list((checkout / ".venv").glob("stamp-*"))


@pytest.mark.parametrize("working", ["with_venv", "with_virtualenv", "with_apt", "with_user_pip"])
def test_the_first_way_that_works_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, working: str) -> None:
    tried: list[str] = []

    def way(name: str) -> Callable[[Path], bool]:
        def try_it(_venv: Path) -> bool:
            tried.append(name)
            return name == working

        return try_it

    ways = ["with_venv", "with_virtualenv", "with_apt", "with_user_pip"]
    for name in ways:
        monkeypatch.setattr(setup, name, way(name))
    monkeypatch.setattr(setup, "works", lambda _venv: True)
    setup.create(tmp_path / ".venv")
    assert tried == ways[: ways.index(working) + 1]


def test_where_no_way_works_a_person_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "quiet", lambda *_: False)
    with pytest.raises(setup.SetupFailed, match="python3-venv"):
        setup.create(tmp_path / ".venv")


def test_a_real_environment_works_and_a_broken_one_does_not(tmp_path: Path) -> None:
    venv = tmp_path / ".venv"
    assert not setup.works(venv)
    setup.create(venv)
    assert setup.works(venv)
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").write_text("#!/bin/sh\nexit 3\n")
    (venv / "bin" / "python").chmod(0o755)
    assert not setup.works(venv)


def test_it_runs_on_a_bare_python() -> None:
    """Nothing of ours and nothing installed: isolated, without site-packages."""
    script = setup.__file__
    done = subprocess.run([sys.executable, "-I", "-S", "-c", f"import runpy; runpy.run_path({script!r})"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
