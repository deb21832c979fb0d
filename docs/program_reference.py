"""Writes the reference into the pages from the program: its commands, settings, tools, metrics and scopes in Slack.

A page has `<!-- settings: NAME NAME -->` and `<!-- /settings -->`; between them stands what the program says of these
names. `metrics` and `scopes` have no names: they are lists of all.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import time
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import typer.main
from pydantic import SecretStr

from bot.budget import Budget
from bot.cli import COMMANDS, create_app
from bot.mcp.server import AssistantServer
from bot.settings import Settings, names
from bot.slack.manifest import NEEDS
from bot.telemetry.metrics import COUNTERS, GAUGES, HISTOGRAMS

DOCS = Path(__file__).parent
# The page says these once, above the commands.
COMMON_OPTIONS = {"--as-of", "--language", "--json"}
_MARKED = re.compile(r"<!-- (\w+)(?:: ([^>]*?))? -->\n(.*?)<!-- /\1 -->", re.DOTALL)


# Commands


@cache
def _program() -> Any:
    return typer.main.get_command(create_app())


def _command(name: str) -> Any:
    command = _program()
    for word in name.split():
        command = command.commands[word]
    return command


def options_of(name: str) -> set[str]:
    """Return the options of a command, as they are typed."""
    return {option for parameter in _command(name).params for option in parameter.opts}


def write_command(name: str) -> str:
    """Return a command as Markdown: how it is called, what it does, and its arguments and options."""
    command = _command(name)
    context = command.make_context(f"itubot {name}", [], resilient_parsing=True)
    records = [(parameter, *parameter.get_help_record(context)) for parameter in command.params]

    arguments = [
        _name_of_parameter(parameter, shown)
        if parameter.required
        else f"[{_name_of_parameter(parameter, shown)}]"
        for parameter, shown, _ in records
        if parameter.param_type_name == "argument"
    ]
    lines = [
        f"- `{_name_of_parameter(parameter, shown)}`: {_read_help(about)}"
        for parameter, shown, about in records
        if not set(parameter.opts) & COMMON_OPTIONS
    ]
    common = [option for parameter in command.params for option in parameter.opts if option in COMMON_OPTIONS]
    if common:
        lines.append("- " + ", ".join(f"`{option}`" for option in common))

    call = " ".join([f"itubot {name}", *arguments])
    parts = [f"### `{call}`", str(command.help), "\n".join(lines)]
    return "\n\n".join(part for part in parts if part)


def _name_of_parameter(parameter: Any, shown: str) -> str:
    """Return an argument or option with its value, without a type that says nothing, such as `<str>`."""
    name, _, kind = shown.partition(" <")
    if parameter.param_type_name == "argument":
        return name.strip("[]") if "." in name else name.strip("[]").upper()
    value = kind.rstrip(">")
    if "|" in value:
        return f"{name} {value}"
    return name + {"str": " TEXT", "int range": " N"}.get(value, "")


def _read_help(help_text: str) -> str:
    """Return the help of a parameter with its default and its range as people write them."""
    text = help_text.replace("  [required]", "").replace("  [", " [").replace("[default: ", "[default ")
    return re.sub(r"(\d+)<=x<=(\d+)", r"\1 to \2", text)


# Settings


@cache
def setting_texts() -> Mapping[str, str]:
    """Return the text below each setting in the source, by the setting's name in the environment."""
    body = ast.parse(textwrap.dedent(inspect.getsource(Settings))).body[0].body  # type: ignore[attr-defined]
    texts = {
        field.target.id: inspect.cleandoc(below.value.value)
        for field, below in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr)
    }
    return {name: texts.get(field, "") for name, field in zip(names(), Settings.model_fields, strict=True)}


def write_settings(listed: Iterable[str]) -> str:
    """Return a list of these settings, each with its default and what it is."""
    fields = dict(zip(names(), Settings.model_fields.values(), strict=True))
    lines = []
    for name in listed:
        default = write_default(fields[name].default)
        text = " ".join(setting_texts()[name].split())
        lines.append(f"- `{name}`{f' (`{default}`)' if default else ''}: {text}")
    return "\n".join(lines)


def write_default(value: Any) -> str:
    """Return a default as it is written in the environment."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return "" if value in (None, (), {}) else str(value)


# Tools of other assistants


@cache
def _tools() -> Mapping[str, Any]:
    server = AssistantServer(lambda _context: None, Budget(0))  # type: ignore[arg-type,return-value]
    return {tool.name: tool for tool in asyncio.run(server.list_tools())}


def write_tools(listed: Iterable[str]) -> str:
    """Return these tools: what each does, its arguments and its result. Objects and values are described once."""
    known: dict[str, str] = {}
    return "\n\n".join(_write_tool(name, known) for name in listed)


def _write_tool(name: str, known: dict[str, str]) -> str:
    tool = _tools()[name]
    required = tool.input_schema.get("required", ())
    arguments = [
        f"- `{argument}`{'' if argument in required else ' (optional)'}: {about.get('description', '')}"
        for argument, about in tool.input_schema["properties"].items()
    ]
    result = list(_write_objects(tool.output_schema, tool.output_schema.get("$defs", {}), name, "", known))
    return "\n\n".join(
        [f"### `{name}`", tool.description, "\n".join(arguments), "Returns:", "\n".join(result)]
    )


def _write_objects(
    schema: Mapping[str, Any], definitions: Mapping[str, Any], tool: str, path: str, known: dict[str, str]
) -> Iterator[str]:
    """Yield a line for an object with its fields, and one for each object in it; `[]` is an element of a list."""
    fields = []
    inner_objects: list[tuple[str, str]] = []
    for name, field in schema.get("properties", {}).items():
        whole = next((each for each in field.get("anyOf", ()) if each.get("type") != "null"), field)
        is_list = whole.get("type") == "array"
        inner = whole["items"] if is_list else whole
        shown = f"`{name}{'[]' if is_list else ''}`"
        notes = [field["description"].rstrip(".")] if field.get("description") else []
        if "enum" in inner:
            values = ", ".join(f"`{value}`" for value in inner["enum"])
            notes.append("as above" if values in known else values)
            known[values] = name
        if "$ref" in inner:
            inner_objects.append((f"{path}{name}{'[]' if is_list else ''}", inner["$ref"].rpartition("/")[2]))
        fields.append(shown + (f" ({'; '.join(notes)})" if notes else ""))
    yield f"- {f'`{path[:-1]}`' if path else 'the result'}: {', '.join(fields)}"

    for inner_path, definition in inner_objects:
        if definition in known:
            yield f"- `{inner_path}`: as {known[definition]}"
            continue
        known[definition] = f"`{inner_path}` of `{tool}`"
        yield from _write_objects(definitions[definition], definitions, tool, f"{inner_path}.", known)


# Metrics and scopes


def write_metrics() -> str:
    """Return the list of all metrics, each with its kind and its labels."""
    rows = [(f"{name}_total", "counter", labels, about) for name, (about, labels) in COUNTERS.items()]
    rows += [(name, "histogram", labels, about) for name, (about, labels, _) in HISTOGRAMS.items()]
    rows += [(name, "gauge", [], about) for name, about in GAUGES.items()]
    return "\n".join(
        f"- `itubot_{name}` ({', '.join([kind, *(f'`{label}`' for label in labels)])}): {about}"
        for name, kind, labels, about in rows
    )


def write_scopes() -> str:
    """Return the list of the scopes of the bot's token, each with what needs it."""
    return "\n".join(
        f"- `{scope}`: {'; '.join(need.name for need in NEEDS if scope in need.scopes)}"
        for scope in sorted({scope for need in NEEDS for scope in need.scopes})
    )


# Pages

# What a page lists by name -> all that the program has, and what writes those that are listed.
LISTED: Mapping[str, tuple[Iterable[str], Callable[[list[str]], str]]] = {
    "commands": (COMMANDS, lambda listed: "\n\n".join(map(write_command, listed))),
    "settings": (names(), write_settings),
    "tools": (_tools(), write_tools),
}
WHOLE: Mapping[str, Callable[[], str]] = {"metrics": write_metrics, "scopes": write_scopes}


def listed_names(page: str, kind: str) -> list[str]:
    """Return the names that a page lists of a kind, such as "settings", in their order."""
    return [name for found in _MARKED.finditer(page) if found[1] == kind for name in _split_names(found[2])]


def _split_names(text: str) -> list[str]:
    """Divide names at commas, as a command may have two words."""
    return [" ".join(name.split()) for name in text.split(",")]


def fill(page: str) -> str:
    """Return a page with what the program says between its marks; other text stays. Raises KeyError for a name."""

    def replace(found: re.Match[str]) -> str:
        kind = found[1]
        if kind in LISTED:
            written = LISTED[kind][1](_split_names(found[2]))
        elif kind in WHOLE:
            written = WHOLE[kind]()
        else:
            return found[0]
        opening, _, _ = found[0].partition(" -->")
        return f"{opening} -->\n\n{written}\n\n<!-- /{kind} -->"

    return _MARKED.sub(replace, page)


def pages() -> list[Path]:
    """Return the pages that have something generated."""
    return sorted(
        page
        for page in DOCS.rglob("*.md")
        if "_build" not in page.parts
        and {found[1] for found in _MARKED.finditer(page.read_text("utf-8"))} & {*LISTED, *WHOLE}
    )


def main() -> None:
    for page in pages():
        page.write_text(fill(page.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
