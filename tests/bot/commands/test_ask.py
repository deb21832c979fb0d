"""What people see in a terminal: answers, paragraphs, tables, the conversation."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType

from bot.answering.answer import Basis
from bot.answering.question import Turn
from bot.answering.remarks import basis_line
from bot.commands.ask import (
    HIGHLIGHT_STYLE,
    Chat,
    answer_view,
    highlighted,
    highlighted_quote,
    paragraph_view,
)
from bot.commands.documents import documents_view
from bot.errors import BotError
from bot.safe_text import visible
from store.errors import StoreBusy
from tests.bot.sample_answers import (
    AS_OF,
    CITATION,
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


def test_sources_are_numbered_and_name_their_paragraph() -> None:
    assert "[1] § 2.2  Our Common Agenda · report.txt" in shown(answer_view(VERBATIM))


def test_verbatim_sentence_is_not_quoted_again() -> None:
    assert "“" not in shown(answer_view(VERBATIM))


def test_a_sentence_in_other_words_is_followed_by_its_quote() -> None:
    assert "“Scheduled for 22-23 September 2024, this Summit aims high.”" in shown(answer_view(REPHRASED))


def test_wrapped_sources_are_indented() -> None:
    long = replace(REPHRASED, citations=(replace(CITATION, quote="word " * 40),))
    lines = shown(answer_view(long)).splitlines()
    start = next(number for number, line in enumerate(lines) if "“word" in line)

    assert lines[start + 1].startswith("      word")


def test_brackets_of_an_answer_are_text_and_no_markup() -> None:
    assert "[the Summit] aims high. [1]" in shown(answer_view(REPHRASED))


def test_a_refusal_offers_the_nearest_sections_and_no_sources() -> None:
    text = shown(answer_view(REFUSAL))

    assert "§ 3.1 Money · report.txt" in text
    assert "Sources" not in text


def test_a_refusal_quotes_the_nearest_section_and_says_that_it_is_no_answer() -> None:
    assert "Nearest passage (§ 3.1 Money · report.txt): “Money comes from members.”" in " ".join(
        shown(answer_view(REFUSAL)).split()
    )


def test_only_the_best_sentence_of_an_answer_is_bold() -> None:
    bold = [span for span in highlighted("Dates:\nOne. [1] Two. [2]", (16, 20)).spans if span.style == "bold"]
    assert [(span.start, span.end) for span in bold] == [(16, 20)]


def test_a_long_quote_of_a_refusal_is_shortened_at_a_word() -> None:
    near = replace(REFUSAL.nearest[0], quote="word " * 100 + "end.")
    assert "word…”" in shown(answer_view(replace(REFUSAL, nearest=(near,))))


@pytest.mark.parametrize("reason", ["small talk", "language"])
def test_reply_without_a_search_has_no_basis(reason: str) -> None:
    assert "As of" not in shown(answer_view(replace(REFUSAL, reason=reason, nearest=())))


def test_an_uncertain_answer_says_so_first() -> None:
    assert shown(answer_view(replace(VERBATIM, confidence="low"))).startswith("The passages closest")


def test_every_answer_names_its_basis() -> None:
    assert "As of 1 May 2024, from 1 document of 29 April 2024: A report on [digital] themes" in shown(
        answer_view(VERBATIM)
    )


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


def test_unanswered_parts_and_note_are_below_the_answer() -> None:
    answer = replace(VERBATIM, unanswered=("who pays?",), note="The documents' own sentences, because.")
    text = shown(answer_view(answer))

    assert "I find no answer to “who pays?” in the one document I have." in text
    assert text.index("who pays?") < text.index("The documents' own sentences, because.")


def test_note_on_checks_is_below_the_answer() -> None:
    answer = replace(VERBATIM, judged=False, confidence="low")

    assert "checked for numbers, dates and names only" in shown(answer_view(answer))


@pytest.mark.parametrize("view", [answer_view(REPHRASED), paragraph_view(CITATION, PARAGRAPH)])
def test_eighty_columns_are_enough(view: RenderableType) -> None:
    assert max(len(line) for line in shown(view).splitlines()) <= 80


def test_a_paragraph_is_shown_whole() -> None:
    assert "The Summit is near." in shown(paragraph_view(CITATION, PARAGRAPH))


def test_the_quote_is_marked_though_its_spaces_differ() -> None:
    text = highlighted_quote(PARAGRAPH, QUOTE)

    assert [(span.style, text.plain[span.start : span.end]) for span in text.spans] == [
        (HIGHLIGHT_STYLE, "Scheduled for 22-23 September 2024, this Summit aims high.")
    ]


def test_quote_of_raw_text_is_marked_in_the_raw_text() -> None:
    section = replace(PARAGRAPH, text="The Summit is near.", raw="The Summit [bookmark: _1] is near.")

    assert "[bookmark: _1]" in highlighted_quote(section, "Summit [bookmark: _1] is").plain


@pytest.mark.parametrize("quote", ["is near.", "is not there."])
def test_a_paragraph_is_shown_without_its_control_characters(quote: str) -> None:
    section = replace(PARAGRAPH, text="\x1b[2JThe \u202eSummit is near.")

    assert highlighted_quote(section, quote).plain == "[2JThe Summit is near."


def test_control_characters_of_documents_are_visible() -> None:
    hostile = replace(VERBATIM, text="\x1b[2J\x9b31mScheduled. [1]")

    assert not {"\x1b", "\x9b"} & set(shown(answer_view(hostile)))


def test_line_breaks_are_kept() -> None:
    assert visible("a\n\tb\x07") == "a\n\tb"


def test_documents_are_listed_with_their_figures() -> None:
    line = shown(documents_view([REPORT], {REPORT.id: (41, 53)})).splitlines()[1]

    assert line.split()[-4:] == ["2024-04-29", "1", "41", "53"]


def test_an_inferred_date_is_marked() -> None:
    text = shown(documents_view([replace(REPORT, date_inferred=True)], {}))

    assert "2024-04-29 *" in text
    assert "* inferred" in text


def test_list_of_documents_says_how_a_date_was_inferred() -> None:
    inferred = replace(REPORT, date_inferred=True, found={"date": "file name"})

    assert "by file name" in shown(documents_view([inferred], {}))


def test_an_empty_store_says_what_to_do() -> None:
    assert "itubot ingest" in shown(documents_view([], {}))


class Conversation:
    """A chat whose lines are given beforehand, and what it printed."""

    def __init__(self, assistant: FakeAssistant | None = None, library: FakeCatalog | None = None) -> None:
        self.assistant = assistant or FakeAssistant()
        self.console = Console(file=io.StringIO(), width=80, markup=False, highlight=False)
        self.chat = Chat(self.assistant, library or FakeCatalog(), self.console, lambda: AS_OF)

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


def test_chat_greets_with_its_basis() -> None:
    first = Conversation().run().splitlines()[0]

    assert first == "itubot · 1 document, newest of 29 April 2024 · as of 1 May 2024 · /help"


def test_chat_answers() -> None:
    assert "22-23 September 2024" in Conversation().run("When is the Summit?")


def test_chat_passes_on_earlier_turns() -> None:
    talk = Conversation()
    talk.run("When is the Summit?", "And where?")

    assert talk.assistant.asked[1] == (
        "And where?",
        (Turn("user", "When is the Summit?"), Turn("assistant", VERBATIM.text)),
        AS_OF,
    )


def test_chat_can_start_anew() -> None:
    talk = Conversation()
    talk.run("When is the Summit?", "/new", "And where?")

    assert talk.assistant.asked[1][1] == ()


def test_source_shows_the_whole_paragraph() -> None:
    assert "It is in New York." in Conversation().run("When is the Summit?", "/source 1")


def test_unknown_source_number_lists_the_known_ones() -> None:
    assert "has no source 7; it has 1" in Conversation().run("When?", "/source 7")


def test_source_before_any_answer_says_to_ask() -> None:
    assert "ask something first" in Conversation().run("/source 1")


def test_source_still_works_after_a_refusal() -> None:
    talk = Conversation()
    talk.run("When is the Summit?")
    talk.assistant.reply = REFUSAL

    assert "It is in New York." in talk.run("Who pays?", "/source 1")


def test_help_names_every_command() -> None:
    text = Conversation().run("/Help")

    assert all(command in text for command in ("/source N", "/documents", "/new", "/help", "/quit"))


def test_unknown_command_is_no_question() -> None:
    talk = Conversation()

    assert "/sorce is no command" in talk.run("/sorce 1")
    assert talk.assistant.asked == []


@pytest.mark.parametrize("word", ["/quit", "/QUIT", "quit", "exit"])
def test_quit_leaves(word: str) -> None:
    talk = Conversation()
    talk.run(word, "When is the Summit?")

    assert talk.assistant.asked == []


def test_empty_line_is_ignored() -> None:
    talk = Conversation()
    talk.run("", "   ")

    assert talk.assistant.asked == []


def test_ctrl_c_drops_the_line_and_the_conversation_goes_on() -> None:
    talk = Conversation()
    talk.run(KeyboardInterrupt, "When is the Summit?")

    assert len(talk.assistant.asked) == 1


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


def test_invalid_question_is_one_line() -> None:
    talk = Conversation()

    assert "20,000 characters" in talk.run("x" * 20_000)
    assert talk.assistant.asked == []


def test_documents_are_named_in_the_conversation() -> None:
    assert f"{REPORT.title} (29 April 2024)" in Conversation().run("/documents")
