"""Loads the SQL functions of the features (`core/*/sql/*.sql`) after the migrations, in name order, idempotently."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def function_files() -> list[Path]:
    """All SQL files, in the order in which they are loaded: by feature, then by name."""
    return sorted(ROOT.glob("*/sql/*.sql"))
