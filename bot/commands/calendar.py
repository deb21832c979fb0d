"""`itubot calendar`: secret addresses of calendars to subscribe to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from bot.commands.context import AsJson, cli_context, parse_audience, parse_language, speak
from bot.errors import BotError, SettingsError
from bot.json_fields import iso_time, json_fields
from bot.register.wording import day
from bot.safe_text import one_line
from bot.terminal import emit, emit_json, plain_table, show, stderr_console
from store.jobs import AccessKey


def add(
    context: typer.Context,
    topic: Annotated[
        str,
        typer.Option("--topic", metavar="TOPIC", help="Only the dates on this topic, or of this document."),
    ] = "",
    audience: Annotated[
        str | None,
        typer.Option(
            "--audience",
            parser=parse_audience,
            metavar="TEAM/CHANNEL",
            help="Also the dates that this Slack channel may see.",
        ),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--language",
            parser=parse_language,
            metavar="LANGUAGE",
            help="Its language: ar, en, es, fr, ru or zh.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a calendar, and print its secret address, which is shown once."""
    from bot.calendars import topic_of

    speak(language)
    cli = cli_context(context)
    if not cli.settings.public_url:
        raise SettingsError(
            "calendars have no address; set ITUBOT_PUBLIC_URL to the address under which the bot is reached, "
            "or ITUBOT_CALENDAR_URL to write a file (docs/howto/calendars.md says how)"
        )
    key, address = cli.services.shared.calendars.add(topic_of(topic), audience or cli.audience)
    if address is None:
        raise BotError(
            f"there is a calendar of {_subject(key)} already, and nobody can read its address again; "
            f"`itubot calendar revoke {key.id}` takes it away"
        )
    if as_json:
        emit_json(_row(key) | {"address": address})
        return
    show(address)
    whom = "everybody may see" if key.audience == "everybody" else f"{key.audience} may see"
    what = f"A calendar of {_subject(key)}, with what {whom}, in the language {key.language}."
    warning = "Whoever has the address sees them; it is shown this once."
    stderr_console().print(one_line(f"{what} {warning}"), soft_wrap=True)


def list_calendars(context: typer.Context, as_json: AsJson = False) -> None:
    """List the calendars that have an address; the addresses themselves are not stored."""
    emit(as_json, calendars_json, calendars_view, cli_context(context).services.shared.calendars.all())


def revoke(
    context: typer.Context,
    key_id: Annotated[
        str, typer.Argument(metavar="ID", help="As `itubot calendar list` shows it.", show_default=False)
    ],
) -> None:
    """Revoke the address of a calendar: it ends at once."""
    calendars = cli_context(context).services.shared.calendars
    key = next((key for key in calendars.all() if key.id == key_id), None)
    if key is None or not calendars.revoke(key):
        raise BotError(
            f"no calendar has the id {one_line(key_id)!r}; `itubot calendar list` shows which there are"
        )
    show(one_line(f"Revoked: the calendar of {_subject(key)}."))


def calendars_json(keys: Sequence[AccessKey]) -> list[dict[str, Any]]:
    """Return what `itubot calendar list --json` prints: `user` is a person's id in Slack, "" for one of a terminal.

    `refused`: the person may not use the bot now.
    """
    return [_row(key) for key in keys]


def calendars_view(keys: Sequence[AccessKey]) -> RenderableType:
    """Return the table of calendars."""
    if not keys:
        return Text("No calendar has an address.")
    table = plain_table(
        Column("id", no_wrap=True),
        Column("dates", ratio=1),
        "may show what is for",
        "made by",
        Column("on", no_wrap=True),
    )
    for key in keys:
        whose = f"{key.user or 'terminal'}{', refused' if key.refused else ''}"
        cells = (key.id, key.name or "all", key.audience, whose, _made_on(key))
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    return Group(table, "", Text("`itubot calendar revoke ID` ends one."))


def _row(key: AccessKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "topic": key.name,
        **json_fields(key, "audience language team user refused"),
        "made_at": iso_time(key.made_at),
    }


def _made_on(key: AccessKey) -> str:
    return day(datetime.fromtimestamp(key.made_at, UTC).date())


def _subject(key: AccessKey) -> str:
    return f"dates on {key.name!r}" if key.name else "all dates"
