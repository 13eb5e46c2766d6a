"""A box for secrets: whatever prints, pickles or serialises it raises instead of leaking."""

from __future__ import annotations

from typing import Any, NoReturn


class Secret:
    """Holds a secret string. Only `reveal()` gives it; `repr`, `str`, `format`, pickle and JSON raise TypeError."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself. Call it at the last moment and keep the result out of variables that live on."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def _refuse(self, *_: Any) -> NoReturn:
        raise TypeError("a secret is not shown")

    __repr__ = _refuse
    __str__ = _refuse
    __format__ = _refuse
    __reduce__ = _refuse
    __reduce_ex__ = _refuse
    __getstate__ = _refuse
