"""`python -m tests.planted.child MODULE ARGUMENTS…`: runs a module as `python -m` would, with the bug of PLANTED in it."""

from __future__ import annotations

import runpy
import sys

from tests.planted.registry import plant_from_environment

if __name__ == "__main__":
    plant_from_environment()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
