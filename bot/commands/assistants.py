"""`itubot mcp`: the MCP server on stdio; `itubot token`: who may use the one over HTTP."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Column
from rich.text import Text

from bot import mcp as mcp_package
from bot.budget import Budget
from bot.commands.context import AsJson, cli_context, parse_audience, speak
from bot.errors import BotError, SettingsError
from bot.json_fields import iso_time, json_fields
from bot.safe_text import one_line, visible
from bot.terminal import emit, plain_table, show, stderr_console
from store.jobs import AccessKey, AccessKeyStore
from store.records import EVERYBODY

# The exit code of a program that Ctrl-C ends.
_INTERRUPTED = 130


def mcp(context: typer.Context) -> None:
    """Serve the documents to another assistant, which starts this command and speaks MCP on stdin and stdout."""
    speak(None)
    cli = cli_context(context)
    if not mcp_package.is_installed():
        raise SettingsError(mcp_package.MISSING)
    # Imported late: only this command needs it.
    from bot.mcp.server import AssistantServer, Caller

    # At its end Python waits for every thread, also for the one that reads stdin.
    signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    if sys.stdin.isatty():
        stderr_console().print(
            "Another assistant starts this command and speaks MCP to it; docs/howto/assistants.md shows how. "
            "Ctrl-C ends it."
        )
    caller = Caller("stdio", cli.services)
    server = AssistantServer(lambda _context: caller, Budget(cli.settings.questions_per_minute))
    try:
        asyncio.run(server.serve_stdio())
    finally:
        server.close()


Name = Annotated[
    str, typer.Argument(help="Whom or what it is for, as `itubot token list` names it.", show_default=False)
]


def add_token(
    context: typer.Context,
    name: Name,
    audience: Annotated[
        str | None,
        typer.Option(
            "--audience",
            parser=parse_audience,
            metavar="TEAM/CHANNEL",
            help="It also gives the documents of this Slack channel.",
        ),
    ] = None,
) -> None:
    """Make a token for another assistant and print it; it cannot be shown again."""
    cli = cli_context(context)
    audience = audience or cli.audience
    keys, settings = cli.services.shared.access_keys, cli.settings
    if not (name := _cleaned(name)):
        raise typer.BadParameter("a token needs a name, as in claude-desktop")
    made = None if _named(keys, name) else keys.make("assistant", name, audience=audience)
    if made is None:
        raise BotError(f"there is a token {name!r} already; take another name, or `itubot token revoke` it")
    show(made[1])
    url = settings.public_url.rstrip("/")
    where = (
        f"with it at {url}{mcp_package.PATH}"
        if url
        else "once ITUBOT_PUBLIC_URL is set and `itubot serve` runs"
    )
    what = "the documents for everybody" + ("" if audience == EVERYBODY else f" and those of {audience}")
    stderr_console().print(f"{name} reads {what}, {where}. Keep the token: only its hash is stored.")


def list_tokens(context: typer.Context, as_json: AsJson = False) -> None:
    """List the tokens of other assistants: name, audience, day, but not the tokens themselves."""
    keys = cli_context(context).services.shared.access_keys.all("assistant")
    emit(as_json, _tokens_json, _tokens_view, keys)


def revoke_token(context: typer.Context, name: Name) -> None:
    """Take a token back: from now on it gives nothing."""
    keys = cli_context(context).services.shared.access_keys
    if not (found := _named(keys, _cleaned(name))):
        raise BotError(f"there is no token {name!r}; `itubot token list` shows them")
    for key in found:
        keys.revoke(key)
    show(f"Revoked {_cleaned(name)}.")


def _cleaned(name: str) -> str:
    return one_line(name).strip()


def _named(keys: AccessKeyStore, name: str) -> list[AccessKey]:
    return [key for key in keys.all("assistant") if key.name == name]


def _tokens_json(keys: list[AccessKey]) -> list[dict[str, str]]:
    return [json_fields(key, "id name audience") | {"made_at": iso_time(key.made_at)} for key in keys]


def _tokens_view(keys: list[AccessKey]) -> RenderableType:
    if not keys:
        return Text("There are no tokens; `itubot token add NAME` makes one.")
    table = plain_table(
        Column("Name", overflow="fold"), Column("Reads", no_wrap=True), Column("Made on", no_wrap=True), "Id"
    )
    for key in keys:
        reads = EVERYBODY if key.audience == EVERYBODY else f"{EVERYBODY}, {key.audience}"
        table.add_row(visible(key.name), reads, iso_time(key.made_at)[:10], key.id)
    return table
