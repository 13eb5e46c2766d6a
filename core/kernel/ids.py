"""Identifiers: time-ordered UUIDs for rows, ids for venues, unguessable handles for buttons."""

from __future__ import annotations

import os
import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562): milliseconds since the epoch, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= ((random >> 62) & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random & ((1 << 62) - 1)
    return UUID(int=value)


def client_order_id(order_id: UUID) -> str:
    """What we call the order at a venue: 34 characters, `sr` and the id in hex (Binance allows 36)."""
    return f"sr{order_id.hex}"


def short_code(order_id: UUID) -> str:
    """What a person calls the order: the last eight hex digits (random ones), upper case."""
    return order_id.hex[-8:].upper()


def new_handle() -> str:
    """128 random bits as 22 URL-safe characters: the whole content of a button's callback_data."""
    return secrets.token_urlsafe(16)
