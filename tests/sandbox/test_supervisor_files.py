"""DATA_DIR: one supervisor a folder, stale files are recognised, logs stay bounded."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import supervisor_files
from sandbox.supervisor import end_orphans
from sandbox.supervisor_files import DeskFolder, Running, describe


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def test_a_folder_has_one_supervisor(tmp_path: Path) -> None:
    first, second = DeskFolder(tmp_path), DeskFolder(tmp_path)
    assert first.lock()
    assert not second.lock()
    first.unlock()
    assert second.lock()
    second.unlock()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"address": "x"}', '{"address": "x", "supervisor": {"pid": 1}, "processes": []}'])
def test_an_unreadable_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "processes.json").write_text(content)
    assert DeskFolder(tmp_path).read_processes() == ("", None, [])


def test_a_number_that_another_process_got_is_not_ours(sleeper: subprocess.Popen[bytes]) -> None:
    ours = describe("sleeper", sleeper.pid)
    assert ours.process() is not None
    assert Running("sleeper", sleeper.pid, ours.started - 60).process() is None
    sleeper.kill()
    sleeper.wait()
    assert ours.process() is None


def test_orphans_of_a_killed_supervisor_are_ended_and_strangers_are_not(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    folder = DeskFolder(tmp_path)
    us = describe("supervisor", 1)
    stranger = Running("stranger", sleeper.pid, 1.0)
    folder.write_processes("http://127.0.0.1:1/", us, [stranger])
    end_orphans(folder)
    assert sleeper.poll() is None
    folder.write_processes("http://127.0.0.1:1/", us, [describe("orphan", sleeper.pid)])
    end_orphans(folder)
    assert sleeper.poll() is not None


def test_a_long_log_moves_aside_and_its_writer_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_files, "LOG_BYTES", 100)
    folder = DeskFolder(tmp_path)
    folder.prepare()
    with folder.log("bot").open("ab", buffering=0) as writer:
        writer.write(b"x" * 150)
        folder.bound_logs()
        writer.write(b"after")
    assert folder.log("bot").read_bytes() == b"after"
    assert folder.log("bot").with_name("bot.log.1").read_bytes() == b"x" * 150
