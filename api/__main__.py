"""`python -m api`: the HTTP door alone, as in production."""

from __future__ import annotations

from api.app import create_app
from api.server import serve
from core.config.logging import configure_logging
from core.config.settings import ApiSettings


def main() -> None:
    """Until it is asked to end."""
    settings = ApiSettings()
    configure_logging("api", settings.log_level)
    serve(create_app(settings), settings.http_host, settings.http_port)


if __name__ == "__main__":
    main()
