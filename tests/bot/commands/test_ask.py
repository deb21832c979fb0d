"""What people see in a terminal: answers, paragraphs, tables, the conversation."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType

from bot.answering.answer import Answer, Basis
from bot.answering.question import Turn
from bot.answering.remarks import basis_line
from bot.commands.asking import (
    HIGHLIGHT_STYLE,
    Chat,
    answer_view,
    highlighted,
    highlighted_quote,
    paragraph_view,
)
from bot.commands.library import documents_view
from bot.errors import BotError
from store.errors import StoreBusy
from tests.bot.sample_answers import (
    AS_OF,
    CITATION,
    NEAR,
    PARAGRAPH,
    QUOTE,
    REFUSAL,
    REPHRASED,
    REPORT,
    VERBATIM,
    FakeAssistant,
    FakeCatalog,
)


def shown(view: RenderableType, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False)
    console.print(view)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


NOTE = "The documents' own sentences, because."


@pytest.mark.parametrize(
    ("answer", "said", "not_said"),
    [
        # A sentence of the paragraph is not quoted again; one in other words is.
        (VERBATIM, ["[1] § 2.2 Our Common Agenda · report.txt"], "“"),
        (
            REPHRASED,
            [
                "“Scheduled for 22-23 September 2024, this Summit aims high.”",
                "[the Summit] aims high. [1]",
            ],
            "\x1b",
        ),
        (REFUSAL, ["Nearest passage (§ 3.1 Money · report.txt): “Money comes from members.”"], "Sources"),
        (replace(REFUSAL, nearest=(replace(NEAR, quote="word " * 100),)), ["word…”"], "Sources"),
        (replace(REFUSAL, reason="small talk", nearest=()), [], "As of"),
        (replace(REFUSAL, reason="language", nearest=()), [], "As of"),
        (replace(VERBATIM, confidence="low"), ["The passages closest"], "Written by"),
        (
            replace(VERBATIM, unanswered=("who pays?",), note=NOTE),
            ["I find no answer to “who pays?” in the one document I have.", NOTE],
            "Written by",
        ),
        (
            replace(VERBATIM, judged=False, confidence="low"),
            ["checked for numbers, dates and names only"],
            "The passages closest",
        ),
        (replace(VERBATIM, text="\x1b[2J\x9b31mScheduled. [1]"), ["Scheduled. [1]"], "\x1b"),
    ],
)
def test_an_answer_in_the_terminal(answer: Answer, said: list[str], not_said: str) -> None:
    text = shown(answer_view(answer))

    assert max(len(line) for line in text.splitlines()) <= 80
    assert not_said not in text
    for words in said:
        assert words in " ".join(text.split())


def test_wrapped_sources_are_indented() -> None:
    long = replace(REPHRASED, citations=(replace(CITATION, quote="word " * 40),))
    lines = shown(answer_view(long)).splitlines()
    start = next(number for number, line in enumerate(lines) if "“word" in line)

    assert lines[start + 1].startswith("      word")


def test_only_the_best_sentence_of_an_answer_is_bold() -> None:
    bold = [span for span in highlighted("Dates:\nOne. [1] Two. [2]", (16, 20)).spans if span.style == "bold"]
    assert [(span.start, span.end) for span in bold] == [(16, 20)]


@pytest.mark.parametrize(
    ("basis", "line"),
    [
        (Basis(0, None, None), "From no documents, as of 1 May 2024."),
        (Basis(1, "Notes", None), "As of 1 May 2024, from 1 document, undated: Notes"),
        (
            Basis(3, "Notes", REPORT.date),
            "As of 1 May 2024, from 3 documents, the newest of 29 April 2024: Notes",
        ),
    ],
)
def test_basis_in_words(basis: Basis, line: str) -> None:
    assert basis_line(basis, AS_OF) == line


def test_a_paragraph_is_shown_whole_with_its_quote_marked() -> None:
    text = highlighted_quote(PARAGRAPH, QUOTE)

    assert "The Summit is near." in shown(paragraph_view(CITATION, PARAGRAPH))
    assert [(span.style, text.plain[span.start : span.end]) for span in text.spans] == [
        (HIGHLIGHT_STYLE, "Scheduled for 22-23 September 2024, this Summit aims high.")
    ]


def test_quote_of_raw_text_is_marked_in_the_raw_text() -> None:
    section = replace(PARAGRAPH, text="The Summit is near.", raw="The Summit [bookmark: _1] is near.")

    assert "[bookmark: _1]" in highlighted_quote(section, "Summit [bookmark: _1] is").plain


def test_the_list_of_documents_says_how_a_date_was_inferred_or_what_to_do() -> None:
    inferred = replace(REPORT, date_inferred=True, found={"date": "file name"})
    text = shown(documents_view([inferred], {}))

    assert [words in text for words in ("2024-04-29 *", "by file name", "* inferred")] == [True] * 3
    assert "itubot ingest" in shown(documents_view([], {}))


class Conversation:
    """A chat whose lines are given beforehand, and what it printed."""

    def __init__(self, assistant: FakeAssistant | None = None) -> None:
        self.assistant = assistant or FakeAssistant()
        self.console = Console(file=io.StringIO(), width=80, markup=False, highlight=False)
        self.chat = Chat(self.assistant, FakeCatalog(), self.console, lambda: AS_OF)

    def run(self, *lines: str | type[BaseException]) -> str:
        """Return what was printed until the lines were used up, and Ctrl-D."""
        self.chat.run(self._reader(lines))
        return self.console.file.getvalue()  # type: ignore[attr-defined,no-any-return]

    @staticmethod
    def _reader(lines: Iterable[str | type[BaseException]]) -> Callable[[], str]:
        rest = iter(lines)

        def read() -> str:
            line = next(rest, EOFError)
            if isinstance(line, str):
                return line
            raise line

        return read


@pytest.mark.parametrize(
    ("lines", "printed", "asked"),
    [
        ((), "itubot · 1 document, newest of 29 April 2024 · as of 1 May 2024 · /help\n", 0),
        (("When is the Summit?",), "22-23 September 2024", 1),
        (("When?", "/source 1"), "It is in New York.", 1),
        (("When?", "/source 7"), "has no source 7; it has 1", 1),
        (("/source 1",), "ask something first", 0),
        (("/Help",), "/documents", 0),
        (("/sorce 1",), "/sorce is no command", 0),
        (("/documents",), f"{REPORT.title} (29 April 2024)", 0),
        (("/QUIT", "When?"), "itubot", 0),
        (("exit", "When?"), "itubot", 0),
        # Ctrl-C drops the line.
        ((KeyboardInterrupt, "When?"), "22-23 September 2024", 1),
    ],
)
def test_a_conversation(lines: tuple[str | type[BaseException], ...], printed: str, asked: int) -> None:
    talk = Conversation()

    assert printed in talk.run(*lines)
    assert len(talk.assistant.asked) == asked


def test_chat_passes_on_earlier_turns_until_it_starts_anew() -> None:
    talk = Conversation()
    talk.run("When is the Summit?", "And where?", "/new", "Who pays?")

    before = (Turn("user", "When is the Summit?"), Turn("assistant", VERBATIM.text))
    assert talk.assistant.asked[1:] == [("And where?", before, AS_OF), ("Who pays?", (), AS_OF)]


def test_source_still_works_after_a_refusal() -> None:
    talk = Conversation()
    talk.run("When is the Summit?")
    talk.assistant.reply = REFUSAL

    assert "It is in New York." in talk.run("Who pays?", "/source 1")


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        (BotError("the model is too slow; try again"), "too slow"),
        (StoreBusy("the catalog is locked"), "locked"),
        (KeyboardInterrupt(), "Stopped."),
    ],
)
def test_a_failed_answer_is_a_line_and_the_conversation_goes_on(failure: BaseException, line: str) -> None:
    talk = Conversation(FakeAssistant(failure=failure))

    assert line in talk.run("When is the Summit?", "And where?")
    assert len(talk.assistant.asked) == 2
