"""What can be wrong with a source of prices."""

from __future__ import annotations

from core.kernel.errors import StrongroomError


class FeedRefused(StrongroomError):
    """A source cannot be trusted: one line that says file, place in it and what is wrong. Its pair is not traded from anything else."""

    def __init__(self, file: str, place: str, what: str) -> None:
        super().__init__(" ".join(part for part in (f"{file}:" if not place else file, f"{place}:" if place else "", what) if part))
        self.file = file
        self.place = place
        self.what = what
