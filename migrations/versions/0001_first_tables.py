"""The tables of the first release.

Until that release they are created from the features' `models.py`; the release freezes them into explicit operations.
"""

from __future__ import annotations

from alembic import op

from migrations.tables import all_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    all_tables().create_all(op.get_bind())


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    all_tables().drop_all(op.get_bind())
