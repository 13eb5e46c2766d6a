"""Reads a recording line by line, compressed or not, without keeping it in memory.

Called by the readers of the feeds. Whatever is wrong with the file itself (empty, cut, not gzip) is FeedRefused with its line.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import orjson

from core.market.errors import FeedRefused

LONGEST_LINE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its number, counted from 1. `whole` is False for a last line without its line break."""

    file: str
    number: int
    text: bytes
    whole: bool

    def refuse(self, what: str) -> FeedRefused:
        """The error to raise for this line."""
        return FeedRefused(self.file, f"line {self.number}", what)

    def json_object(self, text: bytes) -> dict[str, Any]:
        """`text`, a part of this line, as a JSON object. Raises FeedRefused."""
        try:
            told = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise self.refuse("truncated line" if not self.whole else f"bad JSON ({error})") from error
        if not isinstance(told, dict):
            raise self.refuse("bad JSON: not an object")
        return told


def read_lines(path: Path) -> Iterator[Line]:
    """All lines that are not blank. Raises FeedRefused where the file ends early, is empty or cannot be read."""
    number = 0
    try:
        with _open(path) as file:
            while text := file.readline(LONGEST_LINE):
                number += 1
                whole = text.endswith(b"\n")
                if len(text) == LONGEST_LINE and not whole:
                    raise FeedRefused(path.name, f"line {number}", f"longer than {LONGEST_LINE} bytes")
                if stripped := text.strip():
                    yield Line(path.name, number, stripped, whole)
    except EOFError as error:
        raise FeedRefused(path.name, f"line {number + 1}", "truncated gzip: the compressed data ends early") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise FeedRefused(path.name, f"line {number + 1}", f"broken gzip ({error})") from error
    except OSError as error:
        raise FeedRefused(path.name, f"line {number + 1}", f"cannot be read ({error.strerror or type(error).__name__})") from error
    if number == 0:
        raise FeedRefused(path.name, "line 1", "empty recording")


def _open(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")
