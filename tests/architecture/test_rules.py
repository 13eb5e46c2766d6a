"""The house keeps its own rules, and each rule tells good from bad."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from core.config.logging import ALLOWED_FIELDS
from tests.architecture import rules
from tests.architecture.source import CODE, Finding, Source, show, sources

Rule = Callable[[Source], Iterator[Finding]]
log_fields = partial(rules.log_fields_are_allowed, allowed=ALLOWED_FIELDS)

RULES: dict[str, Rule] = {
    "money_without_floats": rules.money_without_floats,
    "postings_without_decimals": rules.postings_without_decimals,
    "commits_in_the_unit_of_work": rules.commits_in_the_unit_of_work,
    "tasks_are_not_async": rules.tasks_are_not_async,
    "nothing_live_in_modules": rules.nothing_live_in_modules,
    "excepts_are_narrow": rules.excepts_are_narrow,
    "modules_say_what_they_are": rules.modules_say_what_they_are,
    "log_fields_are_allowed": log_fields,
}

EXAMPLES: list[tuple[Rule, str, str, str]] = [
    (rules.money_without_floats, "core/ledger/rules.py", "fee = amount.units // 10", "fee = amount.units / 10"),
    (rules.money_without_floats, "core/ledger/rules.py", "rate = Decimal('0.1')", "rate = 0.1"),
    (rules.money_without_floats, "core/fees/rules.py", "value = int(text)", "value = float(text)"),
    (rules.money_without_floats, "core/trading/rules.py", "file = folder / 'name.sql'", "price /= quantity"),
    (rules.money_without_floats, "core/venues/types.py", "price: Decimal", "price: float"),
    (rules.money_without_floats, "core/risk/checks.py", "divide(a, b, Rounding.UP)", "operator.truediv(a, b)"),
    (rules.money_without_floats, "core/trading/rules.py", "PAUSE_S = 0.1", "FEE_SHARE = 0.1"),
    (rules.money_without_floats, "core/trading/rules.py", "wait / timedelta(seconds=1)", "wait / seconds"),
    (rules.postings_without_decimals, "core/trading/booking.py", "Posting(a, b, amount)", "Posting(a, b, Decimal(1))"),
    (rules.postings_without_decimals, "core/trading/booking.py", "Posting(a, b, amount=x)", "Posting(a, b, amount=x.to_decimal())"),
    (rules.commits_in_the_unit_of_work, "core/users/service.py", "uow.execute(statement)", "connection.transaction()"),
    (rules.commits_in_the_unit_of_work, "bot/app.py", "uow.after_commit(call)", "session.commit()"),
    (rules.commits_in_the_unit_of_work, "workers/relay.py", "c.execute('select 1')", "c.execute(' COMMIT')"),
    (
        rules.tasks_are_not_async,
        "workers/tasks/trading.py",
        "@app.task(name='x')\ndef place(i): ...",
        "@app.task(name='x')\nasync def place(i): ...",
    ),
    (rules.tasks_are_not_async, "workers/tasks/trading.py", "async def place(i): ...", "@shared_task\nasync def place(i): ..."),
    (rules.nothing_live_in_modules, "core/db/pool.py", "def make(): return create_pool()", "POOL = create_pool()"),
    (rules.nothing_live_in_modules, "bot/app.py", "LIMIT = frozenset([1])", "settings = BotSettings()"),
    (rules.nothing_live_in_modules, "api/deps.py", "NAMES = {'a': Redis}", "VALKEY: Redis = Redis.from_url('x')"),
    (rules.excepts_are_narrow, "core/x.py", "try: f()\nexcept ValueError: g()", "try: f()\nexcept Exception: g()"),
    (rules.excepts_are_narrow, "core/x.py", "try: f()\nexcept Exception: raise", "try: f()\nexcept (ValueError, Exception): g()"),
    (rules.excepts_are_narrow, "core/x.py", "try: f()\nexcept Exception:  # supervisor loop\n  g()", "try: f()\nexcept: g()"),
    (rules.modules_say_what_they_are, "core/x.py", '"""What it owns."""\nx = 1', "x = 1"),
    (rules.modules_say_what_they_are, "core/__init__.py", "", "from core import x"),
    (log_fields, "core/x.py", "log.info('seen', order_id=1)", "log.info('seen', private_key=1)"),
    (log_fields, "core/x.py", "log.error('seen', exc_info=error)", "self._log.error('seen', token=error)"),
]


@pytest.mark.parametrize("name", RULES)
def test_the_code_keeps_the_rule(name: str) -> None:
    found = [finding for source in sources(*CODE) for finding in RULES[name](source)]
    assert not found, show(found)


@pytest.mark.parametrize(("rule", "path", "good", "bad"), EXAMPLES)
def test_the_rule_tells_good_from_bad(rule: Rule, path: str, good: str, bad: str) -> None:
    assert not list(rule(Source.of(good, path)))
    assert list(rule(Source.of(bad, path)))


def test_a_float_outside_the_money_packages_is_fine() -> None:
    assert not list(rules.money_without_floats(Source.of("wait_s = 0.5", "bot/sender.py")))
