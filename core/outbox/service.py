"""The outbox: what a change causes outside (tasks, messages, buttons), appended in the transaction of that change.

`append_task`, `append_chat`, `issue_buttons` are called by every feature; `press_button` by the bot's handlers; the rest by the
bot's sender and by the relay. Rows hold data, never text. Nothing here talks to a network.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from core.db.unit_of_work import UnitOfWork
from core.kernel.errors import Denied, Unavailable
from core.kernel.ids import new_handle, new_id
from core.outbox import repository
from core.outbox.types import ButtonAction, ChatRow, Delivery, Letter, Press, QueuedTask

CONFIRMATION = 0
ORDINARY = 5
BROADCAST = 9
_HANDLE_LENGTH = 22


async def append_task(uow: UnitOfWork, *, task: str, row_id: str, queue: str = "trade") -> int:
    """A task to enqueue after the commit, with the one argument `row_id`; the id of its row, for the fast path to mark."""
    return await repository.append_task(uow.connection, task, row_id, queue)


async def append_chat(
    uow: UnitOfWork,
    *,
    chat_id: int,
    message_key: str,
    screen: str,
    data: Mapping[str, Any],
    language: str = "en",
    priority: int = ORDINARY,
    correlation_id: str = "",
    silent: bool = False,
) -> int:
    """A message to send after the commit, or an edit where `message_key` is known in the chat; the row's id. `silent`: no sound."""
    return await repository.append_chat(
        uow.connection,
        chat_id=chat_id,
        message_key=message_key,
        screen=screen,
        data=data,
        language=language,
        priority=priority,
        correlation_id=correlation_id,
        silent=silent,
    )


async def append_broadcast(uow: UnitOfWork, *, message_key: str, screen: str, letters: Sequence[Letter]) -> int:
    """One message each for many chats, the least urgent of all; how many. In one statement."""
    return await repository.append_chats(uow.connection, message_key, screen, BROADCAST, letters) if letters else 0


async def broadcasts_waiting(uow: UnitOfWork, most: int) -> int:
    """How many messages of broadcasts wait to be sent, counted up to `most`."""
    return await repository.pending_of_priority(uow.connection, BROADCAST, most)


async def broadcast_states(uow: UnitOfWork, message_key: str) -> dict[str, int]:
    """How many messages of a broadcast are pending, sent, failed. Rows that were pruned are not counted."""
    return await repository.broadcast_states(uow.connection, message_key)


async def issue_buttons(
    uow: UnitOfWork, *, user_id: int, chat_id: int, message_key: str, actions: Sequence[ButtonAction], ttl: timedelta
) -> list[str]:
    """Handles for one group of buttons: using one uses all. Bound to user, chat, message and expiry."""
    buttons = [(new_handle(), one.action, one.argument) for one in actions]
    if buttons:
        await repository.insert_buttons(
            uow.connection, group_id=new_id(), user_id=user_id, chat_id=chat_id, message_key=message_key, ttl=ttl, buttons=buttons
        )
    return [handle for handle, _, _ in buttons]


async def press_button(uow: UnitOfWork, *, handle: str, user_id: int, chat_id: int, telegram_message_id: int, tap_id: str = "") -> Press:
    """Uses a button. `user_id` is ours (`users.id`), `tap_id` Telegram's callback query id: the same tap may arrive twice.

    Raises Denied: button_unknown, button_used, button_repeated (this very tap was answered already), button_expired,
    button_foreign (another user's, chat's or message's). Raises Unavailable while its message is not on record yet.
    """
    if len(handle) != _HANDLE_LENGTH or not handle.isascii():
        raise Denied("button_unknown")
    verdict, action, argument, message_key = await repository.press(
        uow.connection, handle=handle, user_id=user_id, chat_id=chat_id, telegram_message_id=telegram_message_id, tap_id=tap_id
    )
    if verdict == "button_unsettled":
        raise Unavailable("the message of this button is not on record yet")
    if verdict:
        raise Denied(verdict)
    return Press(handle, action, argument, message_key)


async def peek_button(uow: UnitOfWork, *, handle: str, user_id: int, chat_id: int) -> Press | None:
    """What a usable button would do, without using it: lets a handler read prices before its transaction. Decides nothing."""
    if len(handle) != _HANDLE_LENGTH or not handle.isascii():
        return None
    found = await repository.find_button(uow.connection, handle, user_id, chat_id)
    return None if found is None else Press(handle, found[0], found[1], found[2])


async def waiting_messages(
    uow: UnitOfWork,
    *,
    shards: Collection[int],
    busy_chats: Collection[int] = (),
    known: Collection[int] = (),
    lowest_priority: int = BROADCAST,
    limit: int = 128,
) -> list[ChatRow]:
    """Chat rows that may go out now, most urgent first, without chats and rows in hand. The lease over `shards` makes it a claim."""
    return await repository.waiting_chat_rows(
        uow.connection, shards=shards, busy_chats=busy_chats, known=known, lowest_priority=lowest_priority, limit=limit
    )


async def waiting_in_chat(uow: UnitOfWork, chat_id: int, *, known: Collection[int] = (), limit: int = 128) -> list[ChatRow]:
    """The same for one chat in the caller's hands: what is newest after it had to wait."""
    return await repository.waiting_in_chat(uow.connection, chat_id, known, limit)


async def record_deliveries(uow: UnitOfWork, deliveries: Sequence[Delivery]) -> int:
    """What became of chat rows. An older row never overwrites what a newer one shows. How many waiting rows were superseded."""
    return await repository.deliver(uow.connection, deliveries) if deliveries else 0


async def postpone_message(uow: UnitOfWork, row_id: int, *, delay: timedelta, error: str) -> None:
    """A chat row goes out no sooner than `delay` from now."""
    await repository.postpone(uow.connection, row_id, delay, error)


async def repeat_message(uow: UnitOfWork, *, chat_id: int, message_key: str, delay: timedelta) -> None:
    """Shows once more, after `delay`, what the message shows now: an older edit without an answer may still arrive. Nothing to do
    where a newer state waits or nothing was sent. Needs no lease: showing it again changes nothing."""
    await repository.repeat(uow.connection, chat_id, message_key, delay)


async def remember_message(uow: UnitOfWork, *, chat_id: int, message_key: str, telegram_message_id: int, row_id: int) -> None:
    """Records a message that arrived after the lease was lost, so that the next holder edits it. What is on record stays."""
    await repository.remember(uow.connection, chat_id, message_key, telegram_message_id, row_id)


async def claim_tasks(uow: UnitOfWork, *, older_than: timedelta, limit: int = 100) -> list[QueuedTask]:
    """Task rows not dispatched for `older_than`, locked until the unit of work ends. The relay claims, commits, publishes, then
    calls `mark_task_dispatched`: a crash in between publishes twice, which every task bears."""
    return await repository.claim_tasks(uow.connection, older_than, limit)


async def mark_task_dispatched(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """These tasks are on their queue."""
    if ids:
        await repository.mark_task_dispatched(uow.connection, ids)
