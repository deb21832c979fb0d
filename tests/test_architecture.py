"""The structure of the source, read without running it; who may import whom is in pyproject.toml, for lint-imports."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "ingest", "prompts", "store")
# Pure, and of use to anyone; the records are plain data.
LEAVES = {"ingest.text.dates", "ingest.text.sentences"}
# Imported only where they are used: most of them take a tenth of a second or more.
LAZY = {
    "alembic",
    "chromadb",
    "docx",
    "fsspec",
    "huggingface_hub",
    "onnxruntime",
    "openpyxl",
    "pptx",
    "sentence_transformers",
    "tokenizers",
    "torch",
    "transformers",
}


@dataclass(frozen=True)
class Import:
    """One import: by which module, of which, and whether it happens when the module is loaded."""

    by: str
    of: str
    at_load: bool


@cache
def modules() -> dict[str, ast.Module]:
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


@cache
def imports() -> list[Import]:
    return [found for name, tree in modules().items() for found in _imports(name, tree, at_load=True)]


def _imports(by: str, node: ast.AST, *, at_load: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(by, alias.name, at_load) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{by}: a relative import"
            for alias in child.names:
                # `from bot import doctor` names a module, `from bot.doctor import Check` does not.
                whole = f"{child.module}.{alias.name}"
                yield Import(by, whole if whole in modules() else str(child.module), at_load)
        else:
            deferred = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or _for_types_only(child)
            yield from _imports(by, child, at_load=at_load and not deferred)


def _for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _room(module: str) -> str:
    return module.split(".")[0]


@cache
def _ours() -> list[Import]:
    return [found for found in imports() if _room(found.of) in ROOMS]


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def test_leaves_rest_on_nothing_but_their_siblings() -> None:
    reached, todo = set(), list(LEAVES & modules().keys())
    while todo:
        module = todo.pop()
        reached.add(module)
        todo += [found.of for found in _ours() if found.by == module and found.of not in reached]

    assert {module for module in reached if _room(module) != "ingest"} <= {"store.records"}


def test_slow_libraries_are_imported_only_where_they_are_used() -> None:
    found = {(one.by, _room(one.of)) for one in imports() if _room(one.of) in LAZY and one.at_load}

    # The migrations themselves are loaded late.
    assert {(by, library) for by, library in found if not _within(by, "store.migrations.env")} == set()
    assert not [one for one in _ours() if one.of == "store.migrations.env" and one.at_load]


def test_no_module_imports_itself_through_others() -> None:
    graph: dict[str, set[str]] = {module: set() for module in modules()}
    for found in _ours():
        if found.at_load:
            graph[found.by].add(found.of)

    order = list(TopologicalSorter(graph).static_order())  # a cycle raises CycleError, which names it

    assert len(order) >= len(graph)


def test_only_ingest_sees_what_is_for_others() -> None:
    callers = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "unfiltered"
    }

    assert callers == {"ingest.event_building"}


def test_only_the_store_reads_its_tables() -> None:
    tables = {"store.schema", "store.fulltext"}
    assert {_room(found.by) for found in _ours() if found.of in tables} == {"store"}


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv", "putenv"))
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and node.names[0].name == "environ")
    }

    # The second passes on to the process that reads files what the interpreter needs, and nothing else.
    assert readers == {"bot.settings", "ingest.readers.sandbox.process"}


def test_every_library_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    declared = {
        re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")
        for requirements in lists
        for requirement in requirements
    }
    owners = packages_distributions()
    undeclared = {
        _room(found.of)
        for found in imports()
        if _room(found.of) not in (*ROOMS, "itubot")
        and _room(found.of) not in sys.stdlib_module_names
        and not {name.lower().replace("_", "-") for name in owners.get(_room(found.of), [])} & declared
    }

    assert undeclared == set()


def test_an_underscore_is_the_translation_and_nothing_else() -> None:
    named = {
        name
        for name, tree in modules().items()
        if name.startswith("bot.") and not name.startswith("bot.slack")
        for node in ast.walk(tree)
        if (isinstance(node, ast.arg) and node.arg == "_")
        or (isinstance(node, ast.Name) and node.id == "_" and isinstance(node.ctx, ast.Store))
    }

    assert named == set()
