"""The tables of the first release.

Revision: 0001, after: .
One transaction. The timeouts make a migration that waits for a lock fail instead of stopping the desk.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.create_table(
        "control_pauses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False, comment="global, venue:paper, instrument:BTC/USDT, user:7"),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("paused_by", sa.BigInteger(), nullable=False, comment="users.id of the operator"),
        sa.Column("paused_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resumed_by", sa.BigInteger(), nullable=True),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(resumed_by is null) = (resumed_at is null)", name=op.f("ck_control_pauses_resumed_by_somebody")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_pauses")),
    )
    op.create_index(
        "uq_control_pauses_open_scope", "control_pauses", ["scope"], unique=True, postgresql_where=sa.text("resumed_at is null")
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False, comment="order"),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False, comment="place in the chain of checks, from 0"),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False, comment="code of the denial, or empty"),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("verdict in ('passed', 'denied', 'scaled')", name=op.f("ck_decisions_verdict")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_subject", "decisions", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "fee_schedules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("platform_fee_bps", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("platform_fee_bps between 0 and 500", name=op.f("ck_fee_schedules_range")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_schedules")),
    )
    op.create_table(
        "inbox_bots",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", name=op.f("pk_inbox_bots")),
    )
    op.create_table(
        "inbox_updates",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="order of arrival"),
        sa.Column("bot_id", sa.BigInteger(), nullable=False),
        sa.Column("update_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "sender_id", sa.BigInteger(), nullable=False, comment="Telegram id whose updates are kept in order; 0 where there is none"
        ),
        sa.Column("shard", sa.SmallInteger(), nullable=False, comment="hash of sender_id, 0 to 1023"),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("correlation_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('pending', 'done', 'parked')", name=op.f("ck_inbox_updates_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_updates")),
    )
    op.create_index(
        "ix_inbox_updates_pending", "inbox_updates", ["shard", "id"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index("uq_inbox_updates_bot_id_update_id", "inbox_updates", ["bot_id", "update_id"], unique=True)
    op.create_table(
        "instruments",
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=False, comment="BASE/QUOTE"),
        sa.Column("base_asset", sa.Text(), nullable=False, comment="asset code, such as paper:BTC"),
        sa.Column("base_scale", sa.Integer(), nullable=False),
        sa.Column("quote_asset", sa.Text(), nullable=False),
        sa.Column("quote_scale", sa.Integer(), nullable=False),
        sa.Column("tick", sa.Numeric(precision=60, scale=30), nullable=False),
        sa.Column("lot", sa.Numeric(precision=60, scale=30), nullable=False),
        sa.Column("minimum_notional", sa.Numeric(precision=60, scale=30), nullable=False),
        sa.Column("taker_fee_bps", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("tick > 0 and lot > 0 and minimum_notional >= 0 and taker_fee_bps >= 0", name=op.f("ck_instruments_rules")),
        sa.PrimaryKeyConstraint("venue", "symbol", name=op.f("pk_instruments")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False, comment="fencing token: grows by one with each new holder"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "ledger_assets",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, comment="place:symbol"),
        sa.Column("scale", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("scale between 0 and 36", name=op.f("ck_ledger_assets_scale")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_assets")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_assets_code")),
    )
    op.create_table(
        "ledger_holds",
        sa.Column("id", sa.UUID(), nullable=False, comment="chosen by the caller"),
        sa.Column("available_id", sa.BigInteger(), nullable=False),
        sa.Column("held_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=78, scale=0), nullable=False, comment="what was held at first"),
        sa.Column("remaining", sa.Numeric(precision=78, scale=0), nullable=False, comment="what is still held"),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'pending') or remaining = 0", name=op.f("ck_ledger_holds_closed_holds_nothing")),
        sa.CheckConstraint("state in ('pending', 'settled', 'voided', 'expired')", name=op.f("ck_ledger_holds_state")),
        sa.CheckConstraint("amount > 0 and remaining >= 0 and remaining <= amount", name=op.f("ck_ledger_holds_amounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_holds")),
    )
    op.create_table(
        "ledger_postings",
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("destination_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_postings_positive")),
        sa.CheckConstraint("source_id <> destination_id", name=op.f("ck_ledger_postings_two_accounts")),
        sa.PrimaryKeyConstraint("transaction_id", "line", name=op.f("pk_ledger_postings")),
    )
    op.create_index("ix_ledger_postings_destination_id", "ledger_postings", ["destination_id"], unique=False)
    op.create_index("ix_ledger_postings_source_id", "ledger_postings", ["source_id"], unique=False)
    op.create_table(
        "ledger_transactions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False, comment="same key with another hash is refused"),
        sa.Column("kind", sa.Text(), nullable=False, comment="paper_grant, hold, settle, void, reversal …"),
        sa.Column("reference", sa.Text(), server_default=sa.text("''"), nullable=False, comment="what caused it, such as order:…"),
        sa.Column("reverses", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["reverses"], ["ledger_transactions.id"], name=op.f("fk_ledger_transactions_reverses_ledger_transactions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transactions")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_transactions_idempotency_key")),
        sa.UniqueConstraint("reverses", name=op.f("uq_ledger_transactions_reverses")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("order_type", sa.Text(), server_default=sa.text("'market'"), nullable=False),
        sa.Column("size_kind", sa.Text(), nullable=False, comment="quote_amount, base_quantity, percent or initials"),
        sa.Column("size_value", sa.Numeric(precision=60, scale=30), nullable=False),
        sa.Column("slippage_bps", sa.Integer(), nullable=False, comment="how much worse than the book at the decision a fill may be"),
        sa.Column("state", sa.Text(), server_default=sa.text("'INITIALIZED'"), nullable=False),
        sa.Column("state_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=60, scale=30), nullable=True, comment="sent to the venue; set by the decision"),
        sa.Column(
            "quote_budget",
            sa.Numeric(precision=60, scale=30),
            nullable=True,
            comment="quote coins sent to the venue instead of a quantity; set by the decision",
        ),
        sa.Column(
            "limit_price",
            sa.Numeric(precision=60, scale=30),
            nullable=True,
            comment="protection price sent to the venue; set by the decision",
        ),
        sa.Column(
            "held",
            sa.Numeric(precision=78, scale=0),
            nullable=True,
            comment="what was held for it: quote units on a buy, base units on a sell",
        ),
        sa.Column("client_order_id", sa.Text(), nullable=True),
        sa.Column("venue_order_id", sa.Text(), nullable=True),
        sa.Column("hold_id", sa.UUID(), nullable=True),
        sa.Column("send_until", sa.DateTime(timezone=True), nullable=True, comment="the venue must refuse it later than this"),
        sa.Column("filled_quantity", sa.Numeric(precision=60, scale=30), server_default=sa.text("0"), nullable=False),
        sa.Column("filled_notional", sa.Numeric(precision=60, scale=30), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "venue_fee", sa.Numeric(precision=78, scale=0), server_default=sa.text("0"), nullable=False, comment="in the quote asset"
        ),
        sa.Column(
            "platform_fee", sa.Numeric(precision=78, scale=0), server_default=sa.text("0"), nullable=False, comment="in the quote asset"
        ),
        sa.Column(
            "platform_fee_bps", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="as promised when the order was decided"
        ),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False, comment="code of a denial, or the venue's word"),
        sa.Column("reason_params", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column(
            "price_source",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="name, kind, recorded_at of the prices it was decided or filled at",
        ),
        sa.Column("price_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("'en'"), nullable=False),
        sa.Column("correlation_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("reconcile_after", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("side in ('buy', 'sell')", name=op.f("ck_orders_side")),
        sa.CheckConstraint("size_kind in ('quote_amount', 'base_quantity', 'percent', 'initials')", name=op.f("ck_orders_size_kind")),
        sa.CheckConstraint(
            "state in ('INITIALIZED','DENIED','SUBMITTED','ACCEPTED','REJECTED','PARTIALLY_FILLED',"
            "'FILLED','PENDING_CANCEL','CANCELED','EXPIRED')",
            name=op.f("ck_orders_state"),
        ),
        sa.CheckConstraint("filled_quantity >= 0 and (quantity is null or filled_quantity <= quantity)", name=op.f("ck_orders_filled")),
        sa.CheckConstraint("size_value > 0", name=op.f("ck_orders_size_value")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("client_order_id", name=op.f("uq_orders_client_order_id")),
        sa.UniqueConstraint("user_id", "idempotency_key", name=op.f("uq_orders_user_id_idempotency_key")),
    )
    op.create_index(
        "ix_orders_open",
        "orders",
        ["state", "created_at"],
        unique=False,
        postgresql_where=sa.text("state in ('INITIALIZED','SUBMITTED','ACCEPTED','PARTIALLY_FILLED','PENDING_CANCEL')"),
    )
    op.create_index(
        "ix_orders_reconcile_after",
        "orders",
        ["reconcile_after"],
        unique=False,
        postgresql_where=sa.text("state in ('SUBMITTED','ACCEPTED','PARTIALLY_FILLED','PENDING_CANCEL')"),
    )
    op.create_index("ix_orders_user_id", "orders", ["user_id", "created_at"], unique=False)
    op.create_table(
        "outbox_buttons",
        sa.Column("handle", sa.Text(), nullable=False, comment="128 random bits, the whole callback_data"),
        sa.Column("group_id", sa.UUID(), nullable=False, comment="using one button of a group uses all"),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False, comment="confirm_order, cancel_order …"),
        sa.Column("argument", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_tap", sa.Text(), server_default=sa.text("''"), nullable=False, comment="id of the tap that used it"),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_outbox_buttons")),
    )
    op.create_index("ix_outbox_buttons_group_id", "outbox_buttons", ["group_id"], unique=False)
    op.create_table(
        "outbox_chat",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False, comment="hash of chat_id, 0 to 1023"),
        sa.Column("priority", sa.SmallInteger(), server_default=sa.text("5"), nullable=False, comment="0 confirmations … 9 broadcasts"),
        sa.Column("message_key", sa.Text(), nullable=False, comment="names the message; a later row with the same key edits it"),
        sa.Column("screen", sa.Text(), nullable=False, comment="which function of bot/screens renders it"),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), server_default=sa.text("'en'"), nullable=False),
        sa.Column("correlation_id", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('pending', 'sent', 'superseded', 'failed')", name=op.f("ck_outbox_chat_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_chat")),
    )
    op.create_index(
        "ix_outbox_chat_pending", "outbox_chat", ["priority", "id"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index(
        "ix_outbox_chat_pending_key", "outbox_chat", ["chat_id", "message_key"], unique=False, postgresql_where=sa.text("state = 'pending'")
    )
    op.create_table(
        "outbox_messages",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("telegram_message_id", sa.BigInteger(), nullable=False),
        sa.Column("sent_row_id", sa.BigInteger(), nullable=False, comment="outbox_chat.id shown last; an older row never overwrites it"),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "message_key", name=op.f("pk_outbox_messages")),
    )
    op.create_table(
        "outbox_tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("task", sa.Text(), nullable=False, comment="Celery name, such as trading.place_order"),
        sa.Column("row_id", sa.Text(), nullable=False, comment="the only argument of the task"),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_tasks")),
    )
    op.create_index("ix_outbox_tasks_waiting", "outbox_tasks", ["id"], unique=False, postgresql_where=sa.text("dispatched_at is null"))
    op.create_table(
        "paper_venue_orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client_order_id", sa.Text(), nullable=False, comment="may be used again once the order is closed, as at real exchanges"),
        sa.Column("symbol", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=60, scale=30), nullable=True),
        sa.Column("quote_budget", sa.Numeric(precision=60, scale=30), nullable=True),
        sa.Column("limit_price", sa.Numeric(precision=60, scale=30), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False, comment="open before, final_state from then on"),
        sa.Column("final_state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("source", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="of the book that was walked"),
        sa.CheckConstraint("final_state in ('FILLED', 'CANCELED', 'EXPIRED')", name=op.f("ck_paper_venue_orders_final_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_venue_orders")),
    )
    op.create_index("ix_paper_venue_orders_client_order_id", "paper_venue_orders", ["client_order_id", "id"], unique=False)
    op.create_table(
        "positions",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column(
            "quantity", sa.Numeric(precision=60, scale=30), server_default=sa.text("0"), nullable=False, comment="base held through orders"
        ),
        sa.Column(
            "cost",
            sa.Numeric(precision=78, scale=0),
            server_default=sa.text("0"),
            nullable=False,
            comment="quote paid for it, fees included",
        ),
        sa.Column(
            "realized_pnl", sa.Numeric(precision=78, scale=0), server_default=sa.text("0"), nullable=False, comment="quote, after fees"
        ),
        sa.Column("fees", sa.Numeric(precision=78, scale=0), server_default=sa.text("0"), nullable=False, comment="quote, all fees so far"),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("quantity >= 0 and cost >= 0", name=op.f("ck_positions_not_negative")),
        sa.PrimaryKeyConstraint("user_id", "venue", "instrument", name=op.f("pk_positions")),
    )
    op.create_table(
        "process_heartbeats",
        sa.Column("process", sa.Text(), nullable=False, comment="kind and number, such as bot-0"),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'ok'"), nullable=False, comment="starting, ok or degraded"),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_process_heartbeats")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("telegram_user_id", sa.BigInteger(), nullable=False),
        sa.Column("private_chat_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), server_default=sa.text("'user'"), nullable=False),
        sa.Column("standing", sa.Text(), server_default=sa.text("'active'"), nullable=False, comment="active or frozen"),
        sa.Column("language", sa.Text(), server_default=sa.text("'en'"), nullable=False),
        sa.Column("mode", sa.Text(), server_default=sa.text("'paper'"), nullable=False),
        sa.Column("confirm_orders", sa.Text(), server_default=sa.text("'on'"), nullable=False),
        sa.Column("referral_code", sa.Text(), nullable=False),
        sa.Column("referred_by", sa.BigInteger(), nullable=True, comment="users.id of the referrer; set once, when the account opens"),
        sa.Column("start_payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("confirm_orders in ('on', 'off')", name=op.f("ck_users_confirm_orders")),
        sa.CheckConstraint("mode in ('paper', 'live')", name=op.f("ck_users_mode")),
        sa.CheckConstraint("role in ('user', 'operator')", name=op.f("ck_users_role")),
        sa.CheckConstraint("standing in ('active', 'frozen')", name=op.f("ck_users_standing")),
        sa.CheckConstraint("referred_by is null or referred_by <> id", name=op.f("ck_users_no_self_referral")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("referral_code", name=op.f("uq_users_referral_code")),
        sa.UniqueConstraint("telegram_user_id", name=op.f("uq_users_telegram_user_id")),
    )
    op.create_table(
        "fills",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("venue_fill_id", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("price", sa.Numeric(precision=60, scale=30), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=60, scale=30), nullable=False),
        sa.Column("notional", sa.Numeric(precision=78, scale=0), nullable=False, comment="quote moved, whole units"),
        sa.Column("base_amount", sa.Numeric(precision=78, scale=0), nullable=False, comment="base moved, whole units"),
        sa.Column("venue_fee", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("platform_fee", sa.Numeric(precision=78, scale=0), nullable=False),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("price > 0 and quantity > 0", name=op.f("ck_fills_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_fills_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fills")),
        sa.UniqueConstraint("venue", "instrument", "venue_fill_id", name=op.f("uq_fills_venue_instrument_venue_fill_id")),
    )
    op.create_index("ix_fills_order_id", "fills", ["order_id"], unique=False)
    op.create_index("ix_fills_user_id", "fills", ["user_id", "executed_at"], unique=False)
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True, comment="owner, for user accounts"),
        sa.Column("may_be_negative", sa.Boolean(), nullable=False, comment="world only: what is outside the house"),
        sa.Column("balance", sa.Numeric(precision=78, scale=0), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("may_be_negative or balance >= 0", name=op.f("ck_ledger_accounts_not_negative")),
        sa.ForeignKeyConstraint(["asset_id"], ["ledger_assets.id"], name=op.f("fk_ledger_accounts_asset_id_ledger_assets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("address", "asset_id", name=op.f("uq_ledger_accounts_address_asset_id")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        "ix_ledger_accounts_user_id", "ledger_accounts", ["user_id"], unique=False, postgresql_where=sa.text("user_id is not null")
    )
    op.create_table(
        "order_reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.UUID(), nullable=False),
        sa.Column("report_key", sa.Text(), nullable=False, comment="the venue's identity of this report; recorded once"),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "tries", sa.Integer(), server_default=sa.text("0"), nullable=False, comment="how often somebody was asked to apply it again"
        ),
        sa.Column(
            "next_try_at", sa.DateTime(timezone=True), nullable=True, comment="nobody is asked again before; null before the first time"
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_reports_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_reports")),
        sa.UniqueConstraint("order_id", "report_key", name=op.f("uq_order_reports_order_id_report_key")),
    )
    op.create_index(
        "ix_order_reports_waiting",
        "order_reports",
        [sa.literal_column("next_try_at nulls first")],
        unique=False,
        postgresql_where=sa.text("applied_at is null"),
    )
    op.create_table(
        "paper_venue_fills",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("price", sa.Numeric(precision=60, scale=30), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=60, scale=30), nullable=False),
        sa.Column("fee", sa.Numeric(precision=60, scale=30), nullable=False, comment="quote coins"),
        sa.Column("executed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("price > 0 and quantity > 0 and fee >= 0", name=op.f("ck_paper_venue_fills_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["paper_venue_orders.id"], name=op.f("fk_paper_venue_fills_order_id_paper_venue_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_venue_fills")),
    )
    op.create_index("uq_paper_venue_fills_order_id_line", "paper_venue_fills", ["order_id", "line"], unique=True)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("set local statement_timeout = '60s'")
    op.drop_index("uq_paper_venue_fills_order_id_line", table_name="paper_venue_fills")
    op.drop_table("paper_venue_fills")
    op.drop_index("ix_order_reports_waiting", table_name="order_reports", postgresql_where=sa.text("applied_at is null"))
    op.drop_table("order_reports")
    op.drop_index("ix_ledger_accounts_user_id", table_name="ledger_accounts", postgresql_where=sa.text("user_id is not null"))
    op.drop_table("ledger_accounts")
    op.drop_index("ix_fills_user_id", table_name="fills")
    op.drop_index("ix_fills_order_id", table_name="fills")
    op.drop_table("fills")
    op.drop_table("users")
    op.drop_table("process_heartbeats")
    op.drop_table("positions")
    op.drop_index("ix_paper_venue_orders_client_order_id", table_name="paper_venue_orders")
    op.drop_table("paper_venue_orders")
    op.drop_index("ix_outbox_tasks_waiting", table_name="outbox_tasks", postgresql_where=sa.text("dispatched_at is null"))
    op.drop_table("outbox_tasks")
    op.drop_table("outbox_messages")
    op.drop_index("ix_outbox_chat_pending_key", table_name="outbox_chat", postgresql_where=sa.text("state = 'pending'"))
    op.drop_index("ix_outbox_chat_pending", table_name="outbox_chat", postgresql_where=sa.text("state = 'pending'"))
    op.drop_table("outbox_chat")
    op.drop_index("ix_outbox_buttons_group_id", table_name="outbox_buttons")
    op.drop_table("outbox_buttons")
    op.drop_index("ix_orders_user_id", table_name="orders")
    op.drop_index(
        "ix_orders_reconcile_after",
        table_name="orders",
        postgresql_where=sa.text("state in ('SUBMITTED','ACCEPTED','PARTIALLY_FILLED','PENDING_CANCEL')"),
    )
    op.drop_index(
        "ix_orders_open",
        table_name="orders",
        postgresql_where=sa.text("state in ('INITIALIZED','SUBMITTED','ACCEPTED','PARTIALLY_FILLED','PENDING_CANCEL')"),
    )
    op.drop_table("orders")
    op.drop_table("ledger_transactions")
    op.drop_index("ix_ledger_postings_source_id", table_name="ledger_postings")
    op.drop_index("ix_ledger_postings_destination_id", table_name="ledger_postings")
    op.drop_table("ledger_postings")
    op.drop_table("ledger_holds")
    op.drop_table("ledger_assets")
    op.drop_table("leases")
    op.drop_table("instruments")
    op.drop_index("uq_inbox_updates_bot_id_update_id", table_name="inbox_updates")
    op.drop_index("ix_inbox_updates_pending", table_name="inbox_updates", postgresql_where=sa.text("state = 'pending'"))
    op.drop_table("inbox_updates")
    op.drop_table("inbox_bots")
    op.drop_table("fee_schedules")
    op.drop_index("ix_decisions_subject", table_name="decisions")
    op.drop_table("decisions")
    op.drop_index("uq_control_pauses_open_scope", table_name="control_pauses", postgresql_where=sa.text("resumed_at is null"))
    op.drop_table("control_pauses")
