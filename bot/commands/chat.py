"""`itubot chat`: a conversation in the terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from datetime import date

import typer

from bot.commands.context import AsOf, CliContext, cli_context
from bot.errors import BotError
from bot.terminal.chat import Chat, line_reader
from bot.terminal.console import results


def chat(context: typer.Context, as_of: AsOf = None) -> None:
    """Ask and follow up, in the terminal."""
    converse(cli_context(context), as_of)


def converse(cli: CliContext, as_of: date | None = None) -> None:
    """Hold the conversation until its end. Raises NotReady, or BotError without a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BotError("chat needs a terminal; for one answer use `itubot ask QUESTION`")
    cli.require_documents()
    settings, services = cli.settings, cli.services
    # The model loads while the first question is typed.
    loading = threading.Thread(target=_load_model, args=(services.assistant.warm_up,), daemon=True)
    loading.start()
    conversation = Chat(services.assistant, services.catalog, results(), lambda: as_of or settings.today())
    conversation.run(line_reader(settings.data_dir / "chat-history"))
    if loading.is_alive():
        # The interpreter may crash at exit while a thread runs a native library.
        sys.stdout.flush()
        os._exit(0)


def _load_model(load: Callable[[], None]) -> None:
    # The first question raises the error again and shows it as a line; a thread would print a traceback.
    with contextlib.suppress(Exception):
        load()
