"""What sentences date: title, kind, place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.events.papers import events, only


@pytest.mark.parametrize(
    ("sentence", "title", "kind", "start"),
    [
        ("The World Telecommunication Standardization Assembly (WTSA-24) was held in New Delhi, India, from 15 to 24 "
         "October 2024.", "World Telecommunication Standardization Assembly (WTSA-24)", "meeting", "2024-10-15"),
        ("The next meeting of the Council Working Group on Child Online Protection will take place on 12 June 2025.",
         "Meeting of the Council Working Group on Child Online Protection", "meeting", "2025-06-12"),
        ("ITU will host the AI for Good Global Summit from 8 to 11 July 2025 in Geneva.", "AI for Good Global Summit",
         "meeting", "2025-07-08"),
        ("The High-Level Political Forum (HLPF), to be convened from 14 to 23 July 2025 under the auspices of ECOSOC, "
         "will review SDG 9.", "High-Level Political Forum (HLPF)", "meeting", "2025-07-14"),
        ("The ITU Council discussed this in its July 2023 meeting.", "ITU Council meeting", "meeting", "2023-07-01"),
        ("An expert group meeting was convened in Addis Ababa on 4 and 5 February 2025 to discuss the review.",
         "Expert group meeting", "meeting", "2025-02-04"),
        ("The Global Cybersecurity Index 2024 was published in September 2024.",
         "Global Cybersecurity Index 2024 was published", "publication", "2024-09-01"),
        ("The new Radio Regulations entered into force on 1 January 2025.", "New Radio Regulations entered into force",
         "milestone", "2025-01-01"),
        ("On 26 January 2024, following their reappointment during the session, Germany and Namibia unveiled the Zero "
         "Draft of the Pact.", "Germany and Namibia unveiled the Zero Draft of the Pact", "publication", "2024-01-26"),
        ("Member States are invited to submit their contributions no later than 30 April 2025.",
         "Member States are invited to submit their contributions", "deadline", "2025-04-30"),
        ("Please respond with nominations before 20 March 2025.", "Respond with nominations", "deadline", "2025-03-20"),
        ("The deadline for the submission of nominations is 2 May 2025.", "Deadline for the submission of nominations",
         "deadline", "2025-05-02"),
        ("Candidatures must be received by 17:00 hours (Geneva time) on Friday, 9 May 2025.",
         "Candidatures must be received", "deadline", "2025-05-09"),
    ],
)  # fmt: skip
def test_title_from_a_sentence(sentence: str, title: str, kind: str, start: str) -> None:
    found = only(sentence)
    assert (found.title, found.kind, str(found.mentions[0].start)) == (title, kind, start)


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("A bi-annual High-Level Review of the Compact is also proposed (more details in C23/INF/8).",
         "High-Level Review of the Compact"),
        ("The Draft Programme (letter) was released in May 2025 by the Chairs.",
         "Draft Programme was released by the Chairs"),
        ("Valley Links, which connects forty clinics, was completed in April 2025.", "Valley Links was completed"),
        ("The time limit for offers for the Assembly, which had been 1 May 2025 has been extended by the Council.",
         "Time limit for offers for the Assembly extended by the Council"),
        ("In April 2023, the Board published “A Breakthrough for People and Planet: Effective and Inclusive Governance "
         "for Today and the Future of us all”.", "Board published"),
        # What happened on the day, and brackets that belong to a name, stay.
        ("The exchange database, which went live in early 2025, has entries on energy.",
         "Exchange database, which went live has entries on energy"),
        ("Resolution 140 (Rev. Bucharest, 2022) was published on 5 May 2025.",
         "Resolution 140 (Rev. Bucharest, 2022) was published"),
    ],
)  # fmt: skip
def test_title_has_no_asides(sentence: str, title: str) -> None:
    assert events(sentence)[0].title == title


def test_title_behind_another_date_begins_after_the_words_that_join_them() -> None:
    found = events(
        "The consultations on the terms of reference of the review, led by Costa Rica and Spain, took place throughout "
        "the winter of 2024, and the zero draft of the outcome was circulated on 19 March 2025."
    )
    assert found[-1].title == "Zero draft of the outcome was circulated"


def test_several_dates_of_a_sentence_are_several_events() -> None:
    found = events(
        "Registration opens on 10 February 2025 and closes on 30 April 2025, and visas must be "
        "requested by 11 April 2025."
    )
    assert [str(e.mentions[0].start) for e in found] == ["2025-02-10", "2025-04-30", "2025-04-11"]


def test_words_that_introduce_the_next_date_are_left_out() -> None:
    opening, closing = events("Registration opens on 1 March 2026 and closes on 15 April 2026.")
    assert [opening.kind, closing.kind] == ["milestone", "deadline"]


@pytest.mark.parametrize(
    ("sentence", "place"),
    [
        ("The Conference on Financing will be held in Seville, Spain, from 30 June to 3 July 2025.", "Seville, Spain"),
        ("The Steering Committee meeting on 9 May 2025 in Nairobi will review it.", "Nairobi"),
        ("The Workshop on Submarine Cables, Abuja, Nigeria, 26-27 February 2025, was full.", "Abuja, Nigeria"),
        ("The Policy Forum took place from 11 to 24 March 2024, in New York, with 900 delegates.", "New York"),
        ("The Steering Committee meeting will be held on 9 May 2025.", None),
    ],
)  # fmt: skip
def test_location_of_an_event(sentence: str, place: str | None) -> None:
    assert only(sentence).location == place


def test_bare_noun_is_resolved() -> None:
    found = events(
        "The Global Dialogue on Standards has been prepared. The Dialogue will open on 12 May 2025."
    )
    assert [e.title for e in found] == ["Global Dialogue on Standards"]


@pytest.mark.parametrize("word", ["present", "said"])
def test_present_conference_is_the_one_named_before(word: str) -> None:
    found = events(
        "The World Radiocommunication Conference is prepared.", f"The {word} conference closes on 9 May 2025."
    )
    assert [e.title for e in found] == ["World Radiocommunication Conference"]


def test_pronoun_is_resolved() -> None:
    text = "The World Conference on Skills is convened by the General Assembly. It will be held in Lima on 5 May 2026."
    assert [e.title for e in events(text)] == ["World Conference on Skills"]


def test_second_one_is_of_the_gathering_before() -> None:
    text = "The First Skills Summit is convened by ITU. A second one is foreseen in Lima in December 2026."
    assert [e.title for e in events(text)] == ["Second Skills Summit"]


def test_words_after_another_date_get_the_beginning_of_their_sentence() -> None:
    opening, closing = events("The list was opened on 1 March 2026 for experts, and in June 2026 it closed.")
    assert (opening.title, closing.title) == (
        "List was opened for experts",
        "List was opened for experts it closed",
    )


def test_bare_noun_gets_the_documents_subject() -> None:
    found = only("The handbook will be published in May 2026.", heading="Forum on Outer Space")
    assert found.title == "Forum on Outer Space: handbook will be published"


def test_a_session_is_that_of_its_heading_and_not_of_a_line_of_fields() -> None:
    cables = only("The second session will be held on 9 May 2025.", heading="C. Submarine cables")
    fields = only("The second session will be held on 9 May 2025.", heading="Original: English")

    assert (cables.title, fields.title) == ("Submarine cables: second session", "Second session")


def test_the_sentence_of_a_mention_is_verbatim() -> None:
    text = "First things first. The Regional Forum will be held on 5 May 2025. More follows."
    mention = only(text).mentions[0]
    assert (
        text[mention.sentence_start : mention.sentence_end]
        == "The Regional Forum will be held on 5 May 2025."
    )


@given(
    st.text(max_size=120), st.text(max_size=120), st.sampled_from(["", "WSIS Forum 2024", "Other matters"])
)
def test_any_text_without_an_error(before: str, behind: str, heading: str) -> None:
    text = f"{before} on 5 May 2024 {behind}"
    for event in events(text, heading=heading):
        mention = event.mentions[0]
        assert event.title
        assert 0 <= mention.sentence_start <= mention.sentence_end <= len(text)
