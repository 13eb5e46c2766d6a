"""The screen of /about. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.catalog import Texts
from bot.screens.rendered import Rendered


def render_about(data: Mapping[str, Any], texts: Texts) -> Rendered:
    """Which build answers here; what is not known is said."""
    lines: list[str] = [texts("about-head", version=data["version"], bot=data["bot"])]
    lines.append(texts("about-commit", commit=data["commit"]) if data["commit"] else texts("about-no-commit"))
    lines.append(texts("about-image", image=data["image"]) if data["image"] else texts("about-no-image"))
    lines.append(texts("about-how"))
    return Rendered("\n".join(lines))
