"""One line of a CSV file that spreadsheets open as data: RFC 4180, exact decimals, times in UTC, no cell that is a formula. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

Cell = str | Decimal | datetime | None
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""A text that begins so, blanks aside, may be taken for a formula (the wide signs too); one that begins with a control is no better."""
_CONTROLS = ("\t", "\r", "\n")
_QUOTED = frozenset('",\r\n')


def line(cells: Iterable[Cell]) -> bytes:
    """The cells in UTF-8, separated by commas, ended by CR LF.

    >>> line(["=1+1", Decimal("-1.50"), None])
    b"'=1+1,-1.5,\\r\\n"
    """
    return (",".join(_quoted(_text(cell)) for cell in cells) + "\r\n").encode()


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return exact(cell)
        case datetime():
            return cell.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"'{cell}" if cell.startswith(_CONTROLS) or cell.lstrip().startswith(_FORMULA) else cell


def exact(value: Decimal) -> str:
    """All digits, no exponent, no zeros at the end."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _quoted(text: str) -> str:
    if not _QUOTED.intersection(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
