"""The rules of the house that no tool knows, each a function from one file to what breaks it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import Finding, Source, called_name, functions

MONEY = (
    "core/kernel/",
    "core/ledger/",
    "core/trading/",
    "core/venues/",
    "core/risk/",
    "core/portfolio/",
    "core/fees/",
    "core/adapters/venues/",
)
"""Packages in which no float lives."""

LONGEST_FILE = 300
LONGEST_FUNCTION = 40

COMMIT_PLACES = ("core/db/unit_of_work.py", "migrations/", "sandbox/", "core/adapters/venues/paper/store.py")
"""Where a transaction may be opened: the unit of work, the migrations, the sandbox's own stores, and the paper exchange's (it stands
for something outside, with tables of its own)."""


def money_without_floats(source: Source) -> Iterator[Finding]:
    """No float literal, no `float(…)`, no true division in a money package.

    A span of time is no money: `PAUSE_S = 0.1` and `wait / timedelta(seconds=1)` may stand there.
    """
    if not source.path.startswith(MONEY):
        return
    seconds = {node.value for node in ast.walk(source.tree) if isinstance(node, ast.Assign) and _names_seconds(node)}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and node not in seconds:
            yield Finding(source.path, node.lineno, f"float literal {node.value}")
        if isinstance(node, ast.Name) and node.id == "float":
            yield Finding(source.path, node.lineno, "float")
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div) and not _divides_no_money(node):
            yield Finding(source.path, node.lineno, "true division: use core.kernel.money.divide")
        if isinstance(node, ast.Attribute) and node.attr == "truediv":
            yield Finding(source.path, node.lineno, "true division: use core.kernel.money.divide")


def _names_seconds(node: ast.Assign) -> bool:
    return all(isinstance(target, ast.Name) and target.id.lower().endswith("_s") for target in node.targets)


def _divides_no_money(node: ast.BinOp | ast.AugAssign) -> bool:
    """`folder / "name"` joins paths, `wait / timedelta(seconds=1)` counts seconds."""
    right = node.right if isinstance(node, ast.BinOp) else node.value
    if isinstance(right, ast.Call) and called_name(right) == "timedelta":
        return True
    return isinstance(right, ast.JoinedStr) or (isinstance(right, ast.Constant) and isinstance(right.value, str))


def postings_without_decimals(source: Source) -> Iterator[Finding]:
    """A `Posting(…)` is built of Amounts: no Decimal, no number, no `.to_decimal()` among its arguments."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and called_name(node) == "Posting":
            for argument in [*node.args, *(keyword.value for keyword in node.keywords)]:
                if any(_is_decimal(part) for part in ast.walk(argument)):
                    yield Finding(source.path, node.lineno, "a Decimal in a posting")


def _is_decimal(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and called_name(node) == "convert":
        return False
    return (isinstance(node, ast.Name) and node.id == "Decimal") or (isinstance(node, ast.Attribute) and node.attr == "to_decimal")


def commits_in_the_unit_of_work(source: Source) -> Iterator[Finding]:
    """Nobody else opens or ends a transaction: no `.transaction(`, `.commit(`, `.rollback(`, no `execute("commit")`."""
    if source.path.startswith(COMMIT_PLACES):
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in ("transaction", "commit", "rollback"):
            yield Finding(source.path, node.lineno, f"{node.func.attr}() outside the unit of work")
        first = node.args[0] if node.args else None
        words = first.value.strip().lower() if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
        if words.startswith(("begin", "commit", "rollback", "start transaction")):
            yield Finding(source.path, node.lineno, f"SQL `{words}` outside the unit of work")


def tasks_are_not_async(source: Source) -> Iterator[Finding]:
    """An `async def` Celery task reports success and never runs."""
    for function in functions(source):
        if isinstance(function, ast.AsyncFunctionDef) and any(_is_task(one) for one in function.decorator_list):
            yield Finding(source.path, function.lineno, f"async task {function.name}")


def _is_task(decorator: ast.expr) -> bool:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(target, ast.Attribute | ast.Name) and (target.attr if isinstance(target, ast.Attribute) else target.id) in (
        "task",
        "shared_task",
    )


def nothing_live_in_modules(source: Source) -> Iterator[Finding]:
    """No engine, pool, client or settings object at module level: they come through bootstrap."""
    for node in source.tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        for part in ast.walk(value) if value is not None and not isinstance(value, ast.Lambda) else ():
            if isinstance(part, ast.Call) and _is_live(called_name(part)):
                yield Finding(source.path, part.lineno, f"{called_name(part)}() at module level")


def _is_live(name: str) -> bool:
    exact = {
        "create_pool",
        "create_engine",
        "create_async_engine",
        "Redis",
        "from_url",
        "ClientSession",
        "AsyncClient",
        "connect",
        "UnitOfWork",
    }
    return name in exact or (name.endswith("Settings") and name != "BaseSettings")


def excepts_are_narrow(source: Source) -> Iterator[Finding]:
    """No bare or broad `except` but where a comment on the line says which supervisor loop it is."""
    lines = source.text.splitlines()
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        broad = any(one is None or (isinstance(one, ast.Name) and one.id in ("Exception", "BaseException")) for one in caught)
        if broad and "supervisor loop" not in lines[node.lineno - 1] and not _raises_again(node):
            yield Finding(source.path, node.lineno, "broad except outside a supervisor loop")


def _raises_again(node: ast.ExceptHandler) -> bool:
    last = node.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def modules_say_what_they_are(source: Source) -> Iterator[Finding]:
    """Every module opens with a docstring, packages' empty `__init__.py` aside."""
    empty = source.path.endswith("__init__.py") and not source.tree.body
    if not empty and not ast.get_docstring(source.tree):
        yield Finding(source.path, 1, "no module docstring")


def log_fields_are_allowed(source: Source, allowed: frozenset[str]) -> Iterator[Finding]:
    """A field outside the allow-list would be dropped in silence: say so here instead."""
    words = ("debug", "info", "warning", "error", "critical", "exception", "bind")
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in words:
            continue
        owner = node.func.value
        name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
        if name in ("log", "logger", "_log", "_logger"):
            for keyword in node.keywords:
                if keyword.arg and keyword.arg != "exc_info" and keyword.arg not in allowed:
                    yield Finding(source.path, node.lineno, f"log field {keyword.arg} is not in core/config/logging.py")


def sizes(source: Source) -> Iterator[tuple[str, int, int]]:
    """(`path` or `path::function`, lines, bound) of whatever is longer than its bound."""
    lines = len(source.text.splitlines())
    if lines > LONGEST_FILE:
        yield source.path, lines, LONGEST_FILE
    for function in functions(source):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > LONGEST_FUNCTION:
            yield f"{source.path}::{function.name}", length, LONGEST_FUNCTION
