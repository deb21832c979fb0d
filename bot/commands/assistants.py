"""`itubot mcp`: the MCP server on stdio."""

from __future__ import annotations

import asyncio

import typer

from bot.budget import Budget
from bot.commands.context import cli_context, speak
from bot.errors import SettingsError


def mcp(context: typer.Context) -> None:
    """Serve the documents to another assistant, which starts this command and speaks MCP on stdin and stdout."""
    speak(None)
    cli = cli_context(context)
    try:
        # Imported late: only this command needs it.
        from bot.mcp.server import AssistantServer, Caller
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise SettingsError(
            "there is no MCP server without the extra `mcp`; run: pip install 'itubot[mcp]'"
        ) from error

    caller = Caller("stdio", cli.services)
    server = AssistantServer(lambda _context: caller, Budget(cli.settings.questions_per_minute))
    try:
        asyncio.run(server.serve_stdio())
    finally:
        server.close()
