"""Answers to taps: answerCallbackQuery, and answerWebAppQuery."""

from __future__ import annotations

from sandbox.telegram.errors import bad_request
from sandbox.telegram.methods.call import Call, Handler
from sandbox.telegram.store import Json, dump, load
from sandbox.telegram.texts import message_text

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def answer_callback_query(call: Call) -> bool:
    """answerCallbackQuery: once, in time, by the bot that got the query."""
    parameters, store, now = call.parameters, call.state.store, call.state.now()
    row = store.one("SELECT * FROM callback_queries WHERE id = ? AND bot_id = ?", parameters.text("callback_query_id"), call.bot.id)
    if row is None or row["answered_at"] is not None or now - row["created_at"] > call.state.settings.callback_ttl_s:
        raise bad_request(TOO_OLD)
    text = parameters.text("text")
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = {"text": text, "show_alert": parameters.boolean("show_alert"), "url": parameters.text("url")}
    store.run("UPDATE callback_queries SET answered_at = ?, answer = ? WHERE id = ?", now, dump(answer), row["id"])
    call.chat_id, call.message_id = row["chat_id"], row["message_id"]
    toast = answer | {"callback_query_id": row["id"], "user_id": row["user_id"], "data": row["data"]}
    call.state.journal.record("toast", call.bot.id, toast, chat_id=row["chat_id"], message_id=row["message_id"])
    return True


def answer_web_app_query(call: Call) -> Json:
    """answerWebAppQuery: the mini app's result appears in the chat as the user's message, once."""
    query_id = call.parameters.text("web_app_query_id")
    known = load(call.state.store.fact(f"web_app_query:{query_id}"))
    if not known or known["bot_id"] != call.bot.id or known.get("used"):
        raise bad_request(TOO_OLD)
    result = call.parameters.json("result") or {}
    content = result.get("input_message_content") or {}
    text = message_text(str(content.get("message_text", "")), str(content.get("parse_mode") or ""), content.get("entities"))
    call.state.store.set_fact(f"web_app_query:{query_id}", dump(known | {"used": True}))
    user = call.state.accounts.user(known["user_id"]) or {}
    chat = call.state.accounts.known_chat(known["user_id"])
    stored = call.state.write(call.bot.id, user["id"], text | {"via_bot": call.bot.user()}, chat, None, user)
    call.chat_id, call.message_id = stored.chat_id, stored.message_id
    return {"inline_message_id": f"sandbox-{call.bot.id}-{stored.message_id}"}


METHODS: dict[str, Handler] = {"answerCallbackQuery": answer_callback_query, "answerWebAppQuery": answer_web_app_query}
