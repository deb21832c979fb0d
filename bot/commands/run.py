"""`itubot run`, which `make run` calls: ingests the bundled documents into an empty store, then answers."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.text import Text

from bot.commands import serve
from bot.commands.ask import answer
from bot.commands.chat import converse
from bot.commands.context import CliContext, bundled, cli_context
from bot.commands.ingest import ingest_paths
from bot.question import read_question
from bot.terminal.answer import answer_view
from bot.terminal.console import show, stderr_console
from bot.terminal.ingest import ingest_view
from store.errors import NoStore

SAMPLES = (
    "When is the Summit of the Future?",
    "What is the Global Digital Compact?",
    "Who co-facilitates the Summit of the Future?",
)


def run(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="Answer this and exit.")] = None,
) -> None:
    """Fill an empty store, then answer, in Slack if set up."""
    cli = cli_context(context)
    if question is not None:
        read_question(question)  # raises an error now, not after the minutes that an ingest may take
    if _empty(cli):
        stderr_console().print(ingest_view(ingest_paths(cli, bundled())))
    if question is not None:
        show(answer_view(answer(cli, question)))
    elif cli.settings.slack_configured:
        serve.run_bot(cli)
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
