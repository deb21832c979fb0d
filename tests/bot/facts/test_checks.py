"""Each hard check by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.facts.checks import Violation, violations
from bot.facts.names import other_forms
from bot.facts.stated import CitedPassage, Number, clocks, numbers, read_facts
from tests.bot.passages import passages, rows


def check(text: str, *numbers: str, report: str = "sample", as_of: tuple[date, ...] = ()) -> list[Violation]:
    """Return what the checks object to in a text that cites these paragraphs."""
    held = passages(report)
    forms = other_forms(p.section.text for p in held.values())
    return violations(text, read_facts([held[n] for n in numbers], forms, as_of))


@pytest.mark.parametrize(
    ("name", "wrong", "missing"),
    [
        (
            "days",
            "The Summit of the Future will take place on 21 and 22 September 2024.",
            "21 and 22 September",
        ),
        ("days", "The Summit of the Future will take place in October 2024.", "October 2024"),
        ("names", "The Summit of the Future will take place in Geneva.", "Geneva"),
        ("names", "Guterres will open the Summit of the Future.", "Guterres"),
        ("names", "The Permanent Representatives of Germany and Nigeria are co-facilitators.", "Nigeria"),
        ("names", "The Summit of the Future is about 6G.", "6G"),
        ("names", "ITU-T supports the Summit of the Future.", "ITU-T"),
        ("symbols", "The Summit will adopt an outcome document under A/RES/77/307.", "A/RES/77/307"),
        ("numbers", "The Summit has 27 co-facilitators.", "27"),
        ("numbers", "Twenty-seven co-facilitators prepare the Summit.", "27"),
        (
            "links",
            "Read more on the Summit of the Future at https://example.com/pact.",
            "https://example.com/pact",
        ),
        ("links", "<!channel> The Summit of the Future is scheduled for 22-23 September 2024.", "<!channel>"),
        ("links", "Write to summit@example.org.", "summit@example.org"),
        ("language", "Une enquête a recensé plus de 500 initiatives numériques.", "not in English"),
        ("length", "The Summit is near. " * 50, "too long"),
    ],
)
def test_violation_names_the_missing_fact(name: str, wrong: str, missing: str) -> None:
    (first, *_) = check(wrong, "2.2")

    assert first.check == name
    assert missing in first.reason


@pytest.mark.parametrize(
    ("name", "passage", "said"),
    [
        ("names", "ITU and UNICEF lead the group.", "ITU and WHO lead the group."),
        ("names", "It is led by Ms. Wu of Nauru.", "It is led by Ms. Rice of Nauru."),
        ("names", "The delegate of Nigeria was elected.", "The delegate of Niger was elected."),
        ("names", "Internet stakeholders organise the forum.", "ISO organises the forum."),
        ("days", "The forum takes place in June 2026.", "The forum takes place in April 2024."),
        ("numbers", "It has 20-25 participants.", "It has 20-35 participants."),
        ("numbers", "It stands in C24/67, before COP29.", "It has 24 members."),
        ("links", "Register online.", "Register at evil.com."),
        ("links", "See https://itu.int/en/council.", "See https://itu.int/en/counci."),
        ("symbols", "It is in A/78/L.49.", "It is in A/79/L.49."),
        ("quotations", "It said that “we must act”.", "It said that ‘we will wait’."),
    ],
)
def test_near_match_is_a_violation(name: str, passage: str, said: str) -> None:
    document = passages("sample")["2.2"].document
    section = replace(passages("sample")["2.2"].section, text=passage, heading="")

    assert [v.check for v in violations(said, read_facts([CitedPassage(section, document)], {}))] == [name]


@pytest.mark.parametrize(
    ("said", "section"),
    [
        ("The Summit of the Future opens on 22 September 2024.", "2.2"),
        ("The Summit of the Future takes place in September 2024.", "2.2"),
        ("In 2024, the Summit of the Future takes place.", "2.2"),
        ("SIDS4 starts on 27 May and ends on 30 May 2024.", "3.1"),
        ("The first round of funding was 30M Euro.", "6"),
        ("The first round of funding was 30 million euros.", "6"),
        ("The Joint SDG Fund’s Digital Transformation Window was launched.", "6"),
        ("ITU as of 29 April 2024 has not been invited to attend meetings of the AIAB.", "2.9"),
        ("Participants of the AI Advisory Body met.", "2.9"),
    ],
)
def test_fact_in_another_form_passes(said: str, section: str) -> None:
    assert check(said, section) == []


@pytest.mark.parametrize("marks", ['""', "“”", "„“", "«»", "‘’"])
def test_a_word_in_quotation_marks_is_no_quotation(marks: str) -> None:
    opening, closing = marks

    said = (
        f"The {opening}Summit{closing} of the {opening}Future{closing} is scheduled for 22-23 September 2024."
    )
    assert check(said, "2.2") == []


def test_day_of_the_request_passes() -> None:
    said = "As of 1 May 2024, the Summit of the Future is scheduled for 22-23 September 2024."

    assert check(said, "2.2") != []
    assert check(said, "2.2", as_of=(date(2024, 5, 1),)) == []


def test_counts_up_to_ten_in_words_are_left_to_the_judge() -> None:
    assert check("Three co-facilitators prepare the Summit of the Future.", "2.2") == []
    assert check("3 co-facilitators prepare the Summit of the Future.", "2.2") != []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30M Euro", [Number(30e6, "EUR")]),
        ("EUR 2.5 million", [Number(2.5e6, "EUR")]),
        ("thirty-one grants", [Number(31, "")]),
        ("one hundred and five countries", [Number(105, "")]),
        ("1,200 people", [Number(1200, "")]),
        ("70 per cent, or 70%", [Number(70, "%"), Number(70, "%")]),
        ("CHF 50 000", [Number(50000, "CHF")]),
        ("the 68th session", [Number(68, "")]),
        ("seven of ten", []),
        ("from 10:30, under C24/67", []),
    ],
)
def test_numbers_are_read_with_their_units(text: str, expected: list[Number]) -> None:
    assert [n for n in numbers(text) if n.value > 10] == expected


@pytest.mark.parametrize(
    ("passage", "said", "wrong"),
    [
        ("It reached 40 towns.", "It reached 40% of towns.", True),
        ("It reached 40% of towns.", "It reached 40 of its towns.", False),
        ("It cost 40 francs.", "It cost EUR 40.", True),
        ("It cost EUR 40.", "It cost CHF 40.", True),
        ("It cost EUR 40 and CHF 50.", "It cost CHF 40 and EUR 50.", True),
    ],
)
def test_unit_of_a_number_is_that_of_the_paragraph(passage: str, said: str, wrong: bool) -> None:
    document = passages("sample")["2.2"].document
    section = replace(passages("sample")["2.2"].section, text=passage, heading="")

    assert bool(violations(said, read_facts([CitedPassage(section, document)], {}))) == wrong


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at 9:30 a.m.", ["09:30"]),
        ("until 6 p.m.", ["18:00"]),
        ("at 0935 hours", ["09:35"]),
        ("at 17.00 hours", ["17:00"]),
        ("23:59 Geneva time", ["23:59"]),
        ("12 a.m. and 12.15 p.m.", ["00:00", "12:15"]),
        ("2.30 million, version 2.30, 1999 people", []),
    ],
)
def test_time_of_day_formats(text: str, expected: list[str]) -> None:
    assert [time for _, time in clocks(text)] == expected


def test_time_of_day_is_checked() -> None:
    said = "The Global Dialogue opens at {} on Monday, 12 May 2025."

    assert check(said.format("9:30 a.m."), "1", report="circular-invitation-2025") == []
    (wrong,) = check(said.format("10:30 a.m."), "1", report="circular-invitation-2025")
    assert (wrong.check, "10:30" in wrong.reason) == ("times", True)


@pytest.mark.parametrize("name", ["faithful.jsonl", "paraphrases.jsonl"])
def test_faithful_sentences_pass_the_hard_checks(name: str) -> None:
    marked = rows(name)

    stopped = [r["sentence"] for r in marked if check(r["sentence"], r["section"], report=r["report"])]

    assert len(marked) == 100
    assert len(stopped) <= 3, stopped


def test_invented_facts_fail_the_hard_checks() -> None:
    wrong = [row for row in rows("fourth.jsonl") if not row["said"]]

    passed = [r["sentence"] for r in wrong if not check(r["sentence"], r["section"], report=r["report"])]

    assert (len(wrong), passed) == (50, [])


@pytest.mark.parametrize(
    ("language", "passage", "said"),
    [
        ("fr", "It reached 12.5% of 1,200 towns.", "12,5 % des 1 200 villes ont été atteintes."),
        ("es", "It reached 12.5% of 1,200 towns.", "Alcanzó el 12,5 % de 1.200 localidades."),
        ("ar", "It reached 1,250 towns.", "وصل إلى ١٢٥٠ بلدة."),
        ("zh", "It reached 1,250 towns.", "覆盖了1,250个城镇。"),
        ("fr", "It cost €30M.", "Le coût s'est élevé à 30 millions d'euros."),
        ("es", "It cost 2.5 billion francs.", "Costó 2,5 mil millones de francos."),
        ("ru", "It cost €30M.", "Это обошлось в 30 млн евро."),
        ("zh", "It reached 2.6 billion people.", "惠及26亿人，见C24/INF/9。"),
        ("ar", "It cost €30M.", "بلغت الكلفة 30 مليون يورو."),
    ],
)
def test_numbers_are_read_in_the_notation_of_the_language(language: str, passage: str, said: str) -> None:
    document = passages("sample")["2.2"].document
    section = replace(passages("sample")["2.2"].section, text=f"{passage} See C24/INF/9.", heading="")

    assert violations(said, read_facts([CitedPassage(section, document)], {}, language=language)) == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Le coût s'est élevé à 30 milliards d'euros."),
        ("zh", "覆盖了1,350个城镇。"),
        ("ar", "وصل إلى ١٣٥٠ بلدة."),
    ],
)
def test_other_numbers_are_a_violation_in_each_notation(language: str, said: str) -> None:
    document = passages("sample")["2.2"].document
    section = replace(passages("sample")["2.2"].section, text="1,250 towns cost €30M.", heading="")
    facts = read_facts([CitedPassage(section, document)], {}, language=language)

    assert [found.check for found in violations(said, facts)] == ["numbers"]


@pytest.mark.parametrize(
    ("said", "is_wrong"),
    [
        ("The Summit of the Future takes place this week.", False),
        ("The Summit of the Future takes place last week.", True),
        ("The Summit of the Future takes place this month.", False),
    ],
)
def test_words_such_as_this_week_count_from_the_day_of_the_answer(said: str, is_wrong: bool) -> None:
    found = check(said, "2.2", as_of=(date(2024, 9, 18),))
    assert [violation.check for violation in found] == ["days"] * is_wrong
