"""Makes `.venv` and installs a hash-locked requirements file into it. Called by the Makefile, on a bare Python 3.11 or newer.

    python3 scripts/setup.py requirements.txt | requirements-test.txt

A stamp holds the hash of what is installed: the second call does nothing and needs no network. Must import only the standard
library, name no index, and change nothing outside `.venv` (as root, where Python lacks `venv`, it asks apt for it).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEWEST = "requirements-test.txt"
"""Holds everything that requirements.txt holds, and more."""


class SetupFailed(Exception):
    """Ends the set-up; the message says what a person can do."""


def main(arguments: list[str]) -> int:
    """Returns 0 when the environment holds what the named file asks for, 1 with one line else."""
    name = arguments[0] if arguments else "requirements.txt"
    venv = Path(os.environ.get("VENV", ROOT / ".venv")).absolute()
    try:
        with only_one(venv):
            ensure(venv, name)
    except SetupFailed as problem:
        print(f"setup: {problem}", file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def only_one(venv: Path) -> Iterator[None]:
    """Two calls at once: the second waits, then finds everything there."""
    with (venv.parent / f"{venv.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure(venv: Path, name: str) -> None:
    """Creates and fills the environment unless its stamp says that it is full."""
    if sys.version_info < (3, 11):  # noqa: UP036  (this file runs before the right Python is known to be there)
        raise SetupFailed(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Try `make PYTHON=python3.11 …`.")
    if installed(venv, name):
        return
    if not works(venv):
        create(venv)
    print(f"setup: installing {name} into {venv.name} (once; about a minute)", file=sys.stderr)
    python = str(venv / "bin" / "python")
    install = [
        python,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "-q",
        "--require-hashes",
        "-r",
        str(ROOT / name),
    ]
    run(install, "the packages did not install (see above). Is the package index reachable?")
    (venv / f"stamp-{name}").write_text(fingerprint(name))


def fingerprint(name: str) -> str:
    """Changes with the lock and with the Python that made the environment."""
    return hashlib.sha256((ROOT / name).read_bytes() + sys.version.encode()).hexdigest()


def installed(venv: Path, name: str) -> bool:
    """Whether `name` is in the environment, by itself or as part of the bigger file."""
    for candidate in dict.fromkeys((name, NEWEST)):
        stamp = venv / f"stamp-{candidate}"
        if stamp.exists() and stamp.read_text() == fingerprint(candidate) and (venv / "bin" / "python").exists():
            return True
    return False


def works(venv: Path) -> bool:
    """Whether there is a usable environment of this version of Python."""
    python = venv / "bin" / "python"
    if not python.exists():
        return False
    check = "import sys, pip; raise SystemExit(sys.version_info[:2] != " + repr(tuple(sys.version_info[:2])) + ")"
    return subprocess.run([str(python), "-c", check], capture_output=True, check=False).returncode == 0


def create(venv: Path) -> None:
    """An empty environment with pip, by whichever of four ways works on this machine."""
    shutil.rmtree(venv, ignore_errors=True)
    for way in (with_venv, with_virtualenv, with_apt, with_user_pip):
        if way(venv) and works(venv):
            return
        shutil.rmtree(venv, ignore_errors=True)
    raise SetupFailed("this Python can make no virtual environment. On Debian or Ubuntu: apt-get install python3-venv")


def with_venv(venv: Path) -> bool:
    """The standard library's way; Debian ships it apart."""
    return quiet([sys.executable, "-m", "venv", str(venv)])


def with_virtualenv(venv: Path) -> bool:
    """The virtualenv program, where it is there."""
    return quiet([sys.executable, "-m", "virtualenv", "-q", str(venv)])


def with_apt(venv: Path) -> bool:
    """As root (or with a sudo that does not ask): install Debian's package, then the standard way."""
    rights = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or not quiet([*rights, "true"]):
        return False
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    print(f"setup: installing {version} with apt", file=sys.stderr)
    quiet([*rights, "apt-get", "update", "-q"])
    quiet([*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-q", "--no-install-recommends", version])
    return with_venv(venv)


def with_user_pip(venv: Path) -> bool:
    """Not root, but pip is there: virtualenv into a folder of this checkout."""
    tools = venv.parent / f"{venv.name}-tools"
    fetched = quiet([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", str(tools), "virtualenv"])
    try:
        return fetched and quiet([sys.executable, "-m", "virtualenv", "-q", str(venv)], {"PYTHONPATH": str(tools)})
    finally:
        shutil.rmtree(tools, ignore_errors=True)


def quiet(command: list[str], extra: dict[str, str] | None = None) -> bool:
    """Runs it without a word; False when it failed or is not there."""
    try:
        return subprocess.run(command, capture_output=True, check=False, env={**os.environ, **(extra or {})}).returncode == 0
    except OSError:
        return False


def run(command: list[str], otherwise: str) -> None:
    """Runs it in sight; SetupFailed with `otherwise` when it failed."""
    if subprocess.run(command, check=False).returncode != 0:
        raise SetupFailed(otherwise)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
