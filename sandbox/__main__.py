"""`python -m sandbox run|stop|health|serve`: the whole desk on this machine. `make run` calls it."""

from __future__ import annotations

import argparse
import sys

from sandbox.supervisor_commands import COMMANDS, run


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="The whole desk on this machine.")
    parser.add_argument("command", nargs="?", default="run", choices=list(COMMANDS))
    parser.add_argument("--reload", action="store_true", help="with run: start the processes again when the code changes")
    arguments = parser.parse_args()
    if arguments.command == "run":
        return run(reload=arguments.reload)
    return COMMANDS[arguments.command]()


if __name__ == "__main__":
    sys.exit(main())
