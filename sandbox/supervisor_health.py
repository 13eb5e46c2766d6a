"""Asks a desk's `/health`. Called by the supervisor while it waits, and by `make health`."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit


def read_health(address: str, timeout_s: float = 2) -> tuple[int, dict[str, Any]]:
    """Status and body of GET /health; status 0 when nobody answers."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=timeout_s)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        body: dict[str, Any] = json.loads(answer.read())
    except (OSError, ValueError, http.client.HTTPException):
        return 0, {}
    finally:
        connection.close()
    return answer.status, body


def ask_health(address: str) -> tuple[bool, str]:
    """Whether the desk is ready; if not, the names of the parts that are missing."""
    status, body = read_health(address)
    if status == 200:
        return True, ""
    parts = body.get("parts", {})
    missing = [name for name, part in parts.items() if part.get("state") != "ok"]
    return False, ", ".join(missing) or "the HTTP door"
