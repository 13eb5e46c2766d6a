"""The ledger writes less: no index entry for what reverses nothing, room beside a hold for its end.

Revision: 0009, after: 0008.
One transaction. The timeouts make a migration that waits for a lock fail instead of stopping the desk.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.drop_constraint("uq_ledger_transactions_reverses", "ledger_transactions", type_="unique")
    op.create_index(
        "uq_ledger_transactions_reverses",
        "ledger_transactions",
        ["reverses"],
        unique=True,
        postgresql_where=sa.text("reverses is not null"),
    )
    op.execute("alter table ledger_holds set (fillfactor = 70)")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.execute("alter table ledger_holds reset (fillfactor)")
    op.drop_index("uq_ledger_transactions_reverses", table_name="ledger_transactions")
    op.create_unique_constraint("uq_ledger_transactions_reverses", "ledger_transactions", ["reverses"])
