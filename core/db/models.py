"""Tables that belong to no feature: leases with fencing tokens, and the heartbeats of the processes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table, Text, text

from core.db.metadata import JSON, TIMESTAMP, metadata

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("token", BigInteger, nullable=False, comment="fencing token: grows by one with each new holder"),
    Column("expires_at", TIMESTAMP, nullable=False),
)

heartbeats = Table(
    "process_heartbeats",
    metadata,
    Column("process", Text, primary_key=True, comment="kind and number, such as bot-0"),
    Column("pid", Integer, nullable=False),
    Column("started_at", TIMESTAMP, nullable=False),
    Column("beat_at", TIMESTAMP, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'ok'"), comment="starting, ok or degraded"),
    Column("details", JSON, nullable=False, server_default=text("'{}'::jsonb")),
)
