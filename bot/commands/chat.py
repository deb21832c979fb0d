"""`itubot chat`: the conversation in the terminal, with follow-up questions and a few commands with a slash."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from bot.answers import Answer, Answerer
from bot.commands.context import AsOf, CliContext, cli_context
from bot.errors import BotError
from bot.plural import counted
from bot.question import Turn, read_question
from bot.register.digest import newest_document
from bot.register.wording import day
from bot.safe_text import one_line, visible
from bot.terminal.answer import answer_view, live_answer, paragraph_view
from bot.terminal.console import stdout_console
from store.catalog import Catalog
from store.errors import StoreError


def chat(context: typer.Context, as_of: AsOf = None) -> None:
    """Ask and follow up, in the terminal."""
    converse(cli_context(context), as_of)


def converse(cli: CliContext, as_of: date | None = None) -> None:
    """Hold the conversation until its end. Raises NotReady, or BotError without a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BotError("chat needs a terminal; for one answer use `itubot ask QUESTION`")
    cli.require_documents()
    settings, services = cli.settings, cli.services
    # The model loads while the first question is typed.
    loading = threading.Thread(target=_load_model, args=(services.assistant.warm_up,), daemon=True)
    loading.start()
    conversation = Chat(
        services.assistant, services.catalog, stdout_console(), lambda: as_of or settings.today()
    )
    conversation.run(line_reader(settings.data_dir / "chat-history"))
    if loading.is_alive():
        # The interpreter may crash at exit while a thread runs a native library.
        sys.stdout.flush()
        os._exit(0)


def _load_model(load: Callable[[], None]) -> None:
    # The first question raises the error again and shows it as a line; a thread would print a traceback.
    with contextlib.suppress(Exception):
        load()


COMMANDS = {
    "/source N": "the whole paragraph behind [N], its quote marked",
    "/documents": "what the answers come from",
    "/new": "forget what was said before",
    "/help": "this list",
    "/quit": "leave (so does Ctrl-D)",
}
# Also without the slash, as in other programs: it is no question to documents.
_LEAVE = frozenset({"/quit", "/exit", "/q", "quit", "exit"})
# Most turns that a follow-up question may refer to.
_MOST_TURNS = 20


@dataclass
class Chat:
    """One conversation: its turns, and in `cited` the last answer with sources."""

    assistant: Answerer
    catalog: Catalog
    console: Console
    today: Callable[[], date]
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
            self.console.print(Text("Stopped.", style="dim"))
        self.console.print()

    def _greet(self) -> None:
        documents = self.catalog.documents()
        count = counted(len(documents), "document")
        newest = newest_document(documents)
        dated = f", newest of {day(newest.date)}" if newest and newest.date else ""
        self.console.print(
            Text.assemble(("itubot", "bold"), f" · {count}{dated} · as of {day(self.today())} · "),
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
                dated = day(document.date) if document.date else "undated"
                self.console.print(Text(one_line(f"{document.title} ({dated})")))
        elif command == "/new":
            self.turns.clear()
            self.cited = None
            self.console.print(Text("A new conversation.", style="dim"))
        else:
            raise BotError(f"{visible(name)} is no command here; /help lists them")

    def _help(self) -> None:
        self.console.print("Ask in English, in your own words; follow-up questions are understood.")
        for command, meaning in COMMANDS.items():
            self.console.print(Text.assemble((f"  {command:<12}", "bold"), meaning))

    def _show_source(self, number: str) -> None:
        if self.cited is None:
            raise BotError("there is no answer with sources yet; ask something first")
        by_marker = {str(citation.marker): citation for citation in self.cited.citations}
        if number not in by_marker:
            raise BotError(f"the last answer has no source {visible(number)}; it has {', '.join(by_marker)}")
        section = self.catalog.section(by_marker[number].section_id)
        if section is None:
            raise BotError(f"the paragraph behind [{number}] is no longer in the store; ask again")
        self.console.print(paragraph_view(by_marker[number], section))


def line_reader(history: Path) -> Callable[[], str]:
    """Return a function that reads a line, with editing, completion and a persistent history."""
    # Imported late: no other command needs it.
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.formatted_text import FormattedText
    from prompt_toolkit.history import FileHistory

    completer = WordCompleter([command.split()[0] for command in COMMANDS], sentence=True)
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(history)), completer=completer, complete_while_typing=False
    )
    prompt = FormattedText([("bold", "› ")])
    return lambda: session.prompt(prompt)
