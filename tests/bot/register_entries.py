"""Entries of a register, made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.register import EntryMention, RegisterEntry

AS_OF = date(2024, 5, 1)

_BLANK = RegisterEntry(
    id="",
    chain_id="",
    title="",
    kind="meeting",
    precision="day",
    status="scheduled",
    likely_past=False,
    rescheduled_to=None,
    location=None,
    document="Report on engagement",
    mentions=(EntryMention("report.txt", "1.1", "", None, None, ""),),
)


def entry(title: str, start: str | None = None, end: str | None = None, **changes: object) -> RegisterEntry:
    """Make an entry; its id and chain come from the title, its one mention from its quote."""
    key = title.lower().replace(" ", "-")
    first = date.fromisoformat(start) if start else None
    last = date.fromisoformat(end) if end else first
    source, section = changes.pop("source", "report.txt"), changes.pop("section", "1.1")
    quote = changes.pop("quote", f"The {title} is announced here.")
    fields: dict[str, object] = {
        "id": f"e-{key}",
        "chain_id": f"c-{key}",
        "title": title,
        "start": first,
        "end": last,
        "mentions": (EntryMention(source, section, "", first, last, quote),),  # type: ignore[arg-type]
    }
    return replace(_BLANK, **(fields | changes))  # type: ignore[arg-type]


def spring() -> list[RegisterEntry]:
    """A register like that of a report of late April 2024: every group has somebody in it."""
    return [
        entry("Summit of the Future", "2024-09-22", "2024-09-23", section="2.2", location="New York"),
        entry("Zero Draft released", "2024-04-01", kind="publication", status="past", section="2.6"),
        entry("Written inputs", "2024-02-12", kind="deadline", bound="by", status="past", year_inferred=True),
        entry(
            "UN Civil Society Conference",
            "2024-05-09",
            "2024-05-10",
            location="Nairobi",
            section="2.3",
            year_inferred=True,
        ),
        entry("WSIS Forum", "2024-05-01", "2024-05-31", precision="month", section="2.14"),
        entry("SIDS4", "2024-05-27", "2024-05-30", location="Antigua and Barbuda", section="3.1"),
        entry(
            "LLDC Conference",
            "2024-06-18",
            "2024-06-22",
            status="postponed",
            location="Kigali, Rwanda",
            section="3.2",
        ),
        entry(
            "Advisory Body recommendations",
            "2024-06-01",
            "2024-08-31",
            kind="deadline",
            bound="by",
            precision="season",
            approximate=True,
            section="2.9",
        ),
        entry("Global DPI Summit", "2024-01-01", "2024-12-31", precision="year", section="7"),
        entry("Annual Dialogue on AI", precision="none", status="unknown", recurrence="P1Y", section="2.6"),
        entry("Expert consultation", "2024-04-29", "2024-05-03", location="Geneva", section="2.7"),
        entry("Comments on the draft", "2024-05-15", kind="deadline", bound="by", section="2.8"),
    ]
