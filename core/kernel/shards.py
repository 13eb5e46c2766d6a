"""Which shard a Telegram user or chat belongs to: stable for ever, the same in inbox and outbox. Pure."""

from __future__ import annotations

from functools import lru_cache

SHARDS = 1024
_MULTIPLIER = 0x9E3779B97F4A7C15
_MASK = 2**64 - 1


def shard_of(telegram_id: int) -> int:
    """0 to 1023. Fibonacci hashing: consecutive ids spread evenly; a user and the private chat with them share a shard."""
    return ((telegram_id * _MULTIPLIER) & _MASK) >> 54


@lru_cache(maxsize=64)
def shard_bits(shards: tuple[int, ...]) -> bytes:
    """A set of shards as PostgreSQL's `get_bit(bytea, shard)` reads it: 128 bytes, whatever the set."""
    bits = bytearray(SHARDS // 8)
    for shard in shards:
        bits[shard >> 3] |= 1 << (shard & 7)
    return bytes(bits)
