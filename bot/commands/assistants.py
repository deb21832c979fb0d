"""`itubot mcp`: the MCP server on stdio."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import typer

from bot import mcp as mcp_package
from bot.budget import Budget
from bot.commands.context import cli_context, speak
from bot.errors import SettingsError
from bot.terminal import stderr_console

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
    signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
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
