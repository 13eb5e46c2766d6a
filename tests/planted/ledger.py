"""Planted bugs of the ledger and its leases."""

from __future__ import annotations

from typing import Any

from tests.planted.registry import Plant, planted

P1 = "tests/promises/test_p01_ledger_sums_to_zero.py"
P3 = "tests/promises/test_p03_nobody_overspends.py"
P11 = "tests/promises/test_p11_lost_lease.py"
GUARDS = "tests/core/ledger/test_guards.py"
ALONE = "tests/core/ledger/test_one_alone.py"
NO_SUM_GUARD = "drop trigger ledger_accounts_zero_sum on ledger_accounts"
LOCK = "order by a.id for no key update of a"


def _without_locks(plant: Plant) -> None:
    """Read the balance, compare, write the new one, in both ways of applying a request."""
    for function in ("ledger_apply", "ledger_post_one"):
        plant.rewrite_function(function, LOCK, LOCK.replace(" for no key update of a", ""))
    plant.rewrite_function("ledger_post_one", "unnest(ids, changes) c(id, change)", "unnest(ids, changes, balances) c(id, change, had)")
    plant.rewrite_function("ledger_post_one", "a.balance + c.change", "c.had + c.change")
    plant.sql(NO_SUM_GUARD)


@planted(promise="P1", name="one-sided posting", breaks=f"{P1}::test_every_commit_sums_to_zero_whatever_is_asked")
def one_sided_posting(plant: Plant) -> None:
    """The destination gets a unit more than the source gives, and the guard of the sums is gone."""
    plant.rewrite_function("ledger_apply", "balances[destination] + amount", "balances[destination] + amount + 1")
    plant.rewrite_function("ledger_post_one", "changes[destination] + amount", "changes[destination] + amount + 1")
    plant.sql(NO_SUM_GUARD)


@planted(promise="P1", name="balances without a lock", breaks=f"{P1}::test_a_bank_with_sixty_four_clients_sums_to_zero_at_every_look")
def balances_without_a_lock(plant: Plant) -> None:
    """Two clients read the same balance; the later one's figure wins."""
    _without_locks(plant)


@planted(promise="P1", name="guard of the sums dropped", breaks=f"{GUARDS}::test_money_is_neither_made_nor_lost_by_a_statement")
def guard_of_the_sums_dropped(plant: Plant) -> None:
    plant.sql(NO_SUM_GUARD)


@planted(promise="P1", name="history may be rewritten", breaks=f"{GUARDS}::test_history_is_append_only_even_for_the_owner")
def history_may_be_rewritten(plant: Plant) -> None:
    plant.sql("drop trigger ledger_postings_append_only on ledger_postings")


@planted(promise="P1", name="a crash keeps half", breaks="tests/core/db/test_unit_of_work.py")
def a_crash_keeps_half(plant: Plant) -> None:
    """The unit of work begins its transaction lazily, after the first function has already committed."""

    class Nothing:
        async def __aenter__(self) -> None: ...

        async def __aexit__(self, *_: object) -> None: ...

    def transaction(_connection: Any, **_options: Any) -> Nothing:
        return Nothing()

    plant.patch("asyncpg.pool.PoolConnectionProxy.transaction", transaction)


@planted(promise="P3", name="naive debit", breaks=f"{P3}::test_debits_from_a_barrier_never_take_more_than_is_there")
def naive_debit(plant: Plant) -> None:
    """Read the balance, compare, write the new one: without the lock it pays many times over."""
    _without_locks(plant)


@planted(promise="P3", name="any source may be settled from", breaks=f"{P3}::test_a_settlement_never_takes_what_is_not_its_own")
def any_source_may_be_settled_from(plant: Plant) -> None:
    plant.rewrite_function("ledger_apply", "(source = held_at or addresses[source] not like 'user:%')", "true")
    plant.rewrite_function(
        "ledger_post_one", "(ids[source] = held or p_addresses[source] not like", "(true or p_addresses[source] not like"
    )


@planted(promise="P3", name="a hold is not its limit", breaks=f"{P3}::test_a_settlement_never_takes_what_is_not_its_own")
def a_hold_is_not_its_limit(plant: Plant) -> None:
    """Several holds share one held account: only the account's balance is looked at."""
    plant.rewrite_function("ledger_apply", "if spent > hold_remaining[i] then", "if false then")
    plant.rewrite_function("ledger_post_one", "if spent > remaining then", "if false then")
    plant.rewrite_function("ledger_post_one", "else h.remaining - spent end", "else greatest(h.remaining - spent, 0) end")
    plant.rewrite_function("ledger_apply", "rest := hold_remaining[i] - spent", "rest := greatest(hold_remaining[i] - spent, 0)")


@planted(
    promise="P3",
    name="alone a hold is not its limit",
    breaks=f"{ALONE}::test_a_request_alone_is_answered_as_in_a_set_and_leaves_the_same_rows",
)
def alone_a_hold_is_not_its_limit(plant: Plant) -> None:
    """Only the shorter way of a request alone forgets the hold's limit."""
    plant.rewrite_function("ledger_post_one", "if spent > remaining then", "if false then")
    plant.rewrite_function("ledger_post_one", "else h.remaining - spent end", "else greatest(h.remaining - spent, 0) end")


@planted(promise="P3", name="places mix", breaks=f"{P3}::test_a_hold_takes_from_its_own_user_at_the_assets_own_place")
def places_mix(plant: Plant) -> None:
    """Paper money arrives at an exchange's account."""
    plant.rewrite_function("ledger_shape_account", "and addressed <> place", "and false")


@planted(promise="P11", name="lease not required", breaks=f"{P11}::test_a_worker_stopped_past_its_lease_is_refused_when_it_goes_on")
def lease_not_required(plant: Plant) -> None:
    async def require(_uow: Any, _lease: Any) -> None: ...

    plant.patch("core.db.leases.require", require)


@planted(promise="P11", name="the token stays the same", breaks="tests/core/db/test_leases.py")
def the_token_stays_the_same(plant: Plant) -> None:
    from core.db import leases  # noqa: PLC0415  (patched, hence read late)

    plant.patch("core.db.leases._ACQUIRE", leases._ACQUIRE.replace("leases.token + 1", "leases.token"))
