"""Health: 503 until chat and paper trading work, and each part's state always."""

from datetime import UTC, datetime
from typing import Any

import pytest
from httpx import AsyncClient

from api.schemas.health import PROCESSES, STALE_S, judge
from core.db.heartbeats import Heartbeat, beat
from core.db.pool import Pool
from core.kernel.secret import Secret
from tests.api.support import api_settings, open_door

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def heartbeat(process: str, state: str = "ok", age_s: float = 1, **details: Any) -> Heartbeat:
    return Heartbeat(process=process, pid=1, started_at=NOW, beat_at=NOW, age_s=age_s, state=state, details=details)


def everybody(**changed: Heartbeat) -> list[Heartbeat]:
    return [changed.get(kind, heartbeat(f"{kind}-0")) for kind in PROCESSES]


def test_everything_well_is_ready() -> None:
    health = judge(postgres=True, valkey=True, beats=everybody())
    assert health.ready
    assert set(health.parts) == {"api", "postgres", "valkey", *PROCESSES}


@pytest.mark.parametrize("kind", PROCESSES)
def test_a_process_that_never_spoke_is_starting(kind: str) -> None:
    beats = [one for one in everybody() if not one.process.startswith(kind)]
    health = judge(postgres=True, valkey=True, beats=beats)
    assert health.status == "starting"
    assert health.parts[kind]["state"] == "starting"


@pytest.mark.parametrize("kind", PROCESSES)
def test_a_process_that_fell_silent_is_unavailable(kind: str) -> None:
    health = judge(postgres=True, valkey=True, beats=everybody(**{kind: heartbeat(f"{kind}-0", age_s=STALE_S + 1)}))
    assert health.status == "unavailable"
    assert health.parts[kind]["state"] == "unavailable"


@pytest.mark.parametrize(("postgres", "valkey"), [(False, True), (True, False)])
def test_a_server_that_is_away_is_unavailable(postgres: bool, valkey: bool) -> None:
    assert judge(postgres=postgres, valkey=valkey, beats=everybody()).status == "unavailable"


def test_one_of_several_processes_is_enough() -> None:
    beats = [*everybody(), heartbeat("worker-1", age_s=3600), heartbeat("bot-1", state="starting")]
    health = judge(postgres=True, valkey=True, beats=beats)
    assert health.ready
    assert health.parts["worker"]["count"] == 1


def test_breakers_and_prices_are_shown_and_decide_nothing() -> None:
    beats = everybody(
        worker=heartbeat("worker-0", state="degraded", breakers={"paper": "open"}),
        streams=heartbeat("streams-0", market={"source": "recordings"}),
    )
    beats += [
        heartbeat("bot-1", breakers={"telegram": "closed", "database": "closed"}),
        heartbeat("bot-2", age_s=60, breakers={"telegram": "open"}),
    ]
    health = judge(postgres=True, valkey=True, beats=beats, breakers={"database": "half_open"})
    assert health.ready
    assert health.parts["worker"]["degraded"]
    assert health.parts["breakers"] == {"database": "half_open", "paper": "open", "telegram": "closed"}
    assert health.parts["market"] == {"source": "recordings"}


async def test_the_door_says_503_until_everybody_has_spoken(door: AsyncClient, pool: Pool) -> None:
    assert (await door.get("/health")).status_code == 503
    for kind in PROCESSES:
        await beat(pool, f"{kind}-0")
    answer = await door.get("/health")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    await beat(pool, "worker-0", "starting")
    assert (await door.get("/health")).json()["status"] == "starting"


async def test_the_door_answers_while_everything_is_away() -> None:
    async with open_door(api_settings()) as client:
        answer = await client.get("/health")
    assert answer.status_code == 503
    parts = answer.json()["parts"]
    assert (parts["postgres"]["state"], parts["valkey"]["state"]) == ("unavailable", "unavailable")


async def test_the_door_finds_the_database_when_it_comes_back(app_dsn: Secret, pool: Pool) -> None:
    settings = api_settings()
    async with open_door(settings) as client:
        assert (await client.get("/health")).json()["parts"]["postgres"]["state"] == "unavailable"
    async with open_door(api_settings(app_dsn)) as client:
        assert (await client.get("/health")).json()["parts"]["postgres"]["state"] == "ok"
        await pool.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'api' and datname = current_database()"
        )
        for _ in range(3):
            last = (await client.get("/health")).json()["parts"]["postgres"]["state"]
        assert last == "ok"
