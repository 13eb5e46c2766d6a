"""Keeps a change of a conditional order: its rows, a row of `decisions` for each event, and the chat's message, in one transaction.

Called by creation, cancellation, emission and following, each in its own unit of work with the row locked.
"""

from __future__ import annotations

from datetime import timedelta

from core.db.unit_of_work import UnitOfWork
from core.decisions import service as decisions
from core.outbox import service as outbox
from core.outbox.types import ButtonAction
from core.strategies import repository, views
from core.strategies.context import StrategyContext
from core.strategies.types import FINAL, Conditional, ConditionalState, Event, Step

SUBJECT = "conditional"
CANCEL_ACTION = "cancel_conditional"
CANCEL_TTL = timedelta(days=7)
LOUD_ENDS = frozenset({ConditionalState.FAILED, ConditionalState.EXPIRED})
"""Ends that no order's message tells: they get a message of their own, because an edit of an old one makes no sound."""


async def keep(context: StrategyContext, uow: UnitOfWork, before: Conditional, step: Step) -> Conditional:
    """Writes the step and says what it means; the conditional order afterwards. A step that changes nothing writes nothing."""
    after = step.conditional
    if after == before and not step.events:
        return after
    await repository.save(uow, before, after, context.clock.now())
    await explain(uow, after, step.events)
    if step.events:
        await show(context, uow, after)
        if after.state in LOUD_ENDS or any(event.check == "triggered" and event.verdict == "denied" for event in step.events):
            await _speak_up(context, uow, after)
    return after


async def explain(uow: UnitOfWork, conditional: Conditional, events: tuple[Event, ...]) -> None:
    """Rows of `decisions`, in the order of the events."""
    if events:
        rows = [{"check": one.check, "verdict": one.verdict, "reason": one.reason, "inputs": dict(one.inputs)} for one in events]
        await decisions.record(uow, SUBJECT, str(conditional.id), rows)


async def show(context: StrategyContext, uow: UnitOfWork, conditional: Conditional) -> None:
    """Edits the conditional order's one message; with a cancel button while it lives."""
    chat = conditional.chat
    handle = None
    if conditional.state not in FINAL and not conditional.cancel_requested:
        action = ButtonAction(CANCEL_ACTION, {"conditional_id": str(conditional.id)})
        [handle] = await outbox.issue_buttons(
            uow, user_id=conditional.user_id, chat_id=chat.chat_id, message_key=chat.message_key, actions=[action], ttl=CANCEL_TTL
        )
    await _append(context, uow, conditional, chat.message_key, handle)


async def _speak_up(context: StrategyContext, uow: UnitOfWork, conditional: Conditional) -> None:
    await _append(context, uow, conditional, f"conditional:{conditional.id}:{conditional.state.value}:{conditional.reason}", None)


async def _append(context: StrategyContext, uow: UnitOfWork, conditional: Conditional, key: str, handle: str | None) -> None:
    await outbox.append_chat(
        uow,
        chat_id=conditional.chat.chat_id,
        message_key=key,
        screen=views.SCREEN,
        data=views.conditional_data(conditional, context.clock.now(), handle),
        language=conditional.chat.language,
        priority=outbox.CONFIRMATION,
        correlation_id=conditional.correlation_id,
    )
