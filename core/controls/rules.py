"""Pure rules of the kill switch: which scopes there are."""

from __future__ import annotations

import re

GLOBAL = "global"
_SCOPE = re.compile(r"global|venue:[a-z][a-z0-9_]{0,31}|instrument:[A-Z0-9]{1,20}/[A-Z0-9]{1,20}|user:[1-9][0-9]{0,18}")


def is_scope(text: str) -> bool:
    """Whether a pause may have this scope."""
    return _SCOPE.fullmatch(text) is not None
