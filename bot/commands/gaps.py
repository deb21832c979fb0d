"""`itubot gaps`: the questions that the documents did not answer, and the answers that people found bad."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.context import AsJson, cli_context
from bot.terminal.console import emit_json, show
from bot.terminal.feedback import gaps_json, gaps_view


def gaps(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", min=1, max=30, help="How many days back.")] = 7,
    as_json: AsJson = False,
) -> None:
    """List what could not be answered in Slack within the last week, and the bad votes, the latest first."""
    store = cli_context(context).services.shared.question_store
    newer_than = days * 24 * 3600.0
    unanswered, bad = store.unanswered(newer_than=newer_than), store.feedback.all(newer_than, vote="bad")
    if as_json:
        emit_json(gaps_json(unanswered, bad))
    else:
        show(gaps_view(unanswered, bad, days))
