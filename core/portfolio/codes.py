"""The code on a card: which row it names, and proof that the row is as it was issued. Pure; called by the cards' use cases.

Sixteen characters that nobody confuses: 40 random bits name the row, 40 bits of an HMAC-SHA256 over the row's figures sign it. Who
knows the database but not the key makes no card, and a figure that was changed later no longer fits its code.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

import orjson

from core.kernel.secret import Secret

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HALF = 8
_PURPOSE = b"strongroom pnl card 1"
_SAME = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_card_id() -> str:
    """The first half of a code: 40 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(HALF))


def sign(key: Secret, card_id: str, figures: Mapping[str, Any]) -> str:
    """The second half. ValueError without a key."""
    if not key:
        raise ValueError("cards are signed with a key")
    purpose = hmac.new(key.reveal().encode(), _PURPOSE, hashlib.sha256).digest()
    content = card_id.encode() + b"\n" + orjson.dumps(figures, option=orjson.OPT_SORT_KEYS)
    number = int.from_bytes(hmac.new(purpose, content, hashlib.sha256).digest()[:5], "big")
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(HALF)))


def shown(card_id: str, signature: str) -> str:
    """As people read it: four groups of four."""
    code = card_id + signature
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def parse(text: str) -> tuple[str, str] | None:
    """Row and signature of a code as typed (small letters, O for 0, I or L for 1, with or without dashes); None for anything else."""
    code = text.strip()[:64].upper().translate(_SAME)
    if len(code) != 2 * HALF or any(letter not in ALPHABET for letter in code):
        return None
    return code[:HALF], code[HALF:]
