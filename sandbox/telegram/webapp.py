"""Launching mini apps as Telegram does: initData with HMAC `hash` and Ed25519 `signature`, and the address with its fragment.

Used by the control interface (for the page). The Ed25519 key is the sandbox's own, kept in the state: verifiers need its public half.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sandbox.telegram.accounts import BotAccount
from sandbox.telegram.state import State
from sandbox.telegram.store import Json, Store, dump

_KEY_FACT = "web_app_signing_key"
VERSION = "9.1"


def signing_key(store: Store) -> Ed25519PrivateKey:
    """The sandbox's key; made on first use."""
    known = store.fact(_KEY_FACT)
    if known:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(known))
    key = Ed25519PrivateKey.generate()
    with store.transaction():
        store.set_fact(_KEY_FACT, key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()).hex())
    return key


def public_key_hex(store: Store) -> str:
    """What a verifier of `signature` has to know, as Telegram publishes its own: 32 bytes in hexadecimal."""
    return signing_key(store).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def _check_string(values: dict[str, str], without: tuple[str, ...]) -> str:
    return "\n".join(f"{key}={values[key]}" for key in sorted(values) if key not in without)


def sign(values: dict[str, str], token: str, key: Ed25519PrivateKey) -> dict[str, str]:
    """`values` with `signature` (over the bot id and all fields) and `hash` (HMAC by the bot token over all fields and the signature)."""
    bot_id = token.partition(":")[0]
    message = f"{bot_id}:WebAppData\n{_check_string(values, ('hash', 'signature'))}"
    signature = base64.urlsafe_b64encode(key.sign(message.encode())).decode().rstrip("=")
    signed = values | {"signature": signature}
    secret = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return signed | {"hash": hmac.new(secret, _check_string(signed, ("hash",)).encode(), hashlib.sha256).hexdigest()}


def init_data(state: State, bot: BotAccount, user: Json, *, with_query: bool, start_param: str = "") -> str:
    """initData for one launch; with `with_query` the bot may answer it once by answerWebAppQuery."""
    shown = {key: value for key, value in user.items() if key != "is_bot"} | {"allows_write_to_pm": True}
    values = {"user": dump(shown), "auth_date": str(int(state.now()))}
    if with_query:
        with state.store.transaction():
            query_id = f"AA{bot.id}Q{state.store.next_value('web_app_query')}"
            state.store.set_fact(f"web_app_query:{query_id}", dump({"bot_id": bot.id, "user_id": user["id"]}))
        values["query_id"] = query_id
    if start_param:
        values["start_param"] = start_param
    return urlencode(sign(values, bot.token, signing_key(state.store)), quote_via=quote)


def launch_url(url: str, data: str, theme: Json) -> str:
    """The address of the iframe: the app's own with Telegram's fragment."""
    base, _, fragment = url.partition("#")
    launch = urlencode(
        {"tgWebAppData": data, "tgWebAppVersion": VERSION, "tgWebAppPlatform": "web", "tgWebAppThemeParams": dump(theme)}, quote_via=quote
    )
    return f"{base}#{fragment + '&' if fragment else ''}{launch}"
