"""Which build runs: version, commit, image. For /about, so that a user can compare it with what the operator published.

Called by the bot. Must never start a program: the commit is read from the checkout's own files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

VERSION = "0.1.0"
"""As in pyproject.toml; a test compares them."""

_COMMIT = re.compile(r"[0-9a-f]{40}")
_REFERENCE = re.compile(r"ref: (refs/[A-Za-z0-9._/-]+)")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Build:
    """`commit` and `image_digest` are empty where they are not known."""

    version: str
    commit: str
    image_digest: str


def this_build(commit: str, image_digest: str, root: Path = ROOT) -> Build:
    """What the settings say; the commit of the checkout where they say none."""
    return Build(VERSION, commit or checkout_commit(root), image_digest)


def checkout_commit(root: Path) -> str:
    """The commit that is checked out in `root`, or '' where that cannot be told."""
    folder = root / ".git"
    try:
        head = (folder / "HEAD").read_text(encoding="ascii").strip()
        reference = _REFERENCE.fullmatch(head)
        if reference is None:
            return head if _COMMIT.fullmatch(head) else ""
        loose = folder / reference[1]
        found = loose.read_text(encoding="ascii").strip() if loose.is_file() else _packed(folder, reference[1])
    except (OSError, UnicodeDecodeError):
        return ""
    return found if _COMMIT.fullmatch(found) else ""


def _packed(folder: Path, name: str) -> str:
    lines = (folder / "packed-refs").read_text(encoding="ascii").splitlines()
    return next((line.partition(" ")[0] for line in lines if line.endswith(f" {name}")), "")
