"""`itubot ask`, `chat` and `run`: an answer, a conversation in the terminal, and what `make run` calls."""

from __future__ import annotations

import os
import re
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from bot.answering.answer import Answer, SentenceCallback, StreamedSentence
from bot.answering.question import Turn, read_question
from bot.answering.remarks import basis_line, checked, not_answered, opening, related
from bot.commands.context import AsJson, AsOf, CliContext, InLanguage, bundled, cli_context, speak
from bot.errors import BotError
from bot.locales import N_, _, in_language, ngettext, quoted
from bot.register.versions import newest_document
from bot.register.wording import day
from bot.safe_text import one_line, visible
from bot.terminal import emit_json, grid, only_result, show, stderr_console, stdout_console
from store.catalog import Catalog
from store.errors import NoStore, StoreError
from store.records import Citation, Section

if TYPE_CHECKING:
    from bot.answering.path import Assistant

SAMPLES = (
    "When is the Summit of the Future?",
    "What is the Global Digital Compact?",
    "Who co-facilitates the Summit of the Future?",
)

_CHAT_COMMANDS = {
    "/source N": N_("the whole paragraph behind [N], its quote marked"),
    "/documents": N_("what the answers come from"),
    "/new": N_("forget what was said before"),
    "/help": N_("this list"),
    "/quit": N_("leave (so does Ctrl-D)"),
}
# Also without the slash, as in other programs: it is no question to documents.
_LEAVE = frozenset({"/quit", "/exit", "/q", "quit", "exit"})
# Most turns that a follow-up question may refer to.
_MOST_TURNS = 20

MARKER_STYLE = "bold magenta"  # magenta and bold are readable on light and on dark backgrounds
HIGHLIGHT_STYLE = "black on bright_yellow"
QUIET_STYLE = "dim"

# Most characters of a quote in a refusal.
_MOST_QUOTED_CHARS = 300

_MARKERS = re.compile(r"\s*\[\d+\]")
_REFRESHES_PER_SECOND = 12.5


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="In quotes.", show_default=False)],
    as_of: AsOf = None,
    language: InLanguage = None,
    as_json: AsJson = False,
) -> None:
    """Answer one question, with the paragraph behind every sentence."""
    speak(language)
    with only_result() if as_json else nullcontext():
        reply = answer(cli_context(context), question, as_of, language)
    if as_json:
        # It has the types of all that is printed as JSON.
        from bot.results import Answered

        emit_json(Answered, reply)
    else:
        show(answer_view(reply))


def answer(cli: CliContext, question: str, as_of: date | None = None, language: str | None = None) -> Answer:
    """Return the answer. Meanwhile a terminal shows the judged sentences; otherwise stderr shows a waiting line."""
    text = read_question(question)
    cli.require_documents()
    today = as_of or cli.settings.today()
    console = stdout_console()
    if console.is_terminal:
        with live_answer(console) as on_sentence:
            return cli.services.assistant.answer(
                text, as_of=today, on_sentence=on_sentence, language=language
            )
    with stderr_console().status(_reading()):
        return cli.services.assistant.answer(text, as_of=today, language=language)


def _reading() -> str:
    return _("Reading the documents …")


def chat(context: typer.Context, as_of: AsOf = None, language: InLanguage = None) -> None:
    """Ask and follow up, in the terminal."""
    speak(language)
    converse(cli_context(context), as_of, language)


def converse(cli: CliContext, as_of: date | None = None, language: str | None = None) -> None:
    """Hold the conversation until its end. Raises NotReady, or BotError without a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BotError("chat needs a terminal; for one answer use `itubot ask QUESTION`")
    cli.require_documents()
    settings = cli.settings
    services = cli.services
    # The model loads while the first question is typed.
    loading = threading.Thread(target=_load_model, args=(services.assistant.warm_up,), daemon=True)
    loading.start()
    conversation = Chat(
        services.assistant, services.catalog, stdout_console(), lambda: as_of or settings.today(), language
    )
    conversation.run(line_reader(settings.data_dir / "chat-history"))
    if loading.is_alive():
        # The interpreter may crash at exit while a thread runs a native library.
        sys.stdout.flush()
        os._exit(0)


def _load_model(load: Callable[[], None]) -> None:
    # The first question raises the error again and shows it as a line; a thread would print a traceback.
    with suppress(Exception):
        load()


@dataclass
class Chat:
    """One conversation: its turns, and in `cited` the last answer with sources."""

    assistant: Assistant
    catalog: Catalog
    console: Console
    today: Callable[[], date]
    language: str | None = None
    turns: list[Turn] = field(default_factory=list)
    cited: Answer | None = None

    def run(self, read: Callable[[], str]) -> None:
        """Greet, then answer each line from `read`, until it raises EOFError or returns /quit."""
        self._greet()
        while True:
            try:
                line = read().strip()
            except EOFError:
                return
            except KeyboardInterrupt:
                continue  # Ctrl-C drops the line, as in a shell
            if line.casefold() in _LEAVE:
                return
            if line:
                self.respond(line)

    def respond(self, line: str) -> None:
        """Answer a line or run its command; an error is shown as a line."""
        self.console.print()
        try:
            if line.startswith("/"):
                self._run_command(*line.split(maxsplit=1))
            else:
                self._answer(line)
        except (BotError, StoreError) as error:
            self.console.print(Text(visible(str(error)), style="red"))
        except KeyboardInterrupt:
            self.console.print(Text(_("Stopped."), style="dim"))
        self.console.print()

    def _greet(self) -> None:
        documents = self.catalog.documents()
        newest = newest_document(documents)
        count = (
            ngettext(
                "{count} document, newest of {date}",
                "{count} documents, newest of {date}",
                len(documents),
                date=day(newest.date),
            )
            if newest and newest.date
            else ngettext("{count} document", "{count} documents", len(documents))
        )
        as_of = _("as of {day}", day=day(self.today()))
        self.console.print(
            Text.assemble(("itubot", "bold"), f" · {count} · {as_of} · "),
            Text("/help", style="bold"),
            end="\n\n",
            sep="",
        )

    def _answer(self, line: str) -> None:
        question = read_question(line)
        with live_answer(self.console) as on_sentence:
            answer = self.assistant.answer(
                question,
                history=tuple(self.turns[-_MOST_TURNS:]),
                as_of=self.today(),
                on_sentence=on_sentence,
                language=self.language,
            )
        self.turns += [Turn("user", question), Turn("assistant", answer.text)]
        if answer.citations:
            self.cited = answer
        self.console.print(answer_view(answer))

    def _run_command(self, name: str, argument: str = "") -> None:
        command = name.casefold()
        if command == "/help":
            self._help()
        elif command in ("/source", "/s"):
            self._show_source(argument.strip("[] ") or "1")
        elif command == "/documents":
            for document in self.catalog.documents():
                date_words = day(document.date) if document.date else _("undated")
                self.console.print(Text(one_line(f"{document.title} ({date_words})")))
        elif command == "/new":
            self.turns.clear()
            self.cited = None
            self.console.print(Text(_("A new conversation."), style="dim"))
        else:
            raise BotError(_("{name} is no command here; /help lists them", name=visible(name)))

    def _help(self) -> None:
        self.console.print(_("Ask in your own words; in English, follow-up questions are understood too."))
        for command, meaning in _CHAT_COMMANDS.items():
            self.console.print(Text.assemble((f"  {command:<12}", "bold"), _(meaning)))

    def _show_source(self, number: str) -> None:
        if self.cited is None:
            raise BotError(_("there is no answer with sources yet; ask something first"))
        by_marker = {str(citation.marker): citation for citation in self.cited.citations}
        if number not in by_marker:
            known = ", ".join(by_marker)
            raise BotError(
                _(
                    "the last answer has no source {number}; it has {known}",
                    number=visible(number),
                    known=known,
                )
            )
        section = self.catalog.section(by_marker[number].section_id)
        if section is None:
            raise BotError(
                _("the paragraph behind [{number}] is no longer in the store; ask again", number=number)
            )
        self.console.print(paragraph_view(by_marker[number], section))


def line_reader(history: Path) -> Callable[[], str]:
    """Return a function that reads a line, with editing, completion and a persistent history."""
    # Imported late: no other command needs it.
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.formatted_text import FormattedText
    from prompt_toolkit.history import FileHistory

    completer = WordCompleter([command.split()[0] for command in _CHAT_COMMANDS], sentence=True)
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(history)), completer=completer, complete_while_typing=False
    )
    prompt = FormattedText([("bold", "› ")])
    return lambda: session.prompt(prompt)


def run(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="Answer this and exit.")] = None,
) -> None:
    """Answer, in Slack if its tokens are set, else here; first read the bundled report if there are no documents."""
    speak(None)
    cli = cli_context(context)
    if question is not None:
        read_question(question)  # raises an error now, not after the minutes that an ingest may take
    # Imported late: an answer needs neither.
    from bot.commands.library import ingest_paths, ingest_view
    from bot.commands.operation import run_bot

    if _empty(cli):
        stderr_console().print(ingest_view(ingest_paths(cli, bundled())))
    if question is not None:
        show(answer_view(answer(cli, question)))
    elif cli.settings.slack_configured:
        run_bot(cli)
    elif sys.stdin.isatty() and sys.stdout.isatty():
        converse(cli)
    else:
        _answer_samples(cli)


def _empty(cli: CliContext) -> bool:
    try:
        return not cli.services.catalog.documents()
    except NoStore:
        return True


def _answer_samples(cli: CliContext) -> None:
    for question in SAMPLES:
        show(Text(f"> {question}", style="bold"))
        show(answer_view(answer(cli, question)))
        show("")


def answer_view(answer: Answer) -> RenderableType:
    """Return the view of `answer`, in its language."""
    with in_language(answer.language):
        return _answer_view(answer)


def _answer_view(answer: Answer) -> RenderableType:
    parts: list[RenderableType] = []
    if above := opening(answer):
        parts += [Text(above, style="italic"), ""]
    parts.append(highlighted(answer.text, answer.best))
    if answer.citations:
        parts += ["", Text(_("Sources"), style="bold"), sources_view(answer.citations, answer.text)]
    if answer.nearest and not answer.answered:
        near = answer.nearest[0]
        place = one_line(f"§ {near.section} {near.heading} · {near.source}")
        parts += ["", Text(visible(related(place, _shortened(near.quote))))]
    if answer.unanswered:
        parts += ["", Text(visible(not_answered(answer.unanswered, answer.basis)))]
    for note in filter(None, (answer.note, checked(answer))):
        parts += ["", Text(visible(note), style=QUIET_STYLE)]
    if answer.searched:
        # Long titles are cut to one line; into a pipe there is no width to cut at.
        parts += [
            "",
            Text(basis_line(answer.basis, answer.as_of), QUIET_STYLE, no_wrap=True, overflow="ellipsis"),
        ]
    return Group(*parts)


def paragraph_view(citation: Citation, section: Section) -> RenderableType:
    """Return the whole paragraph that `citation` points to, its quote marked."""
    title = Text.assemble(
        (f"[{citation.marker}] ", MARKER_STYLE),
        (one_line(f"§ {citation.section}  {citation.heading}"), "bold"),
    )
    page = ", " + _page(citation.page) if citation.page else ""
    symbol = f"{citation.symbol}, " if citation.symbol else ""
    origin = Text(one_line(f"{symbol}{citation.document} ({citation.source}{page})"), style=QUIET_STYLE)
    return Group(title, origin, "", highlighted_quote(section, citation.quote))


def highlighted_quote(section: Section, quote: str) -> Text:
    """Return the section's text with `quote` highlighted."""
    # Imported late: only a conversation shows whole paragraphs.
    from bot.sources import find_quote

    body, start, end = find_quote(section, quote)
    return _marked(body, start, end, HIGHLIGHT_STYLE)


def highlighted(body: str, best: tuple[int, int] | None = None) -> Text:
    """Return an answer's text with its markers in colour, and the sentence `best` from start to end in bold."""
    text = _marked(body, *(best or (0, 0)), "bold")
    text.highlight_regex(r"\[\d+\]", MARKER_STYLE)
    return text


def _marked(body: str, start: int, end: int, style: str) -> Text:
    """Return a text with the part from start to end in a style; what can't be seen is made visible."""
    return Text.assemble(visible(body[:start]), (visible(body[start:end]), style), visible(body[end:]))


def _page(number: int) -> str:
    return _("page {number}", number=number)


def sources_view(citations: Sequence[Citation], text: str) -> RenderableType:
    """Return a line for each citation of a text, with its quote unless the text repeats it."""
    rows = []
    for citation in citations:
        page = f" · {_page(citation.page)}" if citation.page else ""
        line = Text.assemble(
            one_line(f"§ {citation.section}  {citation.heading}".rstrip()),
            (one_line(f" · {citation.symbol or citation.source}{page}"), QUIET_STYLE),
        )
        if _squeezed(citation.quote) not in _squeezed(_MARKERS.sub("", text)):
            line.append(visible("\n" + quoted(" ".join(citation.quote.split()))), style="italic")
        rows.append((Text(f"  [{citation.marker}]", style=MARKER_STYLE), line))
    return grid(rows)


def nearest_view(citations: Sequence[Citation]) -> RenderableType:
    """Return the heading and the quote of passages that a refusal names."""
    return grid(
        (
            Text(one_line(f"  § {near.section}")),
            Text.assemble(
                one_line(near.heading),
                (one_line(f" · {near.source}"), QUIET_STYLE),
                (visible(f"\n{_shortened(near.quote)}"), "italic"),
            ),
        )
        for near in citations
    )


def _shortened(quote: str) -> str:
    return quoted(textwrap.shorten(quote, _MOST_QUOTED_CHARS, placeholder="…"))


def _squeezed(text: str) -> str:
    # Bullets are not in the text of an answer, and Chinese has no spaces between sentences.
    return "".join(re.findall(r"\S*\w\S*", text)).rstrip(".")


@contextmanager
def live_answer(console: Console) -> Iterator[SentenceCallback]:
    """Show a spinner, then each sentence passed to the yielded function; clear all of it at the end."""
    sentences: list[str] = []
    with Live(
        _view(sentences),
        console=console,
        transient=True,
        refresh_per_second=_REFRESHES_PER_SECOND,
        redirect_stdout=False,
    ) as live:

        def show(sentence: StreamedSentence) -> None:
            sentences.append(sentence.text)
            live.update(_view(sentences), refresh=True)

        yield show


def _view(sentences: list[str]) -> RenderableType:
    if not sentences:
        return Spinner("dots", _reading(), style="status.spinner")
    return Group(highlighted("".join(sentences)), Spinner("dots", style="status.spinner"))


COMMANDS = {"ask": ask, "chat": chat, "run": run}
