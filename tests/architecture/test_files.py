"""What tracked files must not hold, and what must agree with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.config.settings import PROCESS_SETTINGS
from core.kernel.secret import Secret
from tests.architecture.source import ROOT, tracked_files

# Written so that this file does not hold what it looks for.
HOSTS = re.compile(r"p[y]pi\.org|python[h]osted|registry\.np[m]js|proxy\.gol[a]ng|crates\.i[o]|deb\.deb[i]an|files\.pyth[o]n")
MACHINES = re.compile(r"(?<![\w.])/(?:home|Users|work|farm|root)/[\w.-]+/?")
SECRETS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b")
PUBLISHED = ("5768337691:",)
"""Of a test vector that its owner published and revoked."""

TEXT = (
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".yml",
    ".yaml",
    ".sh",
    ".json",
    ".sql",
    ".ini",
    ".ftl",
    ".html",
    ".js",
    ".css",
    ".example",
    "Makefile",
    "run",
)


def text_files() -> list[Path]:
    return [ROOT / name for name in tracked_files() if name.endswith(TEXT) or "." not in Path(name).name]


def matches(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for file in text_files():
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            if pattern.search(line) and not any(known in line for known in PUBLISHED):
                found.append(f"{file.relative_to(ROOT)}:{number} {line.strip()[:100]}")
    return found


@pytest.mark.parametrize("pattern", [HOSTS, MACHINES, SECRETS], ids=["a registry's host", "a developer's machine", "a secret"])
def test_no_tracked_file_holds(pattern: re.Pattern[str]) -> None:
    assert not matches(pattern), "\n".join(matches(pattern))


def test_the_patterns_find_what_they_look_for() -> None:
    assert HOSTS.search("https://" + "pyp" + "i.org/simple")
    assert MACHINES.search("see /home" + "/somebody/strongroom/x.py")
    assert not MACHINES.search("GET /orders/1 or tests/work/x")
    assert SECRETS.search("-----BEGIN RSA " + "PRIVATE KEY-----")


def documented() -> dict[str, str]:
    """Variable → the comment line of its group, from `.env.example`; `#NAME=` documents a default."""
    found: dict[str, str] = {}
    group = ""
    for line in (ROOT / ".env.example").read_text().splitlines():
        if line.startswith("## "):
            group = line.removeprefix("## ").strip()
        named = re.match(r"#?([A-Z][A-Z0-9_]+)=", line)
        if named:
            assert named.group(1) not in found, f"{named.group(1)} stands there twice"
            found[named.group(1)] = group
    return found


def test_the_example_names_exactly_the_settings() -> None:
    settings = {name.upper() for kind in PROCESS_SETTINGS.values() for name in kind.model_fields}
    assert set(documented()) == settings


def test_each_variable_stands_with_the_processes_that_read_it() -> None:
    for name, group in documented().items():
        readers = {process for process, kind in PROCESS_SETTINGS.items() if name.lower() in kind.model_fields}
        told = set(re.findall(r"[a-z]+", group.rpartition("(")[2]))
        assert told == readers, f"{name} is read by {sorted(readers)}, not {sorted(told)}"


def test_locks_carry_hashes_and_no_torch() -> None:
    for name in ("requirements.txt", "requirements-test.txt"):
        lines = (ROOT / name).read_text().splitlines()
        pins = [line for line in lines if re.match(r"[a-z]", line)]
        assert len(pins) > 20
        assert not [line for line in pins if "==" not in line]
        assert not [line for line in lines if re.match(r"(--(extra-)?index-url|--find-links|torch==)", line.strip())]
        assert sum("--hash=sha256:" in line for line in lines) >= len(pins)


def test_a_default_shown_is_the_default() -> None:
    shown = dict(re.findall(r"^#([A-Z][A-Z0-9_]+)=(.+)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert len(shown) > 10
    for kind in PROCESS_SETTINGS.values():
        for name, field in kind.model_fields.items():
            if name.upper() in shown:
                default = field.default.reveal() if isinstance(field.default, Secret) else field.default
                assert str(default) == shown[name.upper()], name
