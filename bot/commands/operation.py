"""`itubot serve`, `manifest`, `doctor`, `eval` and the commands for all that is stored: for whoever runs the bot."""

from __future__ import annotations

import logging
import re
import signal
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Group, RenderableType
from rich.progress import track
from rich.table import Column
from rich.text import Text

from bot import results
from bot.commands.context import AsJson, AsOf, CliContext, bundled, cli_context, time_of
from bot.doctor import CheckResult, broken, ok, unused
from bot.doctor.checks import (
    check_answers,
    check_cross_encoders,
    check_encoder,
    check_folder,
    check_language_models,
    check_model,
    check_names,
    check_public_address,
    check_reading,
    check_storage,
    check_versions,
)
from bot.doctor.slack import check_slack, check_tokens
from bot.errors import NotReady, SettingsError
from bot.evaluation.measurement import Measurement, evaluate, format_metric, measure
from bot.evaluation.questions import read_questions
from bot.plural import counted
from bot.register.wording import day
from bot.safe_text import visible
from bot.settings import command_name
from bot.slack.manifest import make_manifest
from bot.stopping import end_soon
from bot.terminal import (
    emit,
    emit_json,
    number_column,
    only_result,
    short,
    show,
    stderr_console,
    stdout_console,
    table,
)
from store.jobs import AnswerVote, InstallationStore, QuestionStore, UnansweredQuestion
from store.jobs.people import forget_person
from store.migrations import Migration
from store.restarts import while_it_restarts

if TYPE_CHECKING:
    from bot.slack.core.options import SlackOptions
    from store.backup import BackupReport


_LOG = logging.getLogger(__name__)


def serve(context: typer.Context) -> None:
    """Run the Slack bot until it is stopped."""
    run_bot(cli_context(context))


def run_bot(cli: CliContext) -> None:
    """Run the bot until it is stopped. Raises BotError or StoreError."""
    settings = cli.settings
    if not settings.slack_configured:
        raise SettingsError(
            "Slack is not set up; set SLACK_BOT_TOKEN and SLACK_APP_TOKEN (docs/tutorial.md shows how)"
        )
    # From here until the bot listens to signals itself; without it, a container's first process ignores SIGTERM.
    signal.signal(signal.SIGTERM, _leave)
    for name in ("bot", "store.jobs", "store.search"):
        logging.getLogger(name).setLevel(logging.INFO)
    # An error of the store ends the program before it connects to Slack.
    question_store, options = while_it_restarts(partial(_open_store, cli))
    # Imported late: Bolt is slow to import, and only this command needs it.
    import asyncio

    from bot.slack.app import run_slack_bot
    from bot.slack.wiring import channel_data

    services = cli.services
    asyncio.run(
        run_slack_bot(
            lambda audience: services.seen_from(audience).assistant,
            question_store,
            channel_data(services),
            options,
        )
    )


def _open_store(cli: CliContext) -> tuple[QuestionStore, SlackOptions]:
    """Open all that the bot stores; an empty store can be filled from Slack."""
    try:
        cli.require_documents(for_anybody=True)
    except NotReady as error:
        _LOG.warning("%s, or send documents in Slack", error)
    # Imported late, as in `run_bot`.
    from bot.slack.wiring import slack_options

    return cli.services.shared.question_store, slack_options(cli.services)


def _leave(*_signal: object) -> None:
    end_soon()
    raise SystemExit(0)


def manifest(
    context: typer.Context,
    http: Annotated[
        str,
        typer.Option("--http", metavar="URL", help="For HTTP mode: the bot's public address, https://HOST."),
    ] = "",
    command: Annotated[
        str, typer.Option("--command", metavar="/NAME", help="The slash command; by default ITUBOT_COMMAND.")
    ] = "",
) -> None:
    """Print the Slack app's manifest for the features that are switched on."""
    settings = cli_context(context).settings
    name = _checked_command(command or settings.command)
    emit_json(Any, make_manifest(settings, command=name, url=_checked_address(http)))


def _checked_command(name: str) -> str:
    try:
        return command_name(name)
    except ValueError as error:
        raise typer.BadParameter(f"{name!r} {error}") from None


def _checked_address(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment):
        raise typer.BadParameter(
            f"{url!r} is no address that Slack calls; write it as in https://bot.example.org"
        )
    return url


_SIGNS = {"ok": ("✓", "green"), "broken": ("✗", "bold red"), "unused": ("–", "dim")}


def doctor(
    context: typer.Context,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nothing of Slack and of the public address.")
    ] = False,
    model: Annotated[
        bool, typer.Option("--model", help="Ask twenty questions with and without the language model.")
    ] = False,
) -> None:
    """Check settings, store, model and Slack; say how to repair what fails. Exit code 1 if something is broken."""
    cli = cli_context(context)
    console = stdout_console()
    failed = False
    tried = _try_model(cli) if model else ()
    for check in chain(_examine(cli, offline), tried):
        sign, style = _SIGNS[check.verdict]
        line = Text.assemble((f"{sign} ", style), (f"{check.name}: ", "bold"), visible(check.found))
        if check.remedy:
            line.append(visible(f"\n  → {check.remedy}"))
        console.print(line)
        failed = failed or check.verdict == "broken"
    if failed:
        raise typer.Exit(1)


def _examine(cli: CliContext, offline: bool) -> Iterator[CheckResult]:
    """Yield every check; with invalid settings, only those that need none. `offline` asks nothing of the network."""
    # Imports the readers.
    from ingest.readers.sandbox.probe import possible_attacks

    yield check_names()
    try:
        settings = cli.settings
    except SettingsError as error:
        yield broken("settings", str(error), "correct the environment or .env")
        return
    yield ok("settings", "every ITUBOT_ name is known and every value possible")
    yield check_folder(settings)
    shared = cli.services.shared
    yield from check_storage(shared.catalog, settings)
    yield check_versions(shared.catalog, settings.today())
    yield check_model(settings)
    yield check_encoder(settings)
    yield from check_language_models(settings)
    yield from check_cross_encoders(settings)
    yield check_reading(possible_attacks)
    if not offline:
        yield check_public_address(settings)
    tokens = check_tokens(settings)
    yield tokens
    if tokens.verdict == "ok" and not offline:
        yield from check_slack(settings, lambda: InstallationStore(shared.state).all())


def _try_model(cli: CliContext) -> Iterator[CheckResult]:
    if not cli.settings.model:
        yield unused("model", "ITUBOT_MODEL is empty")
        return
    files = bundled()
    # Ends before a line is printed.
    with (
        tempfile.TemporaryDirectory() as folder,
        stderr_console().status("Trying the model, which may take minutes ..."),
    ):
        questions = read_questions(files[0].parent / "questions.jsonl")
        check = check_answers(cli.settings, cli.build, files, questions, Path(folder))
    yield check


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The archive to write, as in itubot.zip.", show_default=False)],
) -> None:
    """Save documents, corrections, jobs, conversations and files in one archive; bots may run meanwhile."""
    # Imported late, as other commands do not need it.
    from store.backup import write_backup

    report = write_backup(cli_context(context).services.shared.whole_store, file)
    show(f"Saved in {file}: {_contents(report)}.")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An archive that `itubot backup` wrote.", show_default=False)],
) -> None:
    """Restore an archive, into an empty data folder and database."""
    from store.backup import open_archive
    from store.backup import restore as restore_archive

    archive = open_archive(file)
    report = restore_archive(cli_context(context).services.shared.whole_store, archive)
    show(f"Restored from {file}: {_contents(report)}.")


def _contents(report: BackupReport) -> str:
    counts = (
        (report.documents, "document"),
        (report.open_jobs, "unfinished job"),
        (report.files, "stored file"),
    )
    return ", ".join(counted(number, noun) for number, noun in counts)


def migrate(context: typer.Context) -> None:
    """Adapt the database of an earlier version to this one."""
    show(_line(cli_context(context).services.shared.migrate()))


def _line(migration: Migration) -> str:
    if migration.former is None:
        return "The database does not exist yet; it is created when it is first needed."
    if migration.former == migration.revision:
        return f"The database is up to date, at revision {migration.revision}."
    return f"The database was migrated from revision {migration.former} to {migration.revision}."


def _person(value: str) -> str:
    if not re.fullmatch(r"[UW][A-Z0-9]+", value):
        raise typer.BadParameter(
            f"{value!r} is not the id of a person; copy it in Slack from the profile, as in U0123ABCD"
        )
    return value


def forget(
    context: typer.Context,
    user: Annotated[str, typer.Argument(parser=_person, metavar="USER", help="The person's id in Slack.")],
) -> None:
    """Delete a person's questions with their answers, and all else that is kept of the person."""
    deleted = forget_person(cli_context(context).services.shared.state, user)
    rows = ", ".join(f"{count} of {table.replace('_', ' ')}" for table, count in sorted(deleted.items()))
    show(f"Deleted what was stored about {user}: {rows}." if rows else f"Nothing is stored about {user}.")


def feedback(context: typer.Context, as_json: AsJson = False) -> None:
    """List the votes on answers of the last 30 days, the latest first."""
    found = cli_context(context).services.shared.question_store.votes()
    emit(as_json, list[results.Vote], feedback_view, found)


def gaps(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", min=1, max=30, help="How many days back.")] = 7,
    as_json: AsJson = False,
) -> None:
    """List what could not be answered in Slack within the last week, and the bad votes, the latest first."""
    store = cli_context(context).services.shared.question_store
    newer_than = days * 24 * 3600.0
    unanswered, bad = store.unanswered(newer_than=newer_than), store.votes(newer_than, vote="bad")
    if as_json:
        emit_json(results.Gaps, {"unanswered": unanswered, "bad": bad})
    else:
        show(gaps_view(unanswered, bad, days))


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
    return day(time_of(seconds).date())


def evaluation(
    context: typer.Context,
    questions: Annotated[
        Path,
        typer.Argument(metavar="QUESTIONS.jsonl", help="One marked question a line.", show_default=False),
    ],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Measure retrieval, answers and refusals over a file of questions."""
    gold = read_questions(questions)
    cli = cli_context(context)
    cli.require_documents()
    day = as_of or cli.settings.today()
    console = stderr_console()
    with only_result():
        rows = evaluate(cli.services.assistant, gold, day)
        asked = track(
            rows, "Asking", len(gold), console=console, transient=True, disable=not console.is_terminal
        )
        measured = measure(asked, bundled()[0].name)
    documents = [document.source for document in cli.services.catalog.documents()]
    model = cli.settings.model or "extractive"
    run = replace(measured, questions=questions.name, model=model, as_of=day, documents=documents)
    emit(as_json, results.Evaluation, evaluation_view, run)


def evaluation_view(measured: Measurement) -> RenderableType:
    """Return the figures, and the questions that are not answered as marked."""
    counts = measured.counts
    figures = table(
        (Column(style="bold"), number_column("")),
        ((name, format_metric(name, value)) for name, value in measured.metrics.items()),
    )
    timings = table(
        (Column("milliseconds", style="bold"), number_column("p50"), number_column("p95")),
        ((stage, f"{at['p50']:.0f}", f"{at['p95']:.0f}") for stage, at in measured.timings_ms.items()),
    )
    lines = [f"{counts['sentences']} sentences, {counts['model_sentences']} by a model"]
    if measured.tokens:
        lines.append("tokens: " + ", ".join(f"{count} {name}" for name, count in measured.tokens.items()))
    if measured.removed:
        lines.append(f"{counts['removed']} stopped by checks")
        lines += [f"  {count} × {why}" for why, count in measured.removed.items()]
    if wrong := [row for row in measured.rows if row.verdict != "right"]:
        lines += ["", f"{len(wrong)} not answered as marked"]
        lines += [f"  {row.verdict}: {row.gold.question}" for row in wrong]
    heading = Text(f"{counts['questions']} questions, {counts['answered']} answered", style="bold")
    return Group(heading, figures, "", timings, "", Text(visible("\n".join(lines))))


COMMANDS = {
    "serve": serve,
    "manifest": manifest,
    "doctor": doctor,
    "eval": evaluation,
    "feedback": feedback,
    "gaps": gaps,
    "backup": backup,
    "restore": restore,
    "migrate": migrate,
    "forget": forget,
}
