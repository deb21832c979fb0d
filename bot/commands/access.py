"""`itubot calendar`, `token` and `mcp`: how others read, in calendars and as assistants."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from bot import mcp as mcp_package
from bot import results
from bot.budget import Budget
from bot.commands.context import AsJson, InLanguage, audience_option, cli_context, speak, time_of
from bot.errors import BotError, SettingsError
from bot.safe_text import one_line
from bot.terminal import emit, emit_json, short, show, stderr_console, table
from store.jobs import AccessKey
from store.records import EVERYBODY

_Audience = Annotated[str | None, audience_option("Also what this Slack channel may see.")]
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
        calendar = results.Calendar.model_validate(key).model_dump(mode="json")
        emit_json(Any, calendar | {"address": address})
        return
    show(address)
    what = f"A calendar of {_subject(key)}, with what {key.audience} may see, in the language {key.language}."
    stderr_console().print(
        one_line(f"{what} Whoever has the address sees them; it is shown this once."), soft_wrap=True
    )


def list_calendars(context: typer.Context, as_json: AsJson = False) -> None:
    """List the calendars that have an address; the addresses themselves are not stored."""
    emit(
        as_json, list[results.Calendar], calendars_view, cli_context(context).services.shared.calendars.all()
    )


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
    same = [key for key in keys.all(purpose="assistant") if key.name == name]
    made = None if same else keys.make("assistant", name, audience=audience)
    if made is None:
        raise BotError(f"there is a token {name!r} already; take another name, or `itubot token revoke` it")
    show(made[1])
    url = cli.settings.public_url.rstrip("/")
    where = (
        f"with it at {url}{mcp_package.PATH}"
        if url
        else "once ITUBOT_PUBLIC_URL is set and `itubot serve` runs"
    )
    what = "the documents for everybody" + ("" if audience == EVERYBODY else f" and those of {audience}")
    stderr_console().print(f"{name} reads {what}, {where}. Keep the token: only its hash is stored.")


def list_tokens(context: typer.Context, as_json: AsJson = False) -> None:
    """List the tokens of other assistants: name, audience, day, but not the tokens themselves."""
    keys = cli_context(context).services.shared.access_keys.all(purpose="assistant")
    emit(as_json, list[results.Token], _tokens_view, keys)


def revoke_token(context: typer.Context, name: _Name) -> None:
    """Take a token back: from now on it gives nothing."""
    keys = cli_context(context).services.shared.access_keys
    name = one_line(name).strip()
    if not (found := [key for key in keys.all(purpose="assistant") if key.name == name]):
        raise BotError(f"there is no token {name!r}; `itubot token list` shows them")
    for key in found:
        keys.delete(id=key.id)
    show(f"Revoked {name}.")


def _tokens_view(keys: Sequence[AccessKey]) -> RenderableType:
    if not keys:
        return Text("There are no tokens; `itubot token add NAME` makes one.")
    rows = (
        (key.name, ", ".join(dict.fromkeys((EVERYBODY, key.audience))), _made_on(key), key.id) for key in keys
    )
    return table(("Name", short("Reads"), short("Made on"), "Id"), rows)


def _made_on(key: AccessKey) -> str:
    return f"{time_of(key.made_at):%Y-%m-%d}"


def _subject(key: AccessKey) -> str:
    return f"dates on {key.name!r}" if key.name else "all dates"


# The exit code of a program that Ctrl-C ends.
_INTERRUPTED = 130


def mcp(context: typer.Context) -> None:
    """Serve the documents to another assistant, which starts this command and speaks MCP on stdin and stdout."""
    speak(None)
    cli = cli_context(context)
    if not mcp_package.is_installed():
        raise SettingsError(mcp_package.MISSING)
    # Imported late: only this command needs it.
    from bot.mcp.server import AssistantServer
    from bot.mcp.tools import Caller

    # At its end Python waits for every thread, also for the one that reads stdin.
    signal.signal(signal.SIGINT, lambda *_signal: os._exit(_INTERRUPTED))
    if sys.stdin.isatty():
        stderr_console().print(
            "Another assistant starts this command and speaks MCP to it; docs/howto/assistants.md shows how. "
            "Ctrl-C ends it."
        )
    caller = Caller("stdio", cli.services)
    server = AssistantServer(lambda _context: caller, Budget(cli.settings.questions_per_minute))
    try:
        asyncio.run(server.run_stdio_async())
    finally:
        server.close()


COMMANDS = {
    "calendar add": add_calendar,
    "calendar list": list_calendars,
    "calendar revoke": revoke_calendar,
    "token add": add_token,
    "token list": list_tokens,
    "token revoke": revoke_token,
    "mcp": mcp,
}
