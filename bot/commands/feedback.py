"""`itubot feedback`: what people said of answers in Slack."""

from __future__ import annotations

import typer

from bot.commands.context import AsJson, cli_context
from bot.terminal.console import emit_json, show
from bot.terminal.feedback import feedback_json, feedback_view


def feedback(context: typer.Context, as_json: AsJson = False) -> None:
    """List the votes on answers of the last 30 days, the latest first."""
    found = cli_context(context).services.shared.question_store.feedback.all()
    if as_json:
        emit_json(feedback_json(found))
    else:
        show(feedback_view(found))
