"""How a bot gets its updates: long polling and the webhook's settings. Delivery to webhooks is in `webhooks`."""

from __future__ import annotations

from urllib.parse import urlsplit

from sandbox.telegram.errors import bad_request, conflict
from sandbox.telegram.methods.call import Call, Handler
from sandbox.telegram.store import Json

_LOCAL = {"127.0.0.1", "localhost", "::1"}


class AnswerLost(Exception):
    """A fault: what was asked for is done, its answer never arrives."""


class Polls:
    """One poll a bot: a newer one ends the older with 409, as at Telegram."""

    def __init__(self) -> None:
        self._generation: dict[int, int] = {}
        self.closing = False

    async def poll(self, call: Call) -> list[Json]:
        """getUpdates."""
        state, bot_id = call.state, call.bot.id
        if call.bot.webhook.get("url"):
            raise conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
        generation = self._generation[bot_id] = self._generation.get(bot_id, 0) + 1
        state.signals.wake(f"updates:{bot_id}")
        limit = min(max(call.parameters.integer("limit", 100), 1), 100)
        deadline = state.now() + min(max(call.parameters.integer("timeout"), 0), state.settings.long_poll_max_s)
        _prepare(call)
        while True:
            if self._generation[bot_id] != generation:
                raise conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
            found = _take(call, limit)
            remaining = deadline - state.now()
            if found or remaining <= 0 or self.closing:
                return found
            await state.signals.wait(f"updates:{bot_id}", min(remaining, state.updates.next_due_in(bot_id)))


def _prepare(call: Call) -> None:
    """Confirm what lies below the offset and remember the wanted types."""
    offset = call.parameters.integer("offset")
    with call.state.store.transaction():
        if offset > 0:
            call.state.updates.confirm(call.bot.id, offset)
        elif offset < 0:
            call.state.updates.keep_last(call.bot.id, -offset)
        allowed = call.parameters.json("allowed_updates")
        if allowed is not None and list(allowed) != call.bot.allowed:
            call.state.accounts.change_bot(call.bot.id, allowed=list(allowed))


def _take(call: Call, limit: int) -> list[Json]:
    updates = call.state.updates
    pending = updates.due(call.bot.id, limit)
    if not pending:
        return []
    dropped = any(each.fault == "drop" and each.attempts == 0 for each in pending)
    with call.state.store.transaction():
        for each in pending:
            updates.attempted(each)
    if dropped:
        raise AnswerLost
    return [each.update() for each in pending]


def set_webhook(call: Call) -> bool:
    """setWebhook; an empty address removes it."""
    parameters = call.parameters
    url = parameters.text("url")
    if not url:
        return delete_webhook(call)
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    secret = parameters.text("secret_token")
    if secret and not (len(secret) <= 256 and all(character.isalnum() or character in "_-" for character in secret) and secret.isascii()):
        raise bad_request("secret token contains unallowed characters")
    if parameters.boolean("drop_pending_updates"):
        call.state.updates.forget_all(call.bot.id)
    webhook = {"url": url, "secret_token": secret, "max_connections": min(max(parameters.integer("max_connections", 40), 1), 100)}
    allowed = parameters.json("allowed_updates")
    call.state.accounts.change_bot(call.bot.id, webhook=webhook, **({} if allowed is None else {"allowed": list(allowed)}))
    call.state.updates.wake(call.bot.id)
    call.state.store.on_commit(lambda: call.state.signals.wake("webhooks"))
    return True


def delete_webhook(call: Call) -> bool:
    """deleteWebhook."""
    if call.parameters.boolean("drop_pending_updates"):
        call.state.updates.forget_all(call.bot.id)
    call.state.accounts.change_bot(call.bot.id, webhook={})
    call.state.store.on_commit(lambda: call.state.signals.wake("webhooks"))
    call.state.updates.wake(call.bot.id)
    return True


def get_webhook_info(call: Call) -> Json:
    """getWebhookInfo."""
    webhook = call.bot.webhook
    info: Json = {
        "url": webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": call.state.updates.count(call.bot.id),
    }
    if webhook:
        info["max_connections"] = webhook["max_connections"]
    if webhook.get("last_error_date"):
        info |= {key: webhook[key] for key in ("last_error_date", "last_error_message")}
    return info | ({"allowed_updates": call.bot.allowed} if call.bot.allowed else {})


METHODS: dict[str, Handler] = {"setWebhook": set_webhook, "deleteWebhook": delete_webhook, "getWebhookInfo": get_webhook_info}
