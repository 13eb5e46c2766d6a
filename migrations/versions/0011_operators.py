"""Four roles, what people with a role did, updates that are dropped or urgent, broadcasts.

Revision: 0011, after: 0010.
Who was an operator came from OPERATOR_IDS and is an administrator from now on.
One transaction. The timeouts make a migration that waits for a lock fail instead of stopping the desk.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")
_ZERO = sa.text("0")
_JSON = postgresql.JSONB(astext_type=sa.Text())
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.drop_constraint(op.f("ck_users_role"), "users", type_="check")
    op.create_check_constraint(op.f("ck_users_role"), "users", "role in ('user', 'support', 'operator', 'admin')")
    op.execute("update users set role = 'admin' where role = 'operator'")
    op.alter_column("control_pauses", "paused_by", comment="users.id of the operator; 0: the command line")
    _inbox()
    _operator_actions()
    _broadcasts()


def _inbox() -> None:
    comment = "an exit or a tap: first when there is too much"
    op.add_column("inbox_updates", sa.Column("urgent", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment=comment))
    op.drop_constraint(op.f("ck_inbox_updates_state"), "inbox_updates", type_="check")
    op.create_check_constraint(op.f("ck_inbox_updates_state"), "inbox_updates", "state in ('pending', 'done', 'parked', 'dropped')")
    op.create_index("ix_inbox_updates_urgent", "inbox_updates", ["id"], postgresql_where=sa.text("state = 'pending' and urgent"))
    op.create_index("ix_inbox_updates_parked", "inbox_updates", ["id"], postgresql_where=sa.text("state = 'parked'"))


def _operator_actions() -> None:
    op.create_table(
        "operator_actions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="operator:7 (users.id) from the chat, ops:NAME from the command line"),
        sa.Column("action", sa.Text(), nullable=False, comment="look_up, pause, role, fee …"),
        sa.Column("subject", sa.Text(), nullable=False, comment="whom or what it is about: user:7, venue:paper, broadcast:3"),
        sa.Column(
            "details",
            _JSON,
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="figures and reasons; never what a user wrote",
        ),
        sa.Column("acted_at", _TIME, server_default=_NOW, nullable=False),
        sa.CheckConstraint("actor <> '' and action <> '' and subject <> ''", name=op.f("ck_operator_actions_said")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_actions")),
    )
    op.create_index("ix_operator_actions_subject", "operator_actions", ["subject", "id"])


def _broadcasts() -> None:
    columns = {
        "cursor": (sa.BigInteger(), "users.id of the last one that was dealt with"),
        "last_user_id": (sa.BigInteger(), "who opens an account later is not meant"),
        "total": (sa.Integer(), "how many were meant at the start"),
        "queued": (sa.Integer(), "handed to the outbox"),
        "held": (sa.Integer(), "kept for the digest of those who sleep"),
        "dropped": (sa.Integer(), "for those who turned broadcasts off"),
    }
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("segment", _JSON, nullable=False, comment="language, tier, mode, active_days, user_id: all that are given hold"),
        sa.Column("texts", _JSON, nullable=False, comment="by language; English is for everybody else"),
        sa.Column("created_by", sa.Text(), nullable=False, comment="as in operator_actions"),
        *(sa.Column(name, kind, server_default=_ZERO, nullable=False, comment=said) for name, (kind, said) in columns.items()),
        sa.Column("created_at", _TIME, server_default=_NOW, nullable=False),
        sa.Column("started_at", _TIME, nullable=True),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.CheckConstraint("state in ('draft', 'running', 'paused', 'done', 'canceled')", name=op.f("ck_broadcasts_state")),
        sa.CheckConstraint("texts ? 'en'", name=op.f("ck_broadcasts_english")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    op.create_index("ix_broadcasts_running", "broadcasts", ["id"], postgresql_where=sa.text("state = 'running'"))
    op.create_index("ix_outbox_chat_broadcast", "outbox_chat", ["message_key", "state"], postgresql_where=sa.text("priority = 9"))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.drop_index("ix_outbox_chat_broadcast", table_name="outbox_chat")
    op.drop_table("broadcasts")
    op.drop_table("operator_actions")
    op.execute("drop function if exists inbox_store(bigint, bigint[], bigint[], smallint[], text[], boolean[])")
    op.execute("update inbox_updates set state = 'done' where state = 'dropped'")
    op.drop_index("ix_inbox_updates_parked", table_name="inbox_updates")
    op.drop_index("ix_inbox_updates_urgent", table_name="inbox_updates")
    op.drop_constraint(op.f("ck_inbox_updates_state"), "inbox_updates", type_="check")
    op.create_check_constraint(op.f("ck_inbox_updates_state"), "inbox_updates", "state in ('pending', 'done', 'parked')")
    op.drop_column("inbox_updates", "urgent")
    op.alter_column("control_pauses", "paused_by", comment="users.id of the operator")
    op.execute("update users set role = case role when 'support' then 'user' else 'operator' end where role in ('support', 'admin')")
    op.drop_constraint(op.f("ck_users_role"), "users", type_="check")
    op.create_check_constraint(op.f("ck_users_role"), "users", "role in ('user', 'operator')")
