"""`itubot doctor`: what works, what does not, and what mends it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bot import doctor as checks
from bot.commands.program import Program, program
from bot.doctor import Check
from bot.errors import SettingsError
from bot.evaluation.model_trial import check_trial, try_model
from bot.evaluation.questions import read_questions
from bot.terminal.console import notices, results
from bot.visible_text import visible

_SIGNS = {"ok": ("✓", "green"), "broken": ("✗", "bold red"), "unused": ("–", "dim")}


def command(bundled: Callable[[], list[Path]], questions: Callable[[], Path]) -> Callable[..., None]:
    """Return the command; `bundled` and `questions` name the documents and the questions for trying a model."""

    def doctor(
        context: typer.Context,
        offline: Annotated[bool, typer.Option("--offline", help="Ask nothing of Slack.")] = False,
        model: Annotated[
            bool,
            typer.Option("--model", help="Ask the language model twenty questions: is it better than none?"),
        ] = False,
    ) -> None:
        """Check settings, store, model and Slack; say what to mend. Exit code 1 if something is broken."""
        started = program(context)
        console = results()
        broken = False
        tried = _tried(started, bundled(), questions()) if model else ()
        for check in chain(examine(started, offline=offline), tried):
            sign, style = _SIGNS[check.verdict]
            line = Text.assemble((f"{sign} ", style), (f"{check.name}: ", "bold"), visible(check.found))
            if check.mend:
                line.append(visible(f"\n  → {check.mend}"))
            console.print(line)
            broken = broken or check.verdict == "broken"
        if broken:
            raise typer.Exit(1)

    return doctor


def _tried(started: Program, documents: list[Path], questions: Path) -> Iterator[Check]:
    if not started.settings.model:
        yield Check("model's answers", "unused", "ITUBOT_MODEL is empty")
        return
    with tempfile.TemporaryDirectory() as folder, notices().status("Asking twenty questions ..."):
        trial = try_model(started.settings, started.build, documents, read_questions(questions), Path(folder))
    yield check_trial(started.settings.model, trial)


def examine(started: Program, *, offline: bool) -> Iterator[Check]:
    """Yield every check; without settings that can be read there are no others."""
    yield checks.check_names()
    try:
        settings = started.settings
    except SettingsError as error:
        yield Check("settings", "broken", str(error), "correct the environment or .env")
        return
    yield Check("settings", "ok", "every ITUBOT_ name is known and every value possible")
    yield checks.check_folder(settings)
    yield checks.check_store(started.services.catalog)
    yield checks.check_index(started.services.catalog, settings)
    yield checks.check_model(settings)
    yield checks.check_encoder(settings)
    yield from checks.check_language_models(settings)
    yield from checks.check_cross_encoders(settings)
    tokens = checks.check_tokens(settings)
    yield tokens
    if tokens.verdict == "ok" and not offline:
        yield from checks.check_slack(settings)
