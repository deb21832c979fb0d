from __future__ import annotations

import pytest

from bot.question import Question, understand, understand_other


def question(text: str, context: str = "") -> Question:
    return understand(text, context)


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
        ("Where do negotiations on the WHO pandemic agreement stand?", ("where",)),
        ("WHO CHAIRS THE COUNCIL?", ("who",)),
        ("Is the conference still on?", ("whether",)),
        ("the Partner2Connect pledges", ()),
    ],
)
def test_kinds_of_answer(text: str, asks: tuple[str, ...]) -> None:
    assert question(text).asks == asks


def test_question_words_are_not_terms() -> None:
    assert (
        question("On which days is the Summit of the Future?").terms == question("Summit of the Future").terms
    )


def test_names_are_recognised_by_their_spelling() -> None:
    assert question("What did Volker Türk say about ITU standards?").names == {"volker", "turk", "itu"}


def test_capital_of_the_first_word_makes_no_name() -> None:
    assert "grant" not in question("Grants of the fund?").names


def test_figures_are_numbers_editions_and_ordinals() -> None:
    assert question("the second CSW66 meeting in 2023").figures == {"second", "csw66", "2023"}


def test_edition_has_its_ordinal_as_another_form() -> None:
    assert "fourth sids" in question("where is SIDS4").sought


def test_alias_adds_the_documents_words() -> None:
    assert "Permanent Representatives" in question("which ambassadors lead the talks").sought


def test_follow_up_asks_for_its_own_kind() -> None:
    assert question("and where is it?", "When does SIDS4 start?").asks == ("where",)


def test_follow_up_takes_only_the_topic_of_the_question_before() -> None:
    terms = question("and where is it?", "When does SIDS4 start?").terms
    assert "sids4" in terms
    assert "start" not in terms


def test_what_about_repeats_the_kind_asked_before() -> None:
    assert question("what about the LLDCs?", "When is SIDS4?").asks == ("when",)


def test_verb_of_a_when_question_is_not_a_term() -> None:
    assert understand("When does SIDS4 start and end?").terms == ("sids4",)


def test_vague_words_are_not_terms() -> None:
    assert understand("Is there anything on metaverse?").terms == ("metavers",)


@pytest.mark.parametrize(
    ("language", "typed", "asks"),
    [
        ("fr", "Où et quand se tient le Forum ?", ("where", "when")),
        ("es", "¿Cuántos países participan?", ("how many",)),
        ("ru", "Кто возглавляет рабочую группу?", ("who",)),
        ("zh", "会议什么时候举行？", ("when",)),
        ("ar", "متى ينعقد الاجتماع؟", ("when",)),
    ],
)
def test_question_in_another_language_says_what_it_asks_for(
    language: str, typed: str, asks: tuple[str, ...]
) -> None:
    found = understand_other(typed, language)

    assert (found.asks, found.turn, found.language) == (asks, typed, language)


def test_search_for_a_question_in_another_language_has_its_own_words_and_known_ones_in_english() -> None:
    sought = understand_other("Quelle conférence a suivi l'enquête OSET ?", "fr").sought

    assert "enquête OSET" in sought
    assert "conference" in sought


def test_name_that_is_written_together_with_another_script_is_a_word_of_the_search() -> None:
    assert " WSIS " in understand_other("谁主持WSIS高级别论坛？", "zh").sought
