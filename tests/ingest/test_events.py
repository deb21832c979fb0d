"""Events of sentences as UN and ITU papers write them: title, kind, dates, place, state."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.events import extract_events
from store.records import Document, Event, Section

PAPER = Document("C25/9", "paper.txt", "Report on the work of the Union", date=date(2025, 3, 10))


def events(*texts: str, heading: str = "Activities", document: Document = PAPER) -> list[Event]:
    sections = [
        Section(document.id, str(number), number, number, heading, text, text)
        for number, text in enumerate(texts, 1)
    ]
    return extract_events(document, sections)


def only(*texts: str, heading: str = "Activities", document: Document = PAPER) -> Event:
    found = events(*texts, heading=heading, document=document)
    assert len(found) == 1, [(e.title, e.mentions[0].start) for e in found]
    return found[0]


@pytest.mark.parametrize(
    ("sentence", "title", "kind", "start"),
    [
        (
            "The World Telecommunication Standardization Assembly (WTSA-24) was held "
            "in New Delhi, India, from 15 to 24 October 2024.",
            "World Telecommunication Standardization Assembly (WTSA-24)", "meeting", "2024-10-15",
        ),
        (
            "The next meeting of the Council Working Group on Child Online Protection will take place on 12 June 2025.",
            "Meeting of the Council Working Group on Child Online Protection", "meeting", "2025-06-12",
        ),
        (
            "ITU will host the AI for Good Global Summit from 8 to 11 July 2025 in Geneva.",
            "AI for Good Global Summit", "meeting", "2025-07-08",
        ),
        (
            "The Bureau organized a webinar on e-waste on 14 October 2024 in collaboration with UNEP.",
            "Webinar on e-waste", "meeting", "2024-10-14",
        ),
        (
            "The High-Level Political Forum (HLPF), to be convened from 14 to 23 July "
            "2025 under the auspices of ECOSOC, will review SDG 9.",
            "High-Level Political Forum (HLPF)", "meeting", "2025-07-14",
        ),
        (
            "At its session held in Geneva from 7 to 11 April 2025, the Commission on "
            "Science and Technology for Development reviewed progress.",
            "Commission on Science and Technology for Development session", "meeting", "2025-04-07",
        ),
        (
            "ITU-D Study Group 1 met in Geneva from 21 to 25 October 2024.",
            "ITU-D Study Group 1 meeting", "meeting", "2024-10-21",
        ),
        (
            "The Council discussed this in its July 2023 meeting.", "Council meeting", "meeting", "2023-07-01",
        ),
        (
            "An expert group meeting was convened in Addis Ababa on 4 and 5 February 2025 to discuss the review.",
            "Expert group meeting", "meeting", "2025-02-04",
        ),
        (
            "The Global Cybersecurity Index 2024 was published in September 2024.",
            "Global Cybersecurity Index 2024 published", "publication", "2024-09-01",
        ),
        (
            "The Commission published its State of Broadband report in September 2024.",
            "Commission State of Broadband report published", "publication", "2024-09-01",
        ),
        (
            "The Digital Skills Toolkit will be launched in the second quarter of 2025.",
            "Digital Skills Toolkit: launch", "publication", "2025-04-01",
        ),
        (
            "The new Radio Regulations entered into force on 1 January 2025.",
            "New Radio Regulations entry into force", "milestone", "2025-01-01",
        ),
        ("The Council approved the budget on 22 December 2023.", "Budget approved", "milestone", "2023-12-22"),
        (
            "Member States are invited to submit their contributions no later than 30 "
            "April 2025.", "Contributions", "deadline", "2025-04-30"),
        ("Contributions should reach the secretariat by 14 May 2025.", "Contributions", "deadline", "2025-05-14"),
        ("The deadline for the submission of nominations is 2 May 2025.", "Nominations", "deadline", "2025-05-02"),
        (
            "Candidatures must be received by 17:00 hours (Geneva time) on Friday, 9 "
            "May 2025.", "Candidatures", "deadline", "2025-05-09"),
        (
            "The mandate of the working group expires on 31 December 2025.",
            "Mandate of the working group expires", "deadline", "2025-12-31",
        ),
        ("· Abstracts: 15 March 2025", "Abstracts", "deadline", "2025-03-15"),
        (
            "· 9 – 13 March 2026: Executive Committee of the Coalition, Geneva",
            "Executive Committee of the Coalition", "milestone", "2026-03-09",
        ),
    ],
)  # fmt: skip
def test_what_a_sentence_dates(sentence: str, title: str, kind: str, start: str) -> None:
    found = only(sentence)
    assert (found.title, found.kind, str(found.mentions[0].start)) == (title, kind, start)


@pytest.mark.parametrize(
    "sentence",
    [
        "Within the allocated budget 2024-2025.",
        "Since 2018, the platform has grown to 30 000 members.",
        "The Permanent Mission informed the Secretariat by note verbale dated 4 March 2025.",
        "Given that 2024 is a critical year for the UN, many discussions are underway.",
        "The 78th session will follow A/RES/76/307 and C24/67.",
        "Member States may wish to note this report.",
        "The strategic plan for 2024-2027 was presented.",
        "Geneva, 10 March 2025",
        "The 2030 Agenda recognizes the role of ICTs.",
        "A ten-year programme of action was agreed.",
    ],
)
def test_what_is_no_event(sentence: str) -> None:
    assert events(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "place"),
    [
        (
            "The Conference on Financing will be held in Seville, Spain, from 30 June to 3 July 2025.",
            "Seville, Spain",
        ),
        ("The Steering Committee meeting on 9 May 2025 in Nairobi will review it.", "Nairobi"),
        (
            "The Workshop on Submarine Cables, Abuja, Nigeria, 26-27 February 2025, was full.",
            "Abuja, Nigeria",
        ),
        (
            "The Policy Forum took place from 11 to 24 March 2024, in New York, with 900 delegates.",
            "New York",
        ),
        ("The Steering Committee meeting will be held on 9 May 2025.", None),
    ],
)
def test_place(sentence: str, place: str | None) -> None:
    assert only(sentence).location == place


@pytest.mark.parametrize(
    ("sentence", "cue"),
    [
        ("The Regional Forum was held on 5 February 2025.", "done"),
        ("The Regional Forum will be held on 5 May 2025.", "planned"),
        ("The Regional Forum planned for 20 March 2025 has been cancelled.", "cancelled"),
        ("The Regional Forum, due on 5 May 2025, has been postponed.", "postponed"),
        (
            "The Regional Forum was initially scheduled for 5 May 2025. However, this has now been postponed.",
            "postponed",
        ),
        ("The Regional Forum will be held on 5 May 2025 and has not been postponed.", "planned"),
        ("The Regional Forum of 14-16 May 2025 will no longer take place.", "cancelled"),
    ],
)
def test_cue(sentence: str, cue: str) -> None:
    assert only(sentence).mentions[0].cue == cue


@pytest.mark.parametrize(
    "sentence",
    [
        "The Giga Forum, originally scheduled for 5-7 May 2025 in Geneva, has been postponed to 8-10 September 2025.",
        "The Giga Forum has been moved from 5-7 May 2025 to 8-10 September 2025.",
        "· Giga Forum: originally 5-7 May 2025, now 8-10 September 2025",
    ],
)
def test_what_is_moved_has_an_old_and_a_new_date(sentence: str) -> None:
    old, new = events(sentence)
    assert [(old.title, old.mentions[0].cue), (new.title, new.mentions[0].cue)] == [
        ("Giga Forum", "postponed"),
        ("Giga Forum", "planned"),
    ]
    assert new.mentions[0].start == date(2025, 9, 8)


def test_mentions_fold_into_one_and_the_most_precise_date_leads() -> None:
    found = only(
        "In the lead up to the Summit of the Future 2024, ITU follows the process.",
        "The Summit of the Future will be held on 22-23 September 2024.",
        "ITU plans a side event before the Summit of the Future in September 2024.",
    )
    assert found.title == "Summit of the Future"
    assert [str(m.start) for m in found.mentions] == ["2024-09-22", "2024-09-01", "2024-01-01"]


def test_editions_do_not_fold() -> None:
    found = events(
        "The WSIS Forum in May 2024 was useful.",
        "The WSIS Forum in 2025 could support it.",
        "CSW67 in 2023 and CSW68 in March 2024.",
    )
    assert len(found) == 4


def test_a_bare_noun_is_what_it_points_to() -> None:
    found = events(
        "The Global Dialogue on Standards has been prepared. The Dialogue will open on 12 May 2025."
    )
    assert [e.title for e in found] == ["Global Dialogue on Standards"]


def test_what_points_to_nothing_is_no_event() -> None:
    assert events("The event will be held on 12 May 2025.") == []


def test_a_distance_is_reckoned_from_the_meeting_of_the_paragraph() -> None:
    found = events(
        "The Plenary Conference will open on 9 November 2026. "
        "Proposals shall be submitted at least two months before the opening of the Conference."
    )
    deadline = next(e for e in found if e.kind == "deadline")
    assert (deadline.title, deadline.mentions[0].start, deadline.mentions[0].bound) == (
        "Proposals",
        date(2026, 9, 9),
        "by",
    )


def test_a_distance_from_nothing_has_no_date() -> None:
    found = only("The Secretary-General shall submit proposals within 12 months of the adoption.")
    assert (found.kind, found.mentions[0].start) == ("deadline", None)


def test_a_recurrence_has_no_date() -> None:
    found = only("It proposes an Annual Global Dialogue on AI.")
    assert (found.title, found.mentions[0].start, found.mentions[0].recurrence) == (
        "Annual Global Dialogue on AI",
        None,
        "P1Y",
    )


def test_what_is_called_off_without_a_date_is_kept() -> None:
    found = only("The Giga Connectivity Forum has been postponed and new dates will be announced.")
    assert (found.title, found.mentions[0].start, found.mentions[0].cue) == (
        "Giga Connectivity Forum",
        None,
        "postponed",
    )


def test_the_sentence_of_a_mention_is_verbatim() -> None:
    text = "First things first. The Regional Forum will be held on 5 May 2025. More follows."
    mention = only(text).mentions[0]
    assert (
        text[mention.sentence_start : mention.sentence_end]
        == "The Regional Forum will be held on 5 May 2025."
    )


def test_ids_are_stable_and_move_with_the_date() -> None:
    first = only("The Regional Forum will be held on 5 May 2025.")
    again = only("Something else comes before.", "The Regional Forum will be held on 5 May 2025.")
    moved = only("The Regional Forum will be held on 6 May 2025.")
    assert first.id == again.id
    assert first.id != moved.id


@pytest.mark.parametrize(
    ("sentence", "states"),
    [
        (
            "The Giga Forum, planned for 3 December 2024, was moved by a week and took place on 10 December 2024.",
            ["postponed", "planned"],
        ),
        ("The Giga Forum has been moved again, and is to be held from 5 to 9 October 2026.", ["planned"]),
        ("The Giga Forum did not take place in March 2026. It has been moved.", ["postponed"]),
        ("The Giga Forum was not held in March 2026.", ["cancelled"]),
    ],
)
def test_what_was_moved_again(sentence: str, states: list[str]) -> None:
    assert [e.mentions[0].cue for e in events(sentence)] == states


def test_it_is_what_the_paragraph_speaks_of() -> None:
    text = "The World Conference on Skills is convened by the General Assembly. It will be held in Lima on 5 May 2026."
    assert [e.title for e in events(text)] == ["World Conference on Skills"]


def test_a_bare_noun_says_what_it_is_about() -> None:
    found = only("The handbook will be published in May 2026.", heading="Outer space")
    assert found.title == "Handbook: publication (Outer space)"


@given(
    st.text(max_size=120), st.text(max_size=120), st.sampled_from(["", "WSIS Forum 2024", "Other matters"])
)
def test_no_text_makes_it_raise(before: str, behind: str, heading: str) -> None:
    text = f"{before} on 5 May 2024 {behind}"
    for event in events(text, heading=heading):
        mention = event.mentions[0]
        assert event.title
        assert 0 <= mention.sentence_start <= mention.sentence_end <= len(text)
