"""The command line: the table of commands; errors become one line and an exit code."""

from __future__ import annotations

import logging
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.metadata import version
from itertools import pairwise
from typing import Annotated

import typer

from bot.commands.context import PRIVATE, CliContext, audience_option, umask
from bot.errors import BotError
from bot.safe_text import hosts_only, visible
from bot.settings import Settings
from bot.subprocesses import forbid_inspection
from bot.telemetry import logs
from bot.terminal import stderr_console
from bot.wiring import Services, build
from ingest.errors import IngestError
from store.audiences import PUBLIC
from store.errors import StoreError

_LOG = logging.getLogger(__name__)

INTERRUPTED = 130  # as a shell reports a program that Ctrl-C ended


# The help of the commands of two words.
GROUPS = {
    "calendar": "Secret addresses of calendars to subscribe to.",
    "source": "Pages, feeds and folders from which documents come by themselves.",
    "token": "Tokens, by which other assistants read the documents over HTTP.",
}
# Command -> the module of `bot.commands` that has it. Only that is imported: an answer needs no sources and no drafts.
COMMANDS = {
    "ask": "asking",
    "chat": "asking",
    "deadlines": "register",
    "correct": "register",
    "digest": "register",
    "ingest": "library",
    "reindex": "library",
    "source add": "sources",
    "source list": "sources",
    "source remove": "sources",
    "fetch": "sources",
    "documents": "library",
    "remove": "library",
    "changes": "library",
    "check": "writing",
    "brief": "writing",
    "eval": "operation",
    "backup": "operation",
    "restore": "operation",
    "calendar add": "access",
    "calendar list": "access",
    "calendar revoke": "access",
    "mcp": "access",
    "token add": "access",
    "token list": "access",
    "token revoke": "access",
    "serve": "operation",
    "manifest": "operation",
    "feedback": "operation",
    "gaps": "operation",
    "forget": "operation",
    "doctor": "operation",
    "migrate": "operation",
    "run": "asking",
}


def create_app(make: Callable[[Settings], Services] = build, words: Iterable[str] = ()) -> typer.Typer:
    """Return the typer app; `make` builds the services when a command first needs them.

    It has the commands of the module of the command that `words` call, and all commands where they call none.
    """
    first = {name.split()[0]: module for name, module in COMMANDS.items()}
    called = (word for before, word in pairwise(("", *words)) if word[:1] != "-" and before != "--audience")
    wanted = first.get(next(called, ""))
    app = typer.Typer(add_completion=False, rich_markup_mode=None)

    @app.callback(invoke_without_command=True)
    def itubot(
        context: typer.Context,
        debug: Annotated[
            bool, typer.Option("--debug", help="Show logs and, on a fault, where it is.")
        ] = False,
        audience: Annotated[
            list[str] | None,
            audience_option("Also read the documents of this Slack channel; ingest documents for it only."),
        ] = None,
        _version: Annotated[
            bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
        ] = False,
    ) -> None:
        """Answers questions about ITU's engagement in United Nations processes, with cited paragraphs."""
        _configure_logging(debug)
        context.obj = CliContext(
            make,
            usual_umask=context.with_resource(umask(PRIVATE)),
            channels=frozenset(audience or ()) - PUBLIC,
        )
        context.call_on_close(context.obj.close)
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    groups = {name: typer.Typer(help=about, rich_markup_mode=None) for name, about in GROUPS.items()}
    for name, module in COMMANDS.items():
        if wanted in (module, None):
            group, _space, last = name.rpartition(" ")
            if group and group not in {info.name for info in app.registered_groups}:
                app.add_typer(groups[group], name=group)
            command = import_module(f"bot.commands.{module}").COMMANDS[name]
            (groups[group] if group else app).command(last)(command)
    return app


def main(arguments: Sequence[str] | None = None, make: Callable[[Settings], Services] = build) -> int:
    """Run the command line and return its exit code: 0, 1 (an error), 2 (usage) or 130 (Ctrl-C)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    forbid_inspection()
    try:
        code = create_app(make, arguments)(args=arguments, prog_name="itubot", standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except typer.TyperException as error:
        known, pairs = {*COMMANDS, *GROUPS}, map(" ".join, pairwise(arguments))
        command = next((f" {name}" for name in (*pairs, *arguments) if name in known), "")
        message = error.format_message().replace("Value error, ", "").rstrip(".")
        return _print_error(f"{message}. See `itubot{command} --help`.", error.exit_code)
    except (BotError, StoreError, IngestError) as error:
        return _print_error(str(error), 1)
    except BrokenPipeError:
        # The process that reads the output has ended; flushing at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except OSError as error:
        return _print_error(f"{error.filename or 'the system'}: {error.strerror or error}", 1)
    except Exception as error:
        if "--debug" in arguments and logs.writes_json():
            _LOG.exception("a fault of the program")
        elif "--debug" in arguments:
            sys.stderr.write(hosts_only(traceback.format_exc()))
        kind = type(error).__name__
        found = hosts_only(str(error))
        return _print_error(f"a fault of the program, {kind}: {found}; `itubot --debug` shows where it is", 1)


def _print_error(message: str, code: int) -> int:
    line = " ".join(visible(message).split())
    if logs.writes_json():
        _LOG.error(line)
    else:
        stderr_console().print(f"itubot: {line}", style="red", soft_wrap=True)
    return code


def _configure_logging(debug: bool) -> None:
    """Log only errors, and no warnings of libraries, unless `debug`."""
    # At DEBUG the libraries would log users' messages and the URLs for replies.
    logs.configure(logging.INFO if debug else logging.ERROR)
    if not debug:
        warnings.simplefilter("ignore")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"itubot {version('itubot')}")
        raise typer.Exit
