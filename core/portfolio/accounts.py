"""What the ledger says about users' accounts: balances as of a moment, and flows. Reads only. Called by waterfalls and snapshots.

The ledger's tables are read in one statement, hence in one snapshot: a balance and the postings that made it always belong together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.db.unit_of_work import UnitOfWork
from core.kernel.money import Asset
from core.ledger.types import receivable, user_available, user_held
from core.portfolio.growth import Moved
from core.portfolio.waterfall import Flow

_FLOWS = """
    with own as (
        select a.id, a.asset_id, a.balance from ledger_accounts a where a.address = any($1)
    ), related as (
        select id from own union all select a.id from ledger_accounts a where a.address = $4
    ), touched as (
        select t.id, t.kind, t.reverses is not null as reversal, t.created_at >= $3 as later
        from ledger_transactions t
        where t.created_at >= $2 and t.id in (
            select transaction_id from ledger_postings where source_id in (select id from related)
            union select transaction_id from ledger_postings where destination_id in (select id from related)
        )
    ), lines as (
        select t.id, t.kind, t.reversal, t.later, p.asset_id, p.amount, s.address as source, d.address as destination,
            bool_and((s.address not like 'user:%' or s.address = any($1)) and (d.address not like 'user:%' or d.address = any($1)))
                over (partition by t.id) as alone
        from touched t join ledger_postings p on p.transaction_id = t.id
        join ledger_accounts s on s.id = p.source_id join ledger_accounts d on d.id = p.destination_id
    )
    select 'flow' as what, a.code, a.scale, l.kind, l.reversal, l.later, l.alone, l.source, l.destination, sum(l.amount) as units
    from lines l join ledger_assets a on a.id = l.asset_id
    group by a.code, a.scale, l.kind, l.reversal, l.later, l.alone, l.source, l.destination
    union all
    select 'balance', a.code, a.scale, '', false, false, false, '', '', sum(o.balance)
    from own o join ledger_assets a on a.id = o.asset_id group by a.code, a.scale
"""
_BALANCES = """
    with since as materialized (
        select x.account, sum(x.net) as net from (
            select p.source_id as account, -p.amount as net
            from ledger_transactions t join ledger_postings p on p.transaction_id = t.id where t.created_at >= $3
            union all
            select p.destination_id, p.amount
            from ledger_transactions t join ledger_postings p on p.transaction_id = t.id where t.created_at >= $3
        ) x group by x.account
    )
    select u.id as user_id, s.code, s.scale, sum(a.balance - coalesce(n.net, 0)) as units
    from unnest($1::bigint[]) as u (id)
    join ledger_accounts a on a.address in ('user:' || u.id || ':' || $2 || ':available', 'user:' || u.id || ':' || $2 || ':held')
    join ledger_assets s on s.id = a.asset_id
    left join since n on n.account = a.id
    group by u.id, s.code, s.scale
"""
_MOVED = """
    with own as materialized (
        select a.id, u.id as user_id, a.address like 'receivable:%' as debt
        from unnest($1::bigint[]) as u (id)
        join ledger_accounts a
            on a.address in ('user:' || u.id || ':' || $2 || ':available', 'user:' || u.id || ':' || $2 || ':held',
                'receivable:user:' || u.id)
        join ledger_assets s on s.id = a.asset_id and split_part(s.code, ':', 1) = $2
    )
    select o.user_id, a.code, a.scale, t.created_at as at, e.sign * p.amount as units
    from ledger_transactions t join ledger_postings p on p.transaction_id = t.id
    cross join lateral (values (p.source_id, p.destination_id, -1), (p.destination_id, p.source_id, 1)) as e (mine, other, sign)
    join own o on o.id = e.mine
    join ledger_accounts x on x.id = e.other
    left join own y on y.id = e.other
    join ledger_assets a on a.id = p.asset_id
    where t.created_at >= $3 and t.created_at < $4 and y.user_id is distinct from o.user_id and not (o.debt and e.sign < 0)
        and x.address not like 'venue:%' and x.address not like 'fees:%'
    order by t.id, p.line
"""


@dataclass(frozen=True, slots=True)
class Ledgered:
    """What the ledger says of one user's accounts at a place: flows in a period, the net of what came later, and balances now."""

    own: frozenset[str]
    flows: tuple[Flow, ...]
    later: Mapping[Asset, int]
    balances: Mapping[Asset, int]


async def read_flows(uow: UnitOfWork, user_id: int, place: str, since: datetime, until: datetime) -> Ledgered:
    """Flows from `since` up to (not including) `until`, both times as the ledger kept them."""
    own = frozenset({user_available(user_id, place), user_held(user_id, place)})
    rows = await uow.connection.fetch(_FLOWS, sorted(own), since, until, receivable(user_id))
    flows: list[Flow] = []
    later: dict[Asset, int] = {}
    balances: dict[Asset, int] = {}
    for row in rows:
        asset, units = Asset(row["code"], row["scale"]), int(row["units"])
        if row["what"] == "balance":
            balances[asset] = units
        elif row["later"]:
            net = (row["destination"] in own) - (row["source"] in own)
            later[asset] = later.get(asset, 0) + net * units
        else:
            flows.append(Flow(asset, row["kind"], row["reversal"], row["alone"], row["source"], row["destination"], units))
    return Ledgered(own, tuple(flows), later, balances)


async def balances_at(uow: UnitOfWork, user_ids: Sequence[int], place: str, at: datetime) -> dict[int, dict[Asset, int]]:
    """What each user had (available and held) just before `at`, by asset. A transaction counts from when it began."""
    found: dict[int, dict[Asset, int]] = {user_id: {} for user_id in user_ids}
    for row in await uow.connection.fetch(_BALANCES, list(user_ids), place, at):
        found[row["user_id"]][Asset(row["code"], row["scale"])] = int(row["units"])
    return found


async def moved_between(uow: UnitOfWork, user_ids: Sequence[int], place: str, since: datetime, until: datetime) -> dict[int, list[Moved]]:
    """Deposits, withdrawals and advances of each user from `since` up to (not including) `until`."""
    found: dict[int, list[Moved]] = {}
    for row in await uow.connection.fetch(_MOVED, list(user_ids), place, since, until):
        units = int(Decimal(row["units"]))
        found.setdefault(row["user_id"], []).append(Moved(Asset(row["code"], row["scale"]), units, row["at"]))
    return found
