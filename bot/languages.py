"""The languages of the chat, each by its own name, in the order in which they are offered. Pure."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "en": "English",
    "es": "Español",
    "pt": "Português",
    "ru": "Русский",
    "uk": "Українська",
    "tr": "Türkçe",
    "zh": "中文",
    "vi": "Tiếng Việt",
    "hi": "हिन्दी",
    "ar": "العربية",
}
