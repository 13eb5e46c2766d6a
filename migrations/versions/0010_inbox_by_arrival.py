"""Waiting updates are found in the order of their arrival; which shards are meant is a filter, not a thousand probes.

Revision: 0010, after: 0009.
One transaction. The timeouts make a migration that waits for a lock fail instead of stopping the desk.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.drop_index("ix_inbox_updates_pending", table_name="inbox_updates")
    op.create_index("ix_inbox_updates_pending", "inbox_updates", ["id"], postgresql_where=sa.text("state = 'pending'"))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.drop_index("ix_inbox_updates_pending", table_name="inbox_updates")
    op.create_index("ix_inbox_updates_pending", "inbox_updates", ["shard", "id"], postgresql_where=sa.text("state = 'pending'"))
