"""The coverage ratchet: longest prefix wins, floors only rise, never beyond the goal."""

from __future__ import annotations

import json

from scripts.coverage_ratchet import RATCHET, Group, judge, lifted, table

BOUNDS = {"core/ledger": {"goal": 100, "floor": 90}, "core": {"goal": 90, "floor": 10}, "rest": {"goal": 80, "floor": 0}}


def test_a_file_belongs_to_the_longest_prefix_and_else_to_the_rest() -> None:
    files = {"core/ledger/service.py": (8, 10), "core/ledgers.py": (1, 2), "bot/app.py": (1, 4), "workers/app.py": (0, 4)}
    found = {group.name: (group.done, group.total) for group in judge(files, BOUNDS)}
    assert found == {"core/ledger": (8, 10), "core": (1, 2), "rest": (1, 8)}


def test_a_floor_is_lifted_to_what_was_reached_and_never_lowered() -> None:
    assert lifted(Group("core", 90, 10, 555, 1000)) == {"goal": 90, "floor": 55.5}
    assert lifted(Group("core", 90, 60, 555, 1000)) == {"goal": 90, "floor": 60}
    assert lifted(Group("core", 90, 60, 99, 100)) == {"goal": 90, "floor": 90}


def test_who_is_below_the_floor_is_named() -> None:
    shown = table(judge({"core/ledger/service.py": (8, 10)}, BOUNDS))
    assert "below its floor" in next(line for line in shown.splitlines() if line.startswith("core/ledger"))
    assert "below" not in next(line for line in shown.splitlines() if line.startswith("rest"))


def test_the_money_packages_aim_at_everything() -> None:
    bounds = json.loads(RATCHET.read_text())
    money = ("core/kernel", "core/ledger", "core/trading", "core/risk", "core/portfolio", "core/fees")
    assert {name: bounds[name]["goal"] for name in money} == dict.fromkeys(money, 100)
    assert bounds["core"]["goal"] == 90
    assert bounds["rest"]["goal"] == 80
    assert all(0 <= line["floor"] <= line["goal"] for line in bounds.values())
