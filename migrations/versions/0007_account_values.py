"""What accounts were worth by the hour, cards that anybody can verify, and finding the ledger's transactions by time.

Revision: 0007, after: 0006.
One transaction. The timeouts make a migration that waits for a lock fail instead of stopping the desk.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_DECIMAL = sa.Numeric(precision=60, scale=30)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.create_table(
        "portfolio_snapshots",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False, comment="a full hour; balances as of then"),
        sa.Column("quote_symbol", sa.Text(), nullable=False, comment="the user's at the time"),
        sa.Column("value", _DECIMAL, nullable=False, comment="all that has a price, in quote coins"),
        sa.Column("flow", _DECIMAL, nullable=False, comment="deposits less withdrawals since the one before, in quote coins"),
        sa.Column("growth", _DECIMAL, nullable=False, comment="time-weighted, 1 at the first"),
        sa.Column("unpriced", sa.ARRAY(sa.Text()), nullable=False, comment="assets held that had no price: not in value"),
        sa.Column("priced_at", sa.DateTime(timezone=True), nullable=True, comment="of the oldest price used; null where none was"),
        sa.CheckConstraint("growth >= 0 and value >= 0", name=op.f("ck_portfolio_snapshots_not_negative")),
        sa.PrimaryKeyConstraint("user_id", "venue", "taken_at", name=op.f("pk_portfolio_snapshots")),
    )
    op.create_index("ix_portfolio_snapshots_taken_at", "portfolio_snapshots", ["taken_at"])
    op.create_table(
        "portfolio_cards",
        sa.Column("id", sa.Text(), nullable=False, comment="first half of the code on the card"),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="what the card shows, and nothing else"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portfolio_cards")),
    )
    op.create_index("ix_portfolio_cards_user_id", "portfolio_cards", ["user_id", "created_at"])
    op.create_index("ix_ledger_transactions_created_at", "ledger_transactions", ["created_at"], postgresql_using="brin")


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.drop_index("ix_ledger_transactions_created_at", table_name="ledger_transactions")
    op.drop_table("portfolio_cards")
    op.drop_table("portfolio_snapshots")
