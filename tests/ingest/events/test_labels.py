"""Labels are applied to the mentions that the rules found, as far as the text supports them."""

from __future__ import annotations

import re

import pytest

from ingest.events import dated_sections, extract_events, number_dates
from ingest.events.labels import Label, supported, words_of
from tests.ingest.scripted_labeller import DOCUMENT, section, shown, told

MEETS = "Working Party 7A will meet in Geneva on 14 May 2025. Contributions are due by 1 May 2025."


def test_every_expression_is_marked_in_its_place() -> None:
    (part,) = shown(MEETS, "Meetings of 2025")

    assert part.expressions[-2:] == ("14 May 2025", "1 May 2025")
    marks = re.findall(r"\[(\d+): ([^\]]+)\]", f"{part.heading} {part.text}")
    assert [(int(n), words) for n, words in marks] == list(enumerate(part.expressions, start=part.first))
    assert part.dated == "10 January 2025"


def test_a_heading_is_numbered_once() -> None:
    sections = [section(f"Item {n} is discussed.", "Monday, 22 June 2025", str(n)) for n in (1, 2)]

    assert [part.expressions for _, part in dated_sections(DOCUMENT, number_dates(DOCUMENT, sections))] == [
        ("Monday, 22 June 2025",)
    ]


def test_text_that_looks_like_a_mark_is_changed() -> None:
    (part,) = shown("See [2: 3 May 2025] below. It meets on 14 May 2025.")

    assert "(2: [1: 3 May 2025]" in part.text


def test_section_without_dates_is_not_labelled() -> None:
    assert shown("The hall has 600 seats.", "Hall") == []


def test_long_list_has_parts_with_continuing_numbers() -> None:
    lines = [f"Meeting {n} is held on {n % 27 + 1} May 2025." for n in range(80)]

    parts = shown("\n".join(lines))

    assert len(parts) > 1
    numbers = [n for part in parts for n in range(part.first, part.first + len(part.expressions))]
    assert numbers == list(range(1, 81))
    assert all(len(part.expressions) <= 30 for part in parts)
    assert "".join(part.text for part in parts).count("Meeting 41 ") == 1


def test_a_label_names_the_event() -> None:
    first, second = told(
        MEETS,
        Label(1, True, "Working Party 7A: meeting", "meeting", "Geneva"),
        Label(2, True, "Working Party 7A: deadline for contributions", "deadline"),
    )

    assert (first.title, first.kind, first.location) == ("Working Party 7A: meeting", "meeting", "Geneva")
    assert (second.title, second.kind) == ("Working Party 7A: deadline for contributions", "deadline")
    assert (second.mentions[0].bound, str(second.mentions[0].start)) == ("by", "2025-05-01")


def test_mentions_without_a_label_stay() -> None:
    own = section(MEETS)
    by_rules = extract_events(DOCUMENT, number_dates(DOCUMENT, [own]))

    assert told(MEETS, Label(9, False), Label(0, True, "Ghost"), Label(-1, False)) == by_rules
    assert told(MEETS, Label(1, False)) == by_rules[1:]


def test_label_makes_an_event_of_a_rejected_date() -> None:
    text = "The letter of 3 March 2025 was received."

    assert extract_events(DOCUMENT, number_dates(DOCUMENT, [section(text)])) == []
    (event,) = told(text, Label(1, True, "Letter received", "milestone", outcome="done"))
    assert (event.title, event.mentions[0].cue, str(event.mentions[0].start)) == (
        "Letter received",
        "done",
        "2025-03-03",
    )
    assert text[event.mentions[0].sentence_start : event.mentions[0].sentence_end] == text


@pytest.mark.parametrize("heading", ["Monday, 22 June 2025", "SDG Digital 2024"])
def test_a_date_of_a_heading_is_labelled_too(heading: str) -> None:
    text = "SDG Digital brings leaders together."

    assert told(text, Label(1, False), heading=heading) == []
    (event,) = told(text, Label(1, True, "SDG Digital: leaders", "meeting"), heading=heading)
    assert event.title == "SDG Digital: leaders"


@pytest.mark.parametrize(
    ("outcome", "cue", "tentative"),
    [
        ("planned", "planned", False),
        ("done", "done", False),
        ("postponed", "postponed", False),
        ("cancelled", "cancelled", False),
        ("proposed", "planned", True),
    ],
)
def test_the_outcome_is_kept_as_a_cue(outcome: str, cue: str, tentative: bool) -> None:
    event = told(MEETS, Label(1, True, "Working Party 7A", "meeting", None, outcome))[0]  # type: ignore[arg-type]

    assert (event.mentions[0].cue, event.mentions[0].tentative) == (cue, tentative)


def test_place_that_is_not_in_the_text_is_dropped() -> None:
    assert told(MEETS, Label(1, True, "Working Party 7A", "meeting", "Atlantis"))[0].location == "Geneva"
    assert told(MEETS, Label(1, True, "Working Party 7A", "meeting", None))[0].location is None


def test_replaced_date_is_postponed_and_has_the_new_ones_title() -> None:
    text = "The workshop on 5 May 2025 is now on 9 June 2025."
    labels = [Label(1, False), Label(2, True, "Workshop of Working Party 7A", "meeting", replaces=1)]

    old, new = told(text, *labels)

    assert [e.title for e in (old, new)] == ["Workshop of Working Party 7A"] * 2
    assert (old.mentions[0].cue, new.mentions[0].cue) == ("postponed", "planned")


def test_date_made_more_precise_stays_valid() -> None:
    text = "The workshop planned for June 2025 is now on 12 June 2025."
    labels = [Label(1, True, "Workshop", "meeting"), Label(2, True, "Workshop", "meeting", replaces=1)]

    (event,) = told(text, *labels)

    assert [(m.text, m.cue) for m in event.mentions] == [
        ("12 June 2025", "planned"),
        ("June 2025", "planned"),
    ]


def test_replacements_in_a_circle_end() -> None:
    text = "The workshop on 5 May 2025 is now on 9 June 2025, perhaps on 10 July 2025."
    labels = [Label(n, True, "Workshop", "meeting", replaces=old) for n, old in ((1, 3), (2, 1), (3, 2))]

    cues = [event.mentions[0].cue for event in told(text, *labels, Label(9, True, replaces=9))]

    assert cues.count("postponed") == 2


@pytest.mark.parametrize(
    ("title", "fits"),
    [
        ("Working Party 7A: deadline for contributions", True),
        ("Deadline for Contributions to Working Party 7A", True),
        ("Meeting of Working Party 7A, May 2025", True),
        ("Meeting of Working Party 7B", False),
        ("Working Party 7A, 2026", False),
        ("Microsoft: contributions due", False),
        ("WP 7A: contributions due", False),
        ("free lunch for everybody", False),
        ("contributions: see www.example.com", False),
        ("contributions " * 20, False),
        ("", False),
    ],
)
def test_title_with_names_of_the_text_is_accepted(title: str, fits: bool) -> None:
    assert supported(title, words_of(f"{MEETS} {DOCUMENT.title}")) is fits


def test_title_with_invented_names_is_rejected() -> None:
    (by_rules, _) = extract_events(DOCUMENT, number_dates(DOCUMENT, [section(MEETS)]))

    assert told(MEETS, Label(1, True, "Summit of Paris 2031", "meeting"))[0].title == by_rules.title
