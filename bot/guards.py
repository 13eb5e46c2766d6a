"""Who may see what where: private data in the owner's private chat only (P31). Pure; called by the dispatcher."""

from __future__ import annotations

from typing import Any

PUBLIC_COMMANDS = frozenset({"help"})
"""Commands that say nothing private, answered in groups too."""


def group_line(username: str) -> tuple[str, dict[str, Any]]:
    """Screen and data of the line that points to the private chat."""
    return "text", {"id": "private-only", "params": {"bot": username}}
