"""`itubot ask`: one answer."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from typing import Annotated

import typer

from bot.answers import Answer
from bot.commands.context import AsJson, AsOf, CliContext, cli_context
from bot.question import read_question
from bot.terminal.answer import answer_view, live_answer
from bot.terminal.console import emit, only_result, stderr_console, stdout_console


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="In English, in quotes.", show_default=False)],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Answer one question, with the paragraph behind every sentence."""
    with only_result() if as_json else nullcontext():
        reply = answer(cli_context(context), question, as_of)
    emit(as_json, Answer.to_json, answer_view, reply)


def answer(cli: CliContext, question: str, as_of: date | None = None) -> Answer:
    """Return the answer. Meanwhile a terminal shows the judged sentences; otherwise stderr shows a waiting line."""
    text = read_question(question)
    cli.require_documents()
    day = as_of or cli.settings.today()
    console = stdout_console()
    if console.is_terminal:
        with live_answer(console) as on_sentence:
            return cli.services.assistant.answer(text, as_of=day, on_sentence=on_sentence)
    with stderr_console().status("Reading the documents …"):
        return cli.services.assistant.answer(text, as_of=day)
