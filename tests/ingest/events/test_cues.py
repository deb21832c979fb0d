"""What the wording says of an event's state: its own clause only."""

from __future__ import annotations

import pytest

from tests.ingest.events.papers import events, only


@pytest.mark.parametrize(
    ("sentence", "cue"),
    [
        ("The Regional Forum was held on 5 February 2025.", "done"),
        ("The Regional Forum will be held on 5 May 2025.", "planned"),
        ("The Regional Forum planned for 20 March 2025 has been cancelled.", "cancelled"),
        ("The Regional Forum, due on 5 May 2025, has been postponed.", "postponed"),
        ("The Regional Forum was initially scheduled for 5 May 2025. However, this has now been "
         "postponed.", "postponed"),
        ("The Regional Forum will be held on 5 May 2025 and has not been postponed.", "planned"),
        ("The Regional Forum of 14-16 May 2025 will no longer take place.", "cancelled"),
        ("The Regional Forum was not held in March 2026.", "cancelled"),
        ("The Regional Forum did not take place in March 2026. It has been moved.", "postponed"),
        ("The Regional Forum of 5 May 2025 is cancelled and will not be rescheduled.", "cancelled"),
        ("From 5 May 2025 the new system replaces the old Regional Forum.", None),
        ("The Regional Forum will not be held until 5 May 2025.", "planned"),
        ("The postponement of the Regional Forum of 5 May 2025 was announced.", "postponed"),
        ("The Regional Forum of 5 May 2025 has been removed from the programme.", "cancelled"),
        ("The deadline of 5 May 2025 is no longer valid.", "postponed"),
        ("The offer for the Regional Forum of 5 May 2025 was withdrawn.", "cancelled"),
        ("The Bank having withdrawn, the Regional Forum will be held on 5 May 2025.", "planned"),
    ],
)  # fmt: skip
def test_cue(sentence: str, cue: str | None) -> None:
    assert only(sentence).mentions[0].cue == cue


def test_cue_does_not_apply_to_the_next_sentence() -> None:
    declaration, workshop = events(
        "The declaration closes on 31 October 2025. The workshop planned for 18 June 2025 has been cancelled."
    )
    assert declaration.mentions[0].cue != "cancelled"
    assert workshop.mentions[0].cue == "cancelled"


def test_cue_does_not_apply_across_a_semicolon() -> None:
    africa, old, new = events(
        "The African Forum is on 4 April 2025; the Asian Forum, which was to have been held on 5 May 2025, is "
        "postponed to 6 June 2025."
    )
    assert [one.mentions[0].cue for one in (africa, old, new)] == [None, "postponed", "planned"]


def test_cue_applies_to_the_date_of_its_line() -> None:
    event = only("The list:\n- Workshop on emergency telecommunications, Suva: 4–6 March 2026 – cancelled")
    assert event.mentions[0].cue == "cancelled"


@pytest.mark.parametrize(
    "sentence",
    [
        "The Giga Forum, originally scheduled for 5-7 May 2025 in Geneva, has been postponed to 8-10 September 2025.",
        "The Giga Forum has been moved from 5-7 May 2025 to 8-10 September 2025.",
        "The Giga Forum, which had been announced for 5-7 May 2025, will open on 8-10 September 2025.",
        "The Giga Forum will not be held on 5-7 May 2025 but on 8-10 September 2025.",
        "· Giga Forum: originally 5-7 May 2025, now 8-10 September 2025",
        "The Giga Forum could not be held on 5-7 May 2025 as first planned, and will now take place "
        "from 8 to 10 September 2025.",
        "The Giga Forum, which was to have met on 5-7 May 2025, will do so on 8-10 September 2025 instead.",
        "The deadline for the Giga Forum, which had been set at 5-7 May 2025, has been extended "
        "until 8-10 September 2025.",
    ],
)
def test_moved_event_has_an_old_and_a_new_date_with_one_title(sentence: str) -> None:
    old, new = sorted(events(sentence), key=lambda e: str(e.mentions[0].start))
    assert (old.mentions[0].cue, new.mentions[0].cue) == ("postponed", "planned")
    assert old.title == new.title


@pytest.mark.parametrize(
    ("text", "tentative"),
    [
        ("It is proposed to hold the Giga Forum from 5 to 7 May 2025.", True),
        ("The Giga Forum is tentatively scheduled for 5 May 2025.", True),
        ("· Giga Forum: 5-7 May 2025 (to be confirmed)", True),
        ("· Giga Forum: [5-7 May 2025]", True),
        ("Meeting: Giga Forum; Proposed dates: 5-7 May 2025", True),
        ("The Giga Forum will be held from 5 to 7 May 2025.", False),
        ("Proposals for the Giga Forum must arrive by 5 May 2025.", False),
    ],
)
def test_proposed_date_is_tentative(text: str, tentative: bool) -> None:
    assert only(text).mentions[0].tentative is tentative


def test_what_is_moved_to_a_scheduled_meeting_is_planned() -> None:
    event = only("The Council deferred the report to its session scheduled for 5 May 2025.")
    assert event.mentions[0].cue == "planned"


@pytest.mark.parametrize(
    ("sentence", "tentative"),
    [
        ("The Regional Forum could be held on 5 May 2025.", [True]),
        ("The Regional Forum could take place only on 5 May 2025.", [False]),
        ("If it rains, the Regional Forum may be moved to 5 May 2025.", [True]),
        ("Delegations expressed a preference for 5 May 2025.", [True]),
        ("The Bureau recommends holding the Regional Forum on 5 May 2025.", [True]),
        ("The Regional Forum will be held either on 5 May 2025 or on 12 June 2025.", [True, True]),
        ("It is proposed to examine it at the next Regional Forum, which will be held on 5 May 2025.", [False]),
        ("It is proposed to hold the Regional Forum on 5 May 2025; the place is to be confirmed by letter no later "
         "than 12 April 2025.", [True, False]),
        ("List of meetings:\n- 5 May 2025: Regional Forum (provisional dates)", [True]),
        ("The provisional agenda of the Regional Forum will be published on 5 May 2025.", [False]),
    ],
)  # fmt: skip
def test_date_that_is_only_proposed(sentence: str, tentative: list[bool]) -> None:
    assert [m.tentative for event in events(sentence) for m in event.mentions] == tentative
