"""`make dev` notices changes of code, and of nothing else."""

from pathlib import Path

from sandbox.supervisor_reload import WATCHED, code_changes
from tests.support.waiting import eventually_sync


def test_code_that_changes_is_noticed_and_other_files_are_not(tmp_path: Path) -> None:
    for name in WATCHED:
        (tmp_path / name).mkdir()
    changed = code_changes(tmp_path)
    assert not changed()
    (tmp_path / "core" / "notes.txt").write_text("x")
    (tmp_path / "core" / "marker.py").write_text("x = 1\n")
    assert eventually_sync(changed, what="the change")
    (tmp_path / "bot" / "other.txt").write_text("x")
    assert not any(changed() for _ in range(5))
