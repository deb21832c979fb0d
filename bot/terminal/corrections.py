"""The view of the list of corrections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from bot.register.date_format import day, day_range
from bot.register.repository import ListedCorrection
from bot.safe_text import visible
from bot.terminal.console import plain_table
from bot.terminal.deadlines import ID_LENGTH
from store.records import Correction


def corrections_json(listed: Sequence[ListedCorrection]) -> list[dict[str, Any]]:
    """Return what `itubot correct --json` prints without an ID; values that were not corrected are null."""
    return [
        {
            "id": one.id,
            "title": one.title,
            "source": one.source,
            "correction": {
                "title": one.correction.title,
                "kind": one.correction.kind,
                "start": one.correction.start.isoformat() if one.correction.start else None,
                "end": one.correction.end.isoformat() if one.correction.end else None,
                "status": one.correction.status,
                "no_event": one.correction.no_event,
            },
            "by": one.correction.by,
            "at": one.correction.at.isoformat(timespec="seconds"),
        }
        for one in listed
    ]


def corrections_view(listed: Sequence[ListedCorrection]) -> RenderableType:
    """Return the table of corrections."""
    if not listed:
        return Text("Nothing in the register is corrected.")
    entry, correction = Column("entry in the document", ratio=1), Column("correction", ratio=1)
    table = plain_table(Column("id", no_wrap=True), entry, correction, "by", Column("on", no_wrap=True))
    for one in listed:
        last = one.correction
        cells = (one.id[:ID_LENGTH], one.title, _new_values(last), last.by, day(last.at.date()))
        table.add_row(*(Text(visible(cell)) for cell in cells))
    return Group(table, "", Text("`itubot correct ID --undo` takes a correction back."))


def _new_values(correction: Correction) -> str:
    if correction.no_event:
        return "no event: taken out"
    days = day_range(correction.start, correction.end or correction.start) if correction.start else None
    parts = (correction.title and f"“{correction.title}”", correction.kind, days, correction.status)
    return ", ".join(part for part in parts if part)
