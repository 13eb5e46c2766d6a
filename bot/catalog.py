"""The texts of the chat: Fluent catalogues in `locales/<language>/*.ftl`, read once at the start.

Texts are HTML as Telegram knows it; every parameter is escaped here, so nothing a user or token is called can become markup.
Called by the screens. A missing text or parameter is an error, found by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

from bot.names import escaped, look_alike, unlinked, visible

LOCALES = Path(__file__).resolve().parent / "locales"
DEFAULT_LANGUAGE = "en"
OURS = frozenset({"bot", "command", "commands", "commit", "example", "image", "link", "text"})
"""Parameters that the desk or its operator writes: links and commands in them are meant."""
LONGEST_OF_OURS = 4096
OWN_WORDS = frozenset({"phrase"})
"""What only its author reads: it may look like anything."""


class Markup(str):
    """A text that is HTML already: not escaped again."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Texts:
    """The catalogue in one language, English where a text is missing."""

    language: str
    _bundles: tuple[FluentBundle, ...]

    def __call__(self, message: str, **params: object) -> Markup:
        """The text of `message`. Raises LookupError for an unknown id, ValueError for a missing parameter."""
        shown = {name: str(value) if isinstance(value, Markup) else self._harmless(name, str(value)) for name, value in params.items()}
        for bundle in self._bundles:
            if not bundle.has_message(message):
                continue
            pattern = bundle.get_message(message).value
            if pattern is None:
                break
            text, errors = bundle.format_pattern(pattern, shown)
            if errors:
                raise ValueError(f"the text {message!r} cannot be written: {errors[0]}")
            return Markup(text)
        raise LookupError(f"there is no text {message!r}")

    def _harmless(self, name: str, value: str) -> str:
        """A parameter as it may be shown: no markup, no link that is not ours, and a word where it looks like another's name."""
        if name in OURS:
            return escaped(visible(value, longest=LONGEST_OF_OURS))
        text = unlinked(visible(value))
        ticker = "" if name in OWN_WORDS else look_alike(text)
        return str(self("look-alike", name=Markup(escaped(text)), ticker=Markup(ticker))) if ticker else escaped(text)

    def has(self, message: str) -> bool:
        """Whether there is such a text."""
        return any(bundle.has_message(message) for bundle in self._bundles)


class Catalog:
    """All languages there are."""

    def __init__(self, bundles: Mapping[str, FluentBundle]) -> None:
        self._bundles = dict(bundles)
        default = self._bundles[DEFAULT_LANGUAGE]
        self._texts = {
            language: Texts(language, (bundle,) if bundle is default else (bundle, default)) for language, bundle in self._bundles.items()
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes such as `en`."""
        return tuple(sorted(self._bundles))

    def texts(self, language: str) -> Texts:
        """The texts in a language, in English where there is no such catalogue."""
        return self._texts.get(language) or self._texts[DEFAULT_LANGUAGE]


@cache
def load_catalog(folder: Path = LOCALES) -> Catalog:
    """Reads every catalogue, once a process: that takes more than a second."""
    bundles: dict[str, FluentBundle] = {}
    for directory in sorted(path for path in folder.iterdir() if path.is_dir()):
        bundle = FluentBundle([directory.name], use_isolating=False)
        for file in sorted(directory.glob("*.ftl")):
            bundle.add_resource(FluentResource(file.read_text(encoding="utf-8")))
        bundles[directory.name] = bundle
    return Catalog(bundles)
