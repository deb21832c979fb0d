"""`itubot feedback` and `itubot gaps`: what people said of answers in Slack, and what the documents did not answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from bot.commands.context import AsJson, cli_context
from bot.json_fields import iso_time, json_fields
from bot.plural import counted
from bot.register.wording import day
from bot.terminal import emit, short, table
from store.jobs import AnswerRecord, AnswerVote, UnansweredQuestion


def feedback(context: typer.Context, as_json: AsJson = False) -> None:
    """List the votes on answers of the last 30 days, the latest first."""
    found = cli_context(context).services.shared.question_store.votes()
    emit(as_json, feedback_json, feedback_view, found)


def gaps(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", min=1, max=30, help="How many days back.")] = 7,
    as_json: AsJson = False,
) -> None:
    """List what could not be answered in Slack within the last week, and the bad votes, the latest first."""
    store = cli_context(context).services.shared.question_store
    newer_than = days * 24 * 3600.0
    unanswered, bad = store.unanswered(newer_than=newer_than), store.votes(newer_than, vote="bad")
    emit(as_json, gaps_json, partial(gaps_view, days=days), unanswered, bad)


def feedback_json(found: Sequence[AnswerVote]) -> list[dict[str, Any]]:
    """Return what `itubot feedback --json` prints."""
    return [
        {
            "at": iso_time(vote.at),
            **json_fields(vote, "user vote reason comment question"),
            "answer": vote.reply,
            **_record_json(vote.record),
        }
        for vote in found
    ]


def feedback_view(found: Sequence[AnswerVote]) -> RenderableType:
    """Return the table of votes."""
    if not found:
        return Text("Nobody has voted on an answer in the last 30 days.")
    good = sum(vote.vote == "good" for vote in found)
    votes = table(
        (short("on"), "vote", Column("question", ratio=1), Column("what was wrong", ratio=1)),
        (
            (_day(vote.at), vote.vote, vote.question, ": ".join(filter(None, (vote.reason, vote.comment))))
            for vote in found
        ),
    )
    return Group(votes, "", Text(f"{counted(good, 'good vote')}, {counted(len(found) - good, 'bad vote')}."))


def gaps_json(unanswered: Sequence[UnansweredQuestion], bad: Sequence[AnswerVote]) -> dict[str, Any]:
    """Return what `itubot gaps --json` prints."""
    questions = [
        {
            "at": iso_time(question.asked_at),
            "user": question.message.user,
            "channel": question.message.channel,
            "question": question.message.text,
        }
        for question in unanswered
    ]
    return {"unanswered": questions, "bad": feedback_json(bad)}


def gaps_view(
    unanswered: Sequence[UnansweredQuestion], bad: Sequence[AnswerVote], days: int
) -> RenderableType:
    """Return the unanswered questions of the last days and the bad votes."""
    within = "the last day" if days == 1 else f"the last {days} days"
    if not unanswered and not bad:
        return Text(f"Every question of {within} was answered, and nobody found an answer bad.")
    parts: list[RenderableType] = []
    if unanswered:
        asked = ((_day(question.asked_at), question.message.text) for question in unanswered)
        parts += [table((short("on"), Column("the documents do not answer", ratio=1)), asked), ""]
    if bad:
        parts += [feedback_view(bad), ""]
    return Group(*parts, Text(f"{counted(len(unanswered), 'unanswered question')} of {within}."))


def _day(seconds: float) -> str:
    return day(datetime.fromtimestamp(seconds, UTC).date())


def _record_json(record: AnswerRecord | None) -> dict[str, Any]:
    if record is None:
        return {"answered": None, "model": None, "sources": []}
    cited = record.citations if record.answered else ()
    sources = [json_fields(citation, "source version section quote") for citation in cited]
    return {"answered": record.answered, "model": record.model, "sources": sources}
