"""Answers as Block Kit: what is shown, and that Slack takes it whatever the documents hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.answering.answer import Answer, Basis
from bot.slack.core.ui.elements import Message
from bot.slack.features.questions import messages as blocks
from store.records import Citation

KEY = "T1/C1/1.0"
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


NEAR = citation(quote="It <is> near.")


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
        elif block["type"] == "markdown":
            texts.append(block["text"])
        elif block["type"] == "data_table":
            texts += [" | ".join(cell["text"] for cell in row) for row in block["rows"]]
        elif block["type"] != "actions":
            texts.append(block["text"]["text"])
    return texts


def test_note_of_a_model_that_is_not_installed_names_no_command_of_the_terminal() -> None:
    note = "The documents' own sentences, because openai:gpt needs a package: pip install 'itubot[openai]'."
    below = shown(blocks.answer_message(answer(note=note), KEY))[1]
    assert below == "The documents' own sentences, because openai:gpt needs a package; tell whoever runs me."


def test_answer_shows_text_then_sources_then_basis() -> None:
    assert shown(blocks.answer_message(answer(), KEY)) == [
        "On 22-23 September 2024 [1].",
        "[1] Report to Council 2024, § 2.2 Summit of the Future",
        "As of 1 May 2024, from 2 documents, the newest of 29 April 2024.",
    ]


def test_one_button_opens_the_sources() -> None:
    [opens] = blocks.answer_message(answer(), KEY).blocks[2]["elements"]
    assert (opens["text"]["text"], opens["action_id"], opens["value"]) == (
        "Source (1)",
        "source_1",
        f"1 {KEY}",
    )
    assert opens["accessibility_label"] == "Open source 1: § 2.2 Summit of the Future"


@pytest.mark.parametrize(
    ("text", "best", "shown_text"),
    [
        ("It is <near>. [1] It is far. [1]", "It is <near>.", "**It is &lt;near&gt;.** [1] It is far. [1]"),
        ("It is near. [1]\n• It is far. [1]", "It is far.", "It is near. [1]\n• **It is far.** [1]"),
        # Slack takes the sign for bold type only beside white space.
        ("(It is near.) [1]", "It is near.", "(It is near.) [1]"),
    ],
)
def test_best_sentence_is_bold(text: str, best: str, shown_text: str) -> None:
    start = text.index(best)
    message = blocks.answer_message(answer(text, best=(start, start + len(best))), KEY)
    assert shown(message)[0] == shown_text


def test_a_document_is_named_once_for_sources_that_follow_each_other() -> None:
    other = citation(3, source="other.txt", document="Other report")
    message = blocks.answer_message(answer(citations=(citation(1), citation(2, section="2.3"), other)), KEY)
    assert shown(message)[1] == (
        "[1] Report to Council 2024, § 2.2 Summit of the Future · [2] § 2.3 Summit of the Future · "
        "[3] Other report, § 2.2 Summit of the Future"
    )


def test_a_paragraph_that_is_cited_twice_is_named_once() -> None:
    message = blocks.answer_message(answer(citations=(citation(1), citation(2))), KEY)
    assert shown(message)[1] == "[1][2] Report to Council 2024, § 2.2 Summit of the Future"


def test_the_only_document_is_not_named_with_each_source() -> None:
    alone = replace(BASIS, documents=1)
    assert shown(blocks.answer_message(answer(basis=alone), KEY))[1] == "[1] § 2.2 Summit of the Future"


def test_search_by_words_alone_is_said_below_an_answer_and_a_refusal() -> None:
    basis = replace(BASIS, full_text_only=True)
    for reply in (answer(basis=basis), answer("No.", answered=False, citations=(), basis=basis)):
        assert "Searched by words alone" in shown(blocks.answer_message(reply, KEY))[-1]


def test_notes_below_an_answer_name_unanswered_parts_and_the_missing_model() -> None:
    reply = answer(unanswered=("who <pays>?",), note="The documents' own sentences, because it failed.")
    texts = shown(blocks.answer_message(reply, KEY))
    assert texts[1].startswith("I find no answer to “who &lt;pays&gt;?”")
    assert texts[2].endswith("because it failed.")


def refusal(**changes: Any) -> Answer:
    facts = {"answered": False, "citations": (), "nearest": (NEAR,), "note": "I looked for “cost”."}
    return answer("The report does not say.", **(facts | changes))


def test_refusal_is_a_line_and_the_nearest_passage() -> None:
    assert shown(blocks.answer_message(refusal(), KEY)) == [
        "The report does not say.",
        "Nearest passage (Report to Council 2024, § 2.2 Summit of the Future): “It &lt;is&gt; near.”",
    ]


def test_button_of_the_nearest_passage_opens_the_others_too() -> None:
    more = blocks.answer_message(refusal(), KEY).blocks[1]["accessory"]
    assert (more["text"]["text"], more["action_id"], more["value"]) == ("More", "source_1", f"1 {KEY}")


def test_a_long_quote_of_a_refusal_is_shortened_at_a_word() -> None:
    near = replace(NEAR, quote="word " * 100 + "end.")
    assert shown(blocks.answer_message(refusal(nearest=(near,)), KEY))[1].endswith("word…”")


def test_long_text_is_whole_and_one_that_is_too_long_ends_with_an_ellipsis() -> None:
    text = " ".join(f"word{n} & more." for n in range(300))
    assert shown(blocks.answer_message(answer(text), KEY))[0].replace("&amp;", "&") == text
    assert shown(blocks.answer_message(answer(text * 2), KEY))[0].endswith(" …")
