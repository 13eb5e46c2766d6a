"""`python -m api`: the HTTP door alone, as in production."""

from __future__ import annotations

import sys

from api.app import create_app, missing_secret
from api.server import serve
from core.config.logging import configure_logging
from core.config.settings import ApiSettings


def main() -> int:
    """Until it is asked to end. 1 when it cannot start."""
    settings = ApiSettings()
    configure_logging("api", settings.log_level)
    if problem := missing_secret(settings):
        sys.stderr.write(f"{problem}\n")
        return 1
    serve(create_app(settings), settings.http_host, settings.http_port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
