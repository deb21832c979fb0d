"""`itubot doctor`: checks settings, store, model and Slack, and says how to repair what fails."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bot.commands.context import CliContext, bundled, cli_context
from bot.doctor import CheckResult
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
from bot.errors import SettingsError
from bot.evaluation.questions import read_questions
from bot.safe_text import visible
from bot.terminal import stderr_console, stdout_console
from store.jobs import InstallationStore

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
    broken = False
    tried = _try_model(cli) if model else ()
    for check in chain(_examine(cli, offline), tried):
        sign, style = _SIGNS[check.verdict]
        line = Text.assemble((f"{sign} ", style), (f"{check.name}: ", "bold"), visible(check.found))
        if check.remedy:
            line.append(visible(f"\n  → {check.remedy}"))
        console.print(line)
        broken = broken or check.verdict == "broken"
    if broken:
        raise typer.Exit(1)


def _examine(cli: CliContext, offline: bool) -> Iterator[CheckResult]:
    """Yield every check; with invalid settings, only those that need none. `offline` asks nothing of the network."""
    # Imports the readers.
    from ingest.readers.sandbox.probe import possible_attacks

    yield check_names()
    try:
        settings = cli.settings
    except SettingsError as error:
        yield CheckResult("settings", "broken", str(error), "correct the environment or .env")
        return
    yield CheckResult("settings", "ok", "every ITUBOT_ name is known and every value possible")
    yield check_folder(settings)
    databases = cli.services.shared.databases
    yield from check_storage(databases, settings)
    yield check_versions(databases.catalog, settings.today())
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
        yield from check_slack(settings, lambda: InstallationStore(databases.state).all())


def _try_model(cli: CliContext) -> Iterator[CheckResult]:
    if not cli.settings.model:
        yield CheckResult("model", "unused", "ITUBOT_MODEL is empty")
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
