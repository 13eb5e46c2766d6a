"""GET /verify/CODE: what a card with this code says, for whoever holds one. HTML for people, JSON for programs that ask for it.

Open to everybody and tells what the card tells, never whose it is. Must never show anything that is not on the card.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from api.deps import Own
from api.errors import respond
from core.db.unit_of_work import unit_of_work
from core.portfolio.cards import Card, verify_card

router = APIRouter()

LABELS: Mapping[str, str] = {
    "symbol": "Position",
    "venue": "Venue",
    "change_percent": "Change, fees included, %",
    "average_cost": "Average cost",
    "price": "Price",
    "value": "Value",
    "unrealized": "Open profit",
    "quote": "Currency",
    "price_source": "Price from",
    "price_at": "Price at",
    "issued_at": "Issued at",
}
"""Every figure a card may have, in the order in which it is shown."""

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>body{{font:16px system-ui;max-width:32rem;margin:2rem auto;padding:0 1rem}}td{{padding:.3rem .8rem .3rem 0}}
td+td{{font-variant-numeric:tabular-nums}}@media(prefers-color-scheme:dark){{body{{background:#17212b;color:#f5f5f5}}}}</style></head>
<body><h1>{title}</h1><p>{text}</p><table>{rows}</table></body></html>"""


@router.get("/verify/{code}")
async def verify(code: str, request: Request, own: Own) -> Response:
    """200 with the figures the card was issued with; 404 where this desk issued no such card."""
    async with unit_of_work(await own.database.get()) as uow:
        card = await verify_card(uow, own.settings.card_secret, code)
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse(body_of(card), headers=_HEADERS) if card else respond(404, "not_found")
    return HTMLResponse(page_of(card), status_code=200 if card else 404, headers=_HEADERS)


def body_of(card: Card) -> dict[str, Any]:
    """The answer to a program."""
    return {"code": card.code, "figures": {name: card.figures[name] for name in LABELS if name in card.figures}}


def page_of(card: Card | None) -> str:
    """The answer to a person."""
    if card is None:
        return _PAGE.format(
            title="Not a card of this desk", text="No card with this code was issued here. Check it letter by letter.", rows=""
        )
    shown = ((LABELS[name], str(card.figures[name])) for name in LABELS if name in card.figures)
    rows = "".join(f"<tr><td>{html.escape(label)}</td><td>{html.escape(value)}</td></tr>" for label, value in shown)
    paper = " The venue is paper: simulated trading." if card.figures.get("venue") == "paper" else ""
    return _PAGE.format(title="A card of this desk", text=f"Code {card.code}: issued here, with these figures.{paper}", rows=rows)
