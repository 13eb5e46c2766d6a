"""The one MetaData all features' `models.py` add their tables to, and the column types they share."""

from __future__ import annotations

from sqlalchemy import DateTime, MetaData, Numeric
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

UNITS = Numeric(78, 0)
"""An Amount: whole smallest units."""

DECIMAL = Numeric(60, 30)
"""A Price or Quantity."""

TIMESTAMP = DateTime(timezone=True)
JSON = JSONB
