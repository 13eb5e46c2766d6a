"""`python -m sandbox.telegram --port 0 --state FILE`: the sandbox alone; prints its address as the first line."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from sandbox.telegram.serving import ServedSandbox
from sandbox.telegram.settings import FloodLimits, SandboxSettings


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.telegram", description="Telegram, on this machine.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", choices=["127.0.0.1", "localhost", "::1"])
    parser.add_argument("--state", type=Path, default=None, help="SQLite file; without it everything is in memory")
    parser.add_argument("--api-spec", type=Path, default=None, help="the published specification as JSON, held against each call")
    parser.add_argument("--no-flood-limits", action="store_true", help="for benches only")
    return parser.parse_args()


def main() -> None:
    """Serve until a signal comes."""
    arguments = _arguments()
    settings = SandboxSettings(limits=FloodLimits(enabled=not arguments.no_flood_limits), api_spec=arguments.api_spec)
    served = ServedSandbox(port=arguments.port, host=arguments.host, state_path=arguments.state, settings=settings)
    print(served.url, flush=True)
    asyncio.run(served.serve())


if __name__ == "__main__":
    main()
