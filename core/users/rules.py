"""Pure rules of accounts: what `/start` may carry, what a referral code looks like, which language is spoken."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection

from core.users.types import StartPayload

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 8
LONGEST_PAYLOAD = 64
_REFERRAL_MARK = "ref_"
_REFERRAL = re.compile(r"ref_([A-Za-z0-9]{4,16})")
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TIER = re.compile(r"[a-z0-9_-]{1,32}")
_CODE = re.compile(r"[A-Za-z0-9]{4,16}")


def new_referral_code() -> str:
    """Eight characters that nobody confuses: 40 bits."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def parse_start_payload(text: str) -> StartPayload:
    """`ref_CODE`, `TOKEN` or `TOKEN-CODE`; anything that Telegram would not carry (64 of A-Z a-z 0-9 _ -) is nothing, and so is
    `ref_` with what cannot be a code.

    >>> parse_start_payload("So1ana-ABCD2345")
    StartPayload(referral_code='ABCD2345', token='So1ana')
    """
    if not _PAYLOAD.fullmatch(text):
        return StartPayload()
    referral = _REFERRAL.fullmatch(text)
    if referral:
        return StartPayload(referral_code=referral[1].upper())
    if text.startswith(_REFERRAL_MARK):
        return StartPayload()
    token, dash, code = text.rpartition("-")
    if dash and token and _CODE.fullmatch(code):
        return StartPayload(referral_code=code.upper(), token=token)
    return StartPayload(token=text)


def is_tier(name: str) -> bool:
    """Whether a tier may be called so; the tiers themselves are what limits are set for."""
    return _TIER.fullmatch(name) is not None


def choose_language(wanted: str, available: Collection[str], default: str = "en") -> str:
    """The user's language where there is a catalogue (`pt-br` falls back to `pt`), else the default."""
    wanted = wanted.lower()
    for candidate in (wanted, wanted.partition("-")[0]):
        if candidate in available:
            return candidate
    return default
