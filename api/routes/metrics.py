"""GET /metrics: the Prometheus page over all processes."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Response

from core.config.metrics import CONTENT_TYPE, render

router = APIRouter()


@router.get("/metrics")
async def metrics() -> Response:
    """Read from the shared files in a thread: there may be many."""
    return Response(await asyncio.to_thread(render), media_type=CONTENT_TYPE)
