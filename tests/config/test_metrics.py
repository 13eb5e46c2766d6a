"""Metrics keep their naming, and several processes show one page."""

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client import REGISTRY, Counter, Gauge, Histogram

from core.config import metrics

OWN = {name: value for name, value in vars(metrics).items() if isinstance(value, Counter | Gauge | Histogram)}

COUNT = """
import sys
from core.config import metrics
metrics.COMMANDS.labels("buy", "ok").inc(int(sys.argv[1]))
metrics.OUTBOX_WAITING.labels("chat").set(int(sys.argv[1]))
"""
SHOW = "from core.config import metrics; print(metrics.render().decode())"


def test_every_name_keeps_the_conventions() -> None:
    assert len(OWN) > 25
    for metric in OWN.values():
        (family,) = metric.describe()
        assert family.name.startswith("strongroom_")
        assert family.documentation
        if isinstance(metric, Histogram):
            assert family.name.endswith("_seconds")


def test_no_label_can_grow_without_bound() -> None:
    forbidden = {"user", "user_id", "order", "order_id", "chat", "chat_id", "update_id", "path", "url"}
    assert not [metric for metric in OWN.values() if forbidden & set(metric._labelnames)]


def test_one_process_shows_its_own() -> None:
    metrics.UPDATES_PARKED.inc()
    assert b"strongroom_updates_parked_total" in metrics.render()
    assert REGISTRY.get_sample_value("strongroom_updates_parked_total")


def test_processes_are_summed_and_a_dead_one_loses_its_live_gauges(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    def run(*arguments: str) -> str:
        return subprocess.run([sys.executable, "-c", *arguments], env=environment, capture_output=True, text=True, check=True).stdout

    run(COUNT, "2")
    run(COUNT, "3")
    page = run(SHOW)
    assert 'strongroom_commands_total{command="buy",outcome="ok"} 5.0' in page
    assert 'strongroom_outbox_waiting{kind="chat"}' in page
    for file in tmp_path.glob("gauge_live*"):
        metrics.forget_process(int(file.stem.rpartition("_")[2]), str(tmp_path))
    page = run(SHOW)
    assert 'strongroom_commands_total{command="buy",outcome="ok"} 5.0' in page
    assert 'strongroom_outbox_waiting{kind="chat"}' not in page
