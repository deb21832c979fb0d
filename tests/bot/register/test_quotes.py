"""What is quoted for an entry: verbatim, and with the sentence that calls it off."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.register.entries import quote
from store.records import Mention, Section

PLANNED = "The conference was initially scheduled for 18-22 June 2024, in Kigali."
DAYS = {"start": date(2024, 6, 18), "end": date(2024, 6, 22)}


def section(text: str, heading: str = "Least developed") -> Section:
    return Section("report", "3.2", 0, 1, heading, text, text)


def mention(sentence: str = PLANNED, **changes: Any) -> Mention:
    facts: dict[str, Any] = {"precision": "day", "cue": "postponed", **DAYS} | changes
    return Mention("s1", "18-22 June 2024", sentence_start=0, sentence_end=len(sentence), **facts)


@pytest.mark.parametrize(
    "off",
    [
        "However, it has been postponed.",
        "The event was later rescheduled.",
        "It has since been cancelled.",
        "It could not be held and will no longer take place.",
    ],
)
def test_next_sentence_that_calls_the_event_off_is_quoted_too(off: str) -> None:
    text = f"{PLANNED} {off} New dates are awaited."
    assert quote(mention(), section(text)) == f"{PLANNED} {off}"


def test_sentence_that_calls_the_event_off_is_quoted_alone() -> None:
    off = "The conference of 18-22 June 2024 has been postponed."
    assert quote(mention(off), section(f"{off} Others were postponed too.")) == off


def test_scheduled_event_is_quoted_by_its_sentence_alone() -> None:
    text = f"{PLANNED} Another meeting was postponed."
    assert quote(mention(cue="planned"), section(text)) == PLANNED


def test_a_date_in_the_heading_is_quoted_by_the_heading() -> None:
    dated = Mention("s1", "2024", precision="year", sentence_start=0, sentence_end=0, **DAYS)  # type: ignore[arg-type]
    assert quote(dated, section("It goes on.", heading="Plans for 2024")) == "Plans for 2024"
