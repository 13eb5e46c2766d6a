"""pytest plugin: measures coverage from before the first import of our code, in the main process and in each xdist worker.

Used by `scripts/check.py` (`-p scripts.coverage_plugin`). Processes that a test starts are not measured. Each measured process
leaves a data file; `scripts/coverage_ratchet.py` joins and judges them.
"""

from __future__ import annotations

import coverage
import pytest

_coverage = coverage.Coverage(config_file="pyproject.toml", data_suffix=True)
_coverage.start()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Writes what this process saw."""
    _coverage.stop()
    _coverage.save()
