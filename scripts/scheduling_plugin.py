"""pytest plugin: shares tests among xdist's workers file by file, the planted bugs one by one.

Used by `scripts/check.py` (`-p scripts.scheduling_plugin`). A file's tests stay together for their shared fixtures. A planted bug is a
run of its own and shares nothing: kept together they would leave every other worker idle at the end.
"""

from __future__ import annotations

from typing import Any

import pytest
import xdist.scheduler  # type: ignore[import-untyped]

ONE_BY_ONE = "tests/planted/"


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """In the place of `--dist`."""
    scheduling = xdist.scheduler.LoadFileScheduling(config, log)
    by_file = scheduling._split_scope
    scheduling._split_scope = lambda nodeid: nodeid if nodeid.startswith(ONE_BY_ONE) else by_file(nodeid)
    return scheduling
