from __future__ import annotations

import pytest

from bot.question import ContextualQuestion, Question, understand


def question(text: str, context: str = "") -> Question:
    return understand(ContextualQuestion(text, context))


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("When is the Summit of the Future?", ("when",)),
        ("On which days is the Summit of the Future?", ("when",)),
        ("whats the last day to comment", ("what", "when")),
        ("Where and when is the conference?", ("where", "when")),
        ("In which city did the Assembly meet?", ("where",)),
        ("wheres SIDS4", ("where",)),
        ("Who co-facilitates the Compact?", ("who",)),
        ("who is the minister of Brazil", ("person",)),
        ("What are the names of the co-facilitators?", ("what", "person")),
        ("Which Member States voted against it?", ("which countries",)),
        ("How many grants were awarded and for how much money?", ("how many", "how much")),
        ("How often is it reviewed?", ("how long",)),
        ("Why was it postponed?", ("why",)),
        ("Is the conference still on?", ("whether",)),
        ("the Partner2Connect pledges", ()),
    ],
)
def test_what_kind_of_answer_is_wanted(text: str, asks: tuple[str, ...]) -> None:
    assert question(text).asks == asks


def test_words_that_only_ask_are_nothing_to_look_for() -> None:
    assert (
        question("On which days is the Summit of the Future?").terms == question("Summit of the Future").terms
    )


def test_names_are_what_is_written_as_one() -> None:
    assert question("What did Volker Türk say about ITU standards?").names == {"volker", "turk", "itu"}


def test_the_first_word_is_no_name_for_its_capital() -> None:
    assert "grant" not in question("Grants of the fund?").names


def test_figures_are_numbers_editions_and_ordinals() -> None:
    assert question("the second CSW66 meeting in 2023").figures == {"second", "csw66", "2023"}


def test_an_edition_is_also_its_ordinal() -> None:
    assert "fourth sids" in question("where is SIDS4").sought


def test_an_alias_of_the_field_adds_the_documents_own_words() -> None:
    assert "Permanent Representatives" in question("which ambassadors lead the talks").sought


def test_a_follow_up_wants_what_its_own_words_ask() -> None:
    assert question("and where is it?", "When does SIDS4 start?").asks == ("where",)


def test_a_follow_up_takes_the_topic_and_not_the_relation_of_the_question_before() -> None:
    terms = question("and where is it?", "When does SIDS4 start?").terms
    assert "sids4" in terms
    assert "start" not in terms


def test_what_about_wants_what_was_asked_before() -> None:
    assert question("what about the LLDCs?", "When is SIDS4?").asks == ("when",)


def test_what_a_thing_does_at_the_time_asked_for_is_no_word_to_look_for() -> None:
    assert understand(ContextualQuestion("When does SIDS4 start and end?")).terms == ("sids4",)


def test_vague_words_are_no_words_to_look_for() -> None:
    assert understand(ContextualQuestion("Is there anything on metaverse?")).terms == ("metavers",)
