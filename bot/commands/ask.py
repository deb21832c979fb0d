"""`itubot ask`: one answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from bot.answers import Answer
from bot.commands.context import AsJson, AsOf, CliContext, cli_context
from bot.question import read_question
from bot.terminal.answer import answer_view
from bot.terminal.console import emit_json, notices, only_result, results, show
from bot.terminal.live_answer import live_answer


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="In English, in quotes.", show_default=False)],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Answer one question, with the paragraph behind every sentence."""
    if as_json:
        with only_result():
            reply = answer(cli_context(context), question, as_of)
        emit_json(reply.to_json())
    else:
        show(answer_view(answer(cli_context(context), question, as_of)))


def answer(cli: CliContext, question: str, as_of: date | None = None) -> Answer:
    """Return the answer. Meanwhile a terminal shows the judged sentences; otherwise stderr shows a waiting line."""
    text = read_question(question)
    cli.require_documents()
    day = as_of or cli.settings.today()
    console = results()
    if console.is_terminal:
        with live_answer(console) as on_sentence:
            return cli.services.assistant.answer(text, as_of=day, on_sentence=on_sentence)
    with notices().status("Reading the documents …"):
        return cli.services.assistant.answer(text, as_of=day)
