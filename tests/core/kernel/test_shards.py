"""Shards: evenly spread, the same for ever, and as a set of bits that PostgreSQL reads."""

from __future__ import annotations

from collections import Counter

from core.db.pool import Pool
from core.kernel.shards import SHARDS, shard_bits, shard_of


def test_consecutive_ids_spread_evenly() -> None:
    counted = Counter(shard_of(number) for number in range(SHARDS * 8))
    assert len(counted) == SHARDS
    assert max(counted.values()) <= 16


async def test_a_set_of_shards_is_read_by_postgresql_bit_by_bit(pool: Pool) -> None:
    wanted = (0, 1, 7, 8, 511, 1022, 1023)
    found = await pool.fetch("select n from generate_series(0, 1023) n where get_bit($1::bytea, n) = 1 order by n", shard_bits(wanted))
    assert tuple(row["n"] for row in found) == wanted
    assert await pool.fetchval("select bit_count($1::bytea)", shard_bits(tuple(range(SHARDS)))) == SHARDS
