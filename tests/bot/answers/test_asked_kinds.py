from __future__ import annotations

import pytest

from bot.answers.asked_kinds import AskedKinds
from bot.question import Ask, understand


def asked(question: str) -> AskedKinds:
    return AskedKinds.of(understand(question))


def has_kind(ask: Ask, sentence: str, question: str = "?") -> bool:
    return asked(question).matches(ask, sentence)


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        ("when", "It opens on 9 May."),
        ("when", "It was released in September 2021."),
        ("when", "It has been postponed."),
        ("when", "Results are due by summer 2024."),
        ("where", "It took place in Nairobi."),
        ("where", "It was held at UN Headquarters in New York."),
        ("how much", "The first round was valued at 30M Euro."),
        ("how much", "They cover 70% of the targets."),
        ("how long", "A roadmap follows within 12 months."),
        ("how long", "An annual dialogue is proposed."),
        ("how long", "The group meets twice a year."),
        ("how long", "The result is a document of 242 pages."),
        ("person", "The lead, Guy Ryder, Under-Secretary-General for Policy, spoke."),
        ("person", "Ms Maria Silva opened the session."),
        ("which countries", "Germany and Namibia presented the draft."),
        ("why", "It was moved because the venue was not ready."),
    ],
)
def test_sentence_has_the_asked_kind(ask: Ask, sentence: str) -> None:
    assert has_kind(ask, sentence)


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        ("when", "It aims to forge a consensus."),
        ("when", "It follows Resolution 219 (Bucharest, 2022)."),
        ("when", "It contributes to the 2030 Agenda."),
        ("where", "It was adopted in March by the Council."),
        ("where", "It was presented at the Summit."),
        ("how much", "It includes 27 references."),
        ("how long", "It takes place in Geneva."),
        ("person", "The Permanent Representatives of Germany and Namibia in New York, are tasked with it."),
        ("which countries", "Member States welcomed the draft."),
        ("why", "However, this has now been postponed."),
    ],
)
def test_sentence_lacks_the_asked_kind(ask: Ask, sentence: str) -> None:
    assert not has_kind(ask, sentence)


def test_number_must_count_the_asked_noun() -> None:
    question = "How many references are there?"
    assert has_kind("how many", "The outcome includes 27 references to it.", question)
    assert not has_kind("how many", "The 68th session lasted 14 days.", question)


def test_place_in_the_question_is_no_answer() -> None:
    assert not has_kind("where", "It took place in Nairobi.", "Where in Nairobi is it?")


def test_number_counts_no_noun_after_a_comma() -> None:
    question = "How many replies came in?"
    assert not has_kind(
        "how many", "It is in the six official languages, and the replies are kept.", question
    )


def test_named_person_fits_better_than_an_office() -> None:
    question = asked("Who coordinates it?")
    assert question.fit("It is coordinated by Ms. Ruth Adeyemi.") > question.fit("ITU leads it.")


def test_future_date_fits_a_question_about_the_future() -> None:
    question = asked("When will the exchange next meet?")
    ahead, done = "A second one will be held on 8 July 2026.", "The first was held on 9 July 2025."
    assert question.fit(ahead) > question.fit(done)


@pytest.mark.parametrize(
    ("question", "sentence", "other"),
    [
        ("When did the first edition come out?", "The second edition was published in 2026.", True),
        ("When did the first edition come out?", "There will be no third edition before 2028.", True),
        ("When did the first edition come out?", "It was published in 2025.", False),
        ("When is the second reading?", "The first and second readings ended in April.", False),
        ("When does the edition come out?", "The second edition was published in 2026.", False),
    ],
)
def test_ordinal_distinguishes_editions(question: str, sentence: str, other: bool) -> None:
    assert asked(question).other_edition(sentence) is other


def test_holder_of_another_office_is_no_answer() -> None:
    sentence = "The Secretary-General’s lead, Guy Ryder, Under-Secretary-General for Policy, spoke."
    assert not has_kind("person", sentence, "Who is the Secretary-General?")
    assert has_kind("person", sentence, "Who is the Secretary-General’s lead?")
