"""`itubot doctor`: what works, what does not, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text

from bot import doctor as checks
from bot.commands.program import Program, program
from bot.doctor import Check
from bot.errors import SettingsError
from bot.terminal.console import results
from bot.visible import visible

_SIGNS = {"ok": ("✓", "green"), "broken": ("✗", "bold red"), "unused": ("–", "dim")}


def doctor(
    context: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nothing of Slack.")] = False,
) -> None:
    """Check settings, store, model and Slack; say what to mend. Exit code 1 if something is broken."""
    console = results()
    broken = False
    for check in examine(program(context), offline=offline):
        sign, style = _SIGNS[check.verdict]
        line = Text.assemble((f"{sign} ", style), (f"{check.name}: ", "bold"), visible(check.found))
        if check.mend:
            line.append(visible(f"\n  → {check.mend}"))
        console.print(line)
        broken = broken or check.verdict == "broken"
    if broken:
        raise typer.Exit(1)


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
    yield from checks.check_language_models(settings)
    yield from checks.check_cross_encoders(settings)
    tokens = checks.check_tokens(settings)
    yield tokens
    if tokens.verdict == "ok" and not offline:
        yield from checks.check_slack(settings)
