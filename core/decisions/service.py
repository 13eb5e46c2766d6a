"""Reasons: appends verdicts and reads them for `/why`. Every automated action or inaction ends with rows here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from core.db.unit_of_work import UnitOfWork
from core.decisions.models import decisions


@dataclass(frozen=True, slots=True)
class Reason:
    """One verdict: `reason` is the denial's code or empty, `inputs` what the check looked at."""

    check: str
    verdict: str
    reason: str
    inputs: Mapping[str, Any]
    decided_at: datetime


async def record(uow: UnitOfWork, kind: str, subject_id: str, verdicts: Sequence[Mapping[str, Any]]) -> None:
    """Appends verdicts in order, each `{check, verdict: passed | denied | scaled, reason, inputs}`."""
    await uow.connection.execute("select decisions_record($1, $2, $3)", kind, subject_id, list(verdicts))


async def record_each(uow: UnitOfWork, kind: str, verdicts: Mapping[str, Mapping[str, Any]]) -> None:
    """Appends one verdict each for many subjects, by their ids, in one statement."""
    subjects = list(verdicts)
    query = "select decisions_record($1, subject, jsonb_build_array(verdict)) from unnest($2::text[], $3::jsonb[]) as o(subject, verdict)"
    await uow.connection.execute(query, kind, subjects, [verdicts[subject] for subject in subjects])


async def reasons(uow: UnitOfWork, kind: str, subject_id: str) -> list[Reason]:
    """All verdicts on a subject, in the order in which they were given."""
    rows = await uow.fetch(
        select(decisions).where(decisions.c.subject_kind == kind, decisions.c.subject_id == subject_id).order_by(decisions.c.id)
    )
    return [Reason(row["check_name"], row["verdict"], row["reason"], row["inputs"], row["decided_at"]) for row in rows]
