"""Finds the tables of all features: importing each `core/*/models.py` fills the one MetaData, and so do the paper exchange's."""

from __future__ import annotations

import importlib
from pathlib import Path

from sqlalchemy import MetaData

import core
from core.db.metadata import metadata


def all_tables() -> MetaData:
    """The MetaData with every feature's tables in it."""
    for models in sorted(Path(core.__file__).parent.glob("*/models.py")):
        importlib.import_module(f"core.{models.parent.name}.models")
    importlib.import_module("core.adapters.venues.paper.tables")
    return metadata
