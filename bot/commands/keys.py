"""`itubot calendar` and `itubot token`: the keys by which others read, in calendars and as assistants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from bot import mcp
from bot.commands.context import AsJson, InLanguage, cli_context, parse_audience, speak
from bot.errors import BotError, SettingsError
from bot.json_fields import iso_time, json_fields
from bot.safe_text import one_line
from bot.terminal import emit, emit_json, short, show, stderr_console, table
from store.jobs import AccessKey
from store.records import EVERYBODY

_Audience = Annotated[
    str | None,
    typer.Option(
        "--audience",
        parser=parse_audience,
        metavar="TEAM/CHANNEL",
        help="Also what this Slack channel may see.",
    ),
]
_Name = Annotated[
    str, typer.Argument(help="Whom or what it is for, as `itubot token list` names it.", show_default=False)
]


def add_calendar(
    context: typer.Context,
    topic: Annotated[
        str,
        typer.Option("--topic", metavar="TOPIC", help="Only the dates on this topic, or of this document."),
    ] = "",
    audience: _Audience = None,
    language: InLanguage = None,
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
        emit_json(_calendar_json(key) | {"address": address})
        return
    show(address)
    what = f"A calendar of {_subject(key)}, with what {key.audience} may see, in the language {key.language}."
    stderr_console().print(
        one_line(f"{what} Whoever has the address sees them; it is shown this once."), soft_wrap=True
    )


def list_calendars(context: typer.Context, as_json: AsJson = False) -> None:
    """List the calendars that have an address; the addresses themselves are not stored."""
    emit(as_json, calendars_json, calendars_view, cli_context(context).services.shared.calendars.all())


def revoke_calendar(
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
    return [_calendar_json(key) for key in keys]


def calendars_view(keys: Sequence[AccessKey]) -> RenderableType:
    """Return the table of calendars."""
    if not keys:
        return Text("No calendar has an address.")
    rows = (
        (
            key.id,
            key.name or "all",
            key.audience,
            f"{key.user or 'terminal'}{', refused' if key.refused else ''}",
            _made_on(key),
        )
        for key in keys
    )
    columns = (short("id"), "dates", "may show what is for", "made by", short("on"))
    return Group(table(columns, rows), "", Text("`itubot calendar revoke ID` ends one."))


def add_token(context: typer.Context, name: _Name, audience: _Audience = None) -> None:
    """Make a token for another assistant and print it; it cannot be shown again."""
    cli = cli_context(context)
    audience = audience or cli.audience
    keys = cli.services.shared.access_keys
    if not (name := one_line(name).strip()):
        raise typer.BadParameter("a token needs a name, as in claude-desktop")
    same = [key for key in keys.all("assistant") if key.name == name]
    made = None if same else keys.make("assistant", name, audience=audience)
    if made is None:
        raise BotError(f"there is a token {name!r} already; take another name, or `itubot token revoke` it")
    show(made[1])
    url = cli.settings.public_url.rstrip("/")
    where = f"with it at {url}{mcp.PATH}" if url else "once ITUBOT_PUBLIC_URL is set and `itubot serve` runs"
    what = "the documents for everybody" + ("" if audience == EVERYBODY else f" and those of {audience}")
    stderr_console().print(f"{name} reads {what}, {where}. Keep the token: only its hash is stored.")


def list_tokens(context: typer.Context, as_json: AsJson = False) -> None:
    """List the tokens of other assistants: name, audience, day, but not the tokens themselves."""
    keys = cli_context(context).services.shared.access_keys.all("assistant")
    emit(as_json, _tokens_json, _tokens_view, keys)


def revoke_token(context: typer.Context, name: _Name) -> None:
    """Take a token back: from now on it gives nothing."""
    keys = cli_context(context).services.shared.access_keys
    name = one_line(name).strip()
    if not (found := [key for key in keys.all("assistant") if key.name == name]):
        raise BotError(f"there is no token {name!r}; `itubot token list` shows them")
    for key in found:
        keys.revoke(key)
    show(f"Revoked {name}.")


def _tokens_view(keys: Sequence[AccessKey]) -> RenderableType:
    if not keys:
        return Text("There are no tokens; `itubot token add NAME` makes one.")
    rows = (
        (key.name, ", ".join(dict.fromkeys((EVERYBODY, key.audience))), _made_on(key), key.id) for key in keys
    )
    return table(("Name", short("Reads"), short("Made on"), "Id"), rows)


def _tokens_json(keys: Sequence[AccessKey]) -> list[dict[str, Any]]:
    return [json_fields(key, "id name audience") | {"made_at": iso_time(key.made_at)} for key in keys]


def _calendar_json(key: AccessKey) -> dict[str, Any]:
    fields = json_fields(key, "audience language team user refused")
    return {"id": key.id, "topic": key.name, **fields, "made_at": iso_time(key.made_at)}


def _made_on(key: AccessKey) -> str:
    return iso_time(key.made_at)[:10]


def _subject(key: AccessKey) -> str:
    return f"dates on {key.name!r}" if key.name else "all dates"
