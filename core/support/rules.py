"""How somebody who helps names an account: our id, a Telegram id, a referral code, an order's code. Pure."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_CODE = re.compile(r"[A-Za-z0-9]{4,16}")


class Kind(enum.Enum):
    """What is known of the account."""

    NUMBER = "number"
    """Ours, else Telegram's."""
    ID = "id"
    TELEGRAM = "tg"
    CODE = "code"
    """A referral code, else an order's."""


@dataclass(frozen=True, slots=True)
class Who:
    """`value` is digits, or a code."""

    kind: Kind
    value: str

    @property
    def number(self) -> int:
        """Of all kinds but a code."""
        return int(self.value)


def parse_who(text: str) -> Who | None:
    """`7`, `id:7`, `tg:123456`, `ABCD2345`, `code:12345678`; None for everything else.

    Names (`@ann`) are not kept here, so nobody is found by one.

    >>> parse_who("tg:123456")
    Who(kind=<Kind.TELEGRAM: 'tg'>, value='123456')
    """
    head, colon, tail = text.strip().partition(":")
    if colon:
        kind = {"id": Kind.ID, "tg": Kind.TELEGRAM, "code": Kind.CODE}.get(head.lower())
        if kind is Kind.CODE:
            return Who(kind, tail) if _CODE.fullmatch(tail) else None
        return Who(kind, tail) if kind is not None and _NUMBER.fullmatch(tail) else None
    if _NUMBER.fullmatch(head):
        return Who(Kind.NUMBER, head)
    return Who(Kind.CODE, head) if _CODE.fullmatch(head) else None
