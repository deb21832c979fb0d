"""Answers as Block Kit: what is shown, and that Slack takes it whatever the documents hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Answer, Basis, Nearest
from bot.safe_text import visible
from bot.slack.core.ui.elements import Message, plain_message
from bot.slack.features.questions import messages as blocks
from store.records import Citation
from tests.bot.slack.complete_answers import complete_answer
from tests.fake_slack.limits import problems

BASIS = Basis(2, "Report to Council 2024", date(2024, 4, 29))


def citation(marker: int = 1, **changes: Any) -> Citation:
    facts: dict[str, Any] = {
        "marker": marker,
        "source": "report.txt",
        "document": "Report to Council 2024",
        "symbol": None,
        "section": "2.2",
        "heading": "Summit of the Future",
        "page": None,
        "quote": "It will be on 22-23 September 2024.",
    }
    return Citation(**(facts | changes))


def answer(text: str = "On 22-23 September 2024 [1].", **changes: Any) -> Answer:
    facts: dict[str, Any] = {
        "question": "When?",
        "standalone_question": "When?",
        "text": text,
        "answered": True,
        "as_of": date(2024, 5, 1),
        "basis": BASIS,
        "citations": (citation(),),
    }
    return Answer(**(facts | changes))


def shown(message: Message) -> list[str]:
    """Return every text of the blocks, in reading order; of small print every line."""
    texts = []
    for block in message.blocks:
        if block["type"] == "context":
            texts += [line for each in block["elements"] for line in each["text"].split("\n")]
        elif block["type"] == "table":
            texts += [" | ".join(cell["text"] for cell in row) for row in block["rows"]]
        else:
            texts.append(block["text"]["text"])
    return texts


def test_note_of_a_model_that_is_not_installed_names_no_command_of_the_terminal() -> None:
    note = "The documents' own sentences, because openai:gpt needs a package: pip install 'itubot[openai]'."
    below = shown(blocks.answer_message(answer(note=note)))[1]
    assert below == "The documents' own sentences, because openai:gpt needs a package; tell whoever runs me."


def test_answer_shows_text_then_sources_then_basis() -> None:
    assert shown(blocks.answer_message(answer())) == [
        "On 22-23 September 2024 [1].",
        "*[1]* Report to Council 2024, § 2.2 Summit of the Future: “It will be on 22-23 September 2024.”",
        "Checked against 2 documents; the newest: Report to Council 2024, 29 April 2024. As of 1 May 2024.",
    ]


def test_several_lines_are_a_list() -> None:
    message = blocks.answer_message(answer("SIDS4: 27–30 May 2024. [1]\nWSIS Forum: May 2024. [1]"))
    assert shown(message)[0] == "• SIDS4: 27–30 May 2024. [1]\n• WSIS Forum: May 2024. [1]"


def test_heading_of_a_list_is_no_item() -> None:
    message = blocks.answer_message(answer("1–31 May 2024:\nSIDS4: 27–30 May 2024. [1]"))
    assert shown(message)[0] == "1–31 May 2024:\n• SIDS4: 27–30 May 2024. [1]"


def test_a_document_is_named_once_for_sources_that_follow_each_other() -> None:
    other = citation(3, source="other.txt", document="Other report")
    message = blocks.answer_message(answer(citations=(citation(1), citation(2, section="2.3"), other)))
    assert [text.split(": “")[0] for text in shown(message)[1:4]] == [
        "*[1]* Report to Council 2024, § 2.2 Summit of the Future",
        "*[2]* § 2.3 Summit of the Future",
        "*[3]* Other report, § 2.2 Summit of the Future",
    ]


def test_sources_are_in_a_context_block() -> None:
    assert [block["type"] for block in blocks.answer_message(answer()).blocks] == [
        "section",
        "context",
        "context",
    ]


def test_page_of_a_source_is_named_where_known() -> None:
    message = blocks.answer_message(answer(citations=(citation(page=7),)))
    assert "Summit of the Future, p. 7:" in shown(message)[1]


def test_source_without_a_title_is_named_by_its_file() -> None:
    message = blocks.answer_message(answer(citations=(citation(document=""),)))
    assert shown(message)[1].startswith("*[1]* report.txt, § 2.2")


def test_basis_names_an_undated_document() -> None:
    message = blocks.answer_message(answer(basis=Basis(1, "Notes", None)))
    assert "Checked against 1 document: Notes, undated." in shown(message)[-1]


def test_uncertain_answer_says_that_it_gives_the_closest_passages() -> None:
    message = blocks.answer_message(answer(confidence="low"))
    assert "closest passages" in shown(message)[0]
    assert "closest passages" in message.text


def test_notes_below_an_answer_name_unanswered_parts_and_the_missing_model() -> None:
    reply = answer(unanswered=("who <pays>?",), note="The documents' own sentences, because it failed.")
    texts = shown(blocks.answer_message(reply))
    assert texts[1].startswith("I find no answer to “who &lt;pays&gt;?”")
    assert texts[2].endswith("because it failed.")


def test_answer_without_a_judge_says_what_was_checked() -> None:
    message = blocks.answer_message(answer(judged=False, confidence="low"))
    assert "checked for numbers, dates and names only" in shown(message)[1]
    assert "closest passages" not in message.text


def test_refusal_names_the_nearest_sections_and_what_was_searched() -> None:
    near = (Nearest("report.txt", "2.2", "Summit of the Future", "It is near."),)
    reply = answer(
        "The report does not say.", answered=False, citations=(), nearest=near, reason="no evidence"
    )
    texts = shown(blocks.answer_message(reply))
    assert texts[0] == "The report does not say."
    assert "• report.txt, § 2.2 Summit of the Future" in texts
    assert "Checked against 2 documents" in texts[-1]


def test_refusal_from_the_only_document_does_not_name_it_with_each_section() -> None:
    near = (Nearest("report.txt", "2.2", "Summit of the Future", "It is near."),)
    alone = replace(answer().basis, documents=1)
    reply = answer("The report does not say.", answered=False, citations=(), nearest=near, basis=alone)
    assert "• § 2.2 Summit of the Future" in shown(blocks.answer_message(reply))


def test_refusal_quotes_the_nearest_sections_and_says_that_these_may_not_answer() -> None:
    near = Nearest("r", "1", "h", "It <is> near.")
    texts = shown(blocks.answer_message(answer("No.", answered=False, citations=(), nearest=(near,))))
    assert texts[1:4] == [
        "The nearest passages, which may not answer this:",
        "• r, § 1 h",
        "“It &lt;is&gt; near.”",
    ]


def test_a_long_quote_of_a_refusal_is_shortened_at_a_word() -> None:
    near = Nearest("r", "1", "h", "word " * 100 + "end.")
    texts = shown(blocks.answer_message(answer("No.", answered=False, citations=(), nearest=(near,))))
    assert any(text.endswith("word…”") for text in texts)


def test_refusal_has_no_citation_markers() -> None:
    reply = answer(
        "It does not say.", answered=False, citations=(), nearest=(Nearest("r", "1", "h", "It is near."),)
    )
    assert not any("[1]" in text for text in shown(blocks.answer_message(reply)))


def test_small_talk_has_no_basis() -> None:
    reply = answer("Hello! Ask me about ITU.", answered=False, citations=(), reason="small talk")
    assert shown(blocks.answer_message(reply)) == ["Hello! Ask me about ITU."]


def test_apology_gives_the_reference() -> None:
    message = blocks.apology_message("R-1A2B3C4D")
    assert "R-1A2B3C4D" in message.text
    assert "R-1A2B3C4D" in shown(message)[0]


def test_markup_in_a_document_is_escaped() -> None:
    hostile = "<!channel> & <https://evil.example|click> @here *bold* `code`"
    message = blocks.answer_message(answer(hostile, citations=(citation(quote=hostile, heading=hostile),)))
    assert problems(message) == []


def test_words_that_look_like_addresses_are_not_made_links() -> None:
    elements = [block.get("text") or block["elements"][0] for block in blocks.answer_message(answer()).blocks]
    assert all(element["verbatim"] for element in elements)


def test_long_text_is_split_without_losing_a_word() -> None:
    text = " ".join(f"word{n} & more." for n in range(300))
    message = blocks.answer_message(answer(text))
    parts = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
    assert " ".join(parts).replace("&amp;", "&") == text


def test_quote_too_long_for_a_message_is_cut_with_an_ellipsis() -> None:
    message = blocks.answer_message(answer(citations=(citation(quote="word " * 1_000),)))
    assert shown(message)[1].endswith("…”")


def test_many_sources_are_shortened_to_fit() -> None:
    many = tuple(citation(n, quote="word " * 200) for n in range(1, 26))
    message = blocks.answer_message(answer(citations=many))
    assert problems(message) == []
    assert sum(text.startswith("*[") for text in shown(message)) == 25


def test_every_fixed_message_keeps_slacks_limits() -> None:
    for message in (
        blocks.how_to_ask(),
        blocks.answer_lost(),
        blocks.apology_message("R-1"),
        plain_message("Well."),
    ):
        assert problems(message) == []


WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=200)
TROUBLE = st.lists(st.sampled_from(["<!here>", "@channel", "&lt;", "<@U1>", "*a*", "_b_", "`", "\n", "> x"]))
TEXT = st.builds(
    lambda words, trouble, times: (words + " ".join(trouble)) * times, WORDS, TROUBLE, st.integers(1, 60)
)


@given(text=TEXT, quote=TEXT, heading=TEXT, number=st.integers(0, 30), answered=st.booleans())
def test_any_document_text_keeps_slacks_limits(
    text: str, quote: str, heading: str, number: int, answered: bool
) -> None:
    reply = answer(
        text or "Nothing.",
        answered=answered,
        citations=tuple(citation(n, quote=quote, heading=heading) for n in range(number)),
        nearest=tuple(Nearest(heading, "1", heading, quote) for _ in range(number)),
        basis=Basis(1, heading or None, None),
    )
    if visible(reply.text).strip():
        assert problems(complete_answer(reply, "T0123456789/C0123456789/1714550400.123456")) == []
