"""`python -m migrations`: migrates the database of MIGRATION_DATABASE_URL.

Where DATABASE_URL names the application role, its password is set too.
"""

from __future__ import annotations

import asyncio
from urllib.parse import unquote, urlsplit

from core.config.settings import DatabaseSettings, MigrationSettings
from core.db.roles import APPLICATION_ROLE
from core.kernel.secret import Secret
from migrations.apply import migrate


def application_password(dsn: Secret) -> Secret | None:
    """The password in DATABASE_URL, when its user is our application role."""
    parts = urlsplit(dsn.reveal())
    return Secret(unquote(parts.password)) if parts.username == APPLICATION_ROLE and parts.password else None


def main() -> None:
    """Migrates, or raises."""
    owner = MigrationSettings().migration_database_url
    asyncio.run(migrate(owner, app_password=application_password(DatabaseSettings().database_url)))


if __name__ == "__main__":
    main()
