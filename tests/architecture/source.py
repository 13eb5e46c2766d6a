"""Reading our own code for the architecture tests: tracked files, parsed once, and what a rule says about them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("api", "bot", "core", "migrations", "ops", "sandbox", "workers", "bench", "scripts")


@dataclass(frozen=True)
class Source:
    """One Python file: its path below the root, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def of(cls, text: str, path: str = "core/example/service.py") -> Source:
        """For the rules' own examples."""
        return cls(path, text, ast.parse(text))


@dataclass(frozen=True, order=True)
class Finding:
    """A broken rule, where."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.what}"


@cache
def tracked_files() -> tuple[str, ...]:
    """What git knows, and what it would (not ignored)."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return tuple(sorted(name for name in listed if (ROOT / name).is_file()))


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """The Python files below some top-level folders (by default all of the code, tests not)."""
    chosen = folders or CODE
    return tuple(_read(name) for name in tracked_files() if name.endswith(".py") and name.startswith(tuple(f"{one}/" for one in chosen)))


@cache
def _read(name: str) -> Source:
    text = (ROOT / name).read_text()
    return Source(name, text, ast.parse(text, name))


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, nested ones too."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def called_name(node: ast.Call) -> str:
    """`commit` of `a.b.commit()`, `print` of `print()`."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def show(findings: Iterable[Finding]) -> str:
    """For an assertion's message."""
    return "\n" + "\n".join(str(one) for one in sorted(findings))
