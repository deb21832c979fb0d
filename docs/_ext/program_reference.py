"""Directives that write the reference from the program: its commands, settings, tools, metrics and scopes in Slack.

`{commands}`, `{settings}` and `{tools}` list on their lines what stands at their place; `{metrics}` and `{scopes}` are
tables of all. What no page lists, and what the program does not have, is a warning, so that the build fails.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from datetime import time
from functools import cache
from itertools import pairwise
from typing import Any

import typer.main
from docutils import nodes
from pydantic import SecretStr
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from bot.budget import Budget
from bot.cli import COMMANDS, create_app
from bot.mcp.server import AssistantServer
from bot.settings import Settings, names
from bot.slack.manifest import NEEDS
from bot.telemetry.metrics import COUNTERS, GAUGES, HISTOGRAMS

_LOG = logging.getLogger(__name__)

# Said once, above the commands.
COMMON = ("--as-of", "--language", "--json")
# The values of options that the program gives no name.
_VALUES = {"str": ("TEXT",), "int range": ("N",)}


@cache
def _program() -> Any:
    return typer.main.get_command(create_app())


def command(name: str) -> str:
    """Return a command as Markdown: how it is called, what it does, and its arguments and options."""
    found = _program()
    for word in name.split():
        found = found.commands[word]
    context = found.make_context(f"itubot {name}", [], resilient_parsing=True)
    records = [(one, *one.get_help_record(context)) for one in found.params]
    # Not divided within brackets.
    calls = [_call(one, shown).replace(" ", "\N{NO-BREAK SPACE}") for one, shown, _ in records]
    # As wide as a telephone shows.
    lines = textwrap.wrap(
        " ".join([f"itubot {name}", *calls]),
        41,
        subsequent_indent="    ",
        break_on_hyphens=False,
        break_long_words=False,
    )
    usage = "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
    rows = [
        (f"`{_name(one, shown)}`", _sentence(about))
        for one, shown, about in records
        if not set(one.opts) & set(COMMON)
    ]
    return f"### `itubot {name}`\n\n{found.help}\n\n```text\n{usage}\n```\n\n{_table(('argument', 'what'), rows)}"


def _name(parameter: Any, shown: str) -> str:
    """Return an argument or option with its value, without a type that says nothing, such as `<str>`."""
    name, _, kind = shown.partition(" <")
    if parameter.param_type_name == "argument":
        return name.strip("[]") if "." in name else name.strip("[]").upper()
    value = kind.rstrip(">")
    return f"{name} {value}" if "|" in value else " ".join([name, *_VALUES.get(value, ())])


def _call(parameter: Any, shown: str) -> str:
    """Return a parameter as it stands in a call, in brackets if it may be left out."""
    name = _name(parameter, shown).rpartition(", ")[2]
    return name if parameter.required else f"[{name}]"


def _sentence(help_text: str) -> str:
    """Return the help of a parameter with its default and its range as people write them."""
    text = help_text.replace("  [required]", "").replace("  [", " [").replace("[default: ", "[default ")
    return re.sub(r"(\d+)<=x<=(\d+)", r"\1 to \2", text)


@cache
def _texts() -> dict[str, str]:
    """Return the text below each setting in the source, by the setting's name."""
    body = ast.parse(textwrap.dedent(inspect.getsource(Settings))).body[0].body
    return {
        field.target.id: inspect.cleandoc(below.value.value)
        for field, below in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr)
    }


def setting(name: str) -> tuple[str, str]:
    """Return the row of a setting: its name, and what it is with its default."""
    field = dict(zip(names(), Settings.model_fields, strict=True))[name]
    default, text = written(Settings.model_fields[field].default), _texts().get(field, "")
    return f"`{name}`", f"{text} Default: `{default}`." if default else text


def written(value: Any) -> str:
    """Return a default as it is written in the environment."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return "" if value in (None, (), {}) else str(value)


def metrics() -> list[tuple[str, str, str, str]]:
    """Return the row of each metric: its name, its kind, its labels and what it is."""
    rows = [(f"{name}_total", "counter", labels, about) for name, (about, labels) in COUNTERS.items()]
    rows += [(name, "histogram", labels, about) for name, (about, labels, _) in HISTOGRAMS.items()]
    rows += [(name, "gauge", [], about) for name, about in GAUGES.items()]
    return [
        (f"`itubot_{name}`", kind, ", ".join(f"`{label}`" for label in labels), about)
        for name, kind, labels, about in rows
    ]


def scopes() -> list[tuple[str, str]]:
    """Return the row of each scope of the bot's token: its name, and what needs it."""
    return [
        (f"`{scope}`", "; ".join(need.name for need in NEEDS if scope in need.scopes))
        for scope in sorted({scope for need in NEEDS for scope in need.scopes})
    ]


@cache
def _tools() -> dict[str, Any]:
    """Return the tools as other assistants get them, by name."""
    server = AssistantServer(lambda _context: None, Budget(0))
    return {tool.name: tool for tool in asyncio.run(server.list_tools())}


def tool(name: str) -> str:
    """Return a tool of other assistants as Markdown: what it does, its arguments and the fields of its result."""
    found = _tools()[name]
    required = found.input_schema.get("required", ())
    arguments = [
        (
            f"`{argument}`",
            "yes" if argument in required else "",
            about.get("description", ""),
        )
        for argument, about in found.input_schema["properties"].items()
    ]
    definitions = found.output_schema.get("$defs", {})
    return (
        f"### `{name}`\n\n{found.description}\n\n{_table(('argument', 'required', 'what'), arguments)}\n\n"
        f"{_table(('field of the result', 'type', 'what'), fields(found.output_schema, definitions))}"
    )


def fields(
    schema: dict[str, Any], definitions: dict[str, Any], path: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Yield a row for each field of a JSON schema; `[]` stands for each element of a list."""
    for name, field in schema.get("properties", {}).items():
        whole, optional = _without_null(field)
        inner, mark = (whole["items"], "[]") if whole.get("type") == "array" else (whole, "")
        if "$ref" in inner:
            inner = definitions[inner["$ref"].rpartition("/")[2]]
        yield (
            f"`{path}{name}{mark}`",
            _type(inner) + (" or null" if optional else ""),
            field.get("description", ""),
        )
        yield from fields(inner, definitions, f"{path}{name}{mark}.")


def _without_null(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return what a value is if it is not null, and whether it may be null."""
    return (schema["anyOf"][0], True) if "anyOf" in schema else (schema, False)


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(
        schema["type"], schema["type"]
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [
        "| " + " | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in row) + " |" for row in rows
    ]
    return "\n".join([f"| {' | '.join(head)} |", "|---" * len(head) + "|", *lines]) if lines else ""


def _settings(listed: Iterable[str]) -> str:
    return _table(("name", "what"), map(setting, listed))


# Directive -> what the program has, and what writes those that are listed.
_WRITERS: dict[str, tuple[Iterable[str], Callable[[list[str]], str]]] = {
    "commands": (tuple(COMMANDS), lambda listed: "\n\n".join(map(command, listed))),
    "settings": (tuple(names()), _settings),
    "tools": (tuple(_tools()), lambda listed: "\n\n".join(map(tool, listed))),
}


class Generated(SphinxDirective):
    """The Markdown of the names on the lines of the directive, parsed at its place."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the nodes of what is listed."""
        listed = [line.strip() for line in self.content if line.strip()]
        documented: set[tuple[str, str]] = self.env.__dict__.setdefault("program_reference", set())
        documented.update((self.name, name) for name in listed)
        every, write = _WRITERS[self.name]
        if unknown := [name for name in listed if name not in every]:
            raise self.error(f"the program has no {', '.join(unknown)}")
        return self.parse_text_to_nodes(write(listed), allow_section_headings=True)


# Directive -> the head of its table, and what gives its rows.
_TABLES: dict[str, tuple[tuple[str, ...], Callable[[], Iterable[tuple[str, ...]]]]] = {
    "metrics": (("name", "kind", "labels", "what"), metrics),
    "scopes": (("scope", "for"), scopes),
}


class WholeTable(SphinxDirective):
    """The table of all that the program has of a kind."""

    def run(self) -> list[nodes.Node]:
        """Return its nodes."""
        head, rows = _TABLES[self.name]
        return self.parse_text_to_nodes(_table(head, rows()))


def check(_app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of commands, settings and tools that no page lists, and of settings without a text."""
    documented = getattr(env, "program_reference", ())
    for directive, (every, _) in _WRITERS.items():
        if missing := [one for one in every if (directive, one) not in documented]:
            _LOG.warning("no {%s} lists %s", directive, ", ".join(missing))
    if silent := [name for name in Settings.model_fields if name not in _texts()]:
        _LOG.warning("bot/settings.py has no text below %s", ", ".join(silent))


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives."""
    for name in _WRITERS:
        app.add_directive(name, Generated)
    for name in _TABLES:
        app.add_directive(name, WholeTable)
    app.connect("env-check-consistency", check)
    return {"parallel_read_safe": False}
