"""Every promise's test can fail: with its bug planted it turns red."""

from __future__ import annotations

import pytest

from tests.planted.registry import PlantedBug, all_bugs
from tests.planted.running import run_with_bug


@pytest.mark.timeout(400)
@pytest.mark.parametrize("bug", all_bugs(), ids=lambda bug: f"{bug.promise} {bug.name}")
def test_a_planted_bug_turns_its_test_red(bug: PlantedBug) -> None:
    outcome = run_with_bug(bug)
    assert outcome.word == "red", outcome.output[-3000:]
