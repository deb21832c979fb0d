"""The documentation says what the program does: names and defaults are compared, links followed."""

from __future__ import annotations

import ast
import importlib
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from dotenv import dotenv_values

from bot.cli import COMMANDS
from bot.settings import Settings, names

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    path
    for pattern in (
        "*.md",
        "docs/*.md",
        "docs/[a-z]*/*.md",
        "tests/data/*.md",
        "tests/data/verification/*.md",
    )
    for path in ROOT.glob(pattern)
)


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def reference() -> Iterator[ModuleType]:
    """What writes the reference into the pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "docs")
        yield importlib.import_module("program_reference")


def test_the_reference_is_what_the_program_says(reference: ModuleType) -> None:
    """`make reference` writes it."""
    pages = {found: found.read_text("utf-8") for found in reference.pages()}

    assert [str(found) for found, text in pages.items() if reference.fill(text) != text] == []


@pytest.mark.parametrize("kind", ["commands", "settings", "tools"])
def test_everything_is_in_the_reference_once(reference: ModuleType, kind: str) -> None:
    listed = [
        name for found in reference.pages() for name in reference.listed_names(found.read_text("utf-8"), kind)
    ]

    assert sorted(listed) == sorted(reference.LISTED[kind][0])


@pytest.mark.parametrize("kind", ["metrics", "scopes"])
def test_each_whole_list_is_on_a_page(reference: ModuleType, kind: str) -> None:
    assert [found for found in reference.pages() if f"<!-- {kind} -->" in found.read_text("utf-8")]


def test_every_setting_has_a_text(reference: ModuleType) -> None:
    assert [name for name, text in reference.setting_texts().items() if not text] == []


def test_the_example_file_holds_every_setting_with_its_default(reference: ModuleType) -> None:
    defaults = [reference.write_default(field.default) for field in Settings.model_fields.values()]

    assert dotenv_values(ROOT / ".env.example") == dict(zip(names(), defaults, strict=True))


def calls(text: str) -> Iterator[list[str]]:
    """Yield the words behind `itubot` of each call that stands as code in a page."""
    blocks = "\n".join(re.findall(r"^ *```\w*\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL))
    called = re.findall(r"`(itubot [^`]+)`", text)
    called += re.findall(r"^(?:\$ | *)(itubot .+)", blocks, re.MULTILINE)
    called += re.findall(r"^ {4,}(itubot .+)", text, re.MULTILINE)
    for call in called:
        words = re.split(r" {2,}#| [;&|<>]", call.partition("itubot ")[2])[0].split()
        yield [word.strip("[],;:.") for word in words]


@pytest.mark.parametrize("source", PAGES, ids=lambda path: path.name)
def test_every_call_that_a_page_shows_has_a_command_and_options_of_the_program(
    reference: ModuleType, source: Path
) -> None:
    unknown = []
    for words in calls(source.read_text(encoding="utf-8")):
        while words[:1] and words[0].startswith("-"):
            # Options of the program itself; one has a value.
            words = words[2:] if words[0] == "--audience" else words[1:]
        name = " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else " ".join(words[:1])
        options = {option for word in words if (option := word.partition("=")[0]).startswith("--")}
        is_group = any(command.startswith(f"{name} ") for command in COMMANDS)
        if name in COMMANDS:
            unknown += [f"{name} {option}" for option in options - reference.options_of(name)]
        elif name and not name.isupper() and not is_group:
            unknown.append(name)

    assert unknown == []


def heading_anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as a forge and the site make them."""
    without_code = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#{1,4} (.+)$", without_code, re.MULTILINE)
    return {_anchor(heading) for heading in headings}


def _anchor(heading: str) -> str:
    kept = [c for c in heading.lower() if c in " -_" or unicodedata.category(c)[0] in "LN"]
    return "".join(kept).replace(" ", "-")


@pytest.mark.parametrize("source", PAGES, ids=lambda path: path.name)
def test_what_a_page_links_to_is_there(source: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", source.read_text(encoding="utf-8"))

    missing = []
    for name, anchor in links:
        target = source.parent / name if name else source
        if not target.is_file():
            missing.append(name)
        elif anchor and anchor not in heading_anchors(target.read_text(encoding="utf-8")):
            missing.append(f"{name}#{anchor}")
    assert missing == []


@pytest.mark.parametrize("source", PAGES, ids=lambda path: path.name)
def test_every_path_that_a_page_names_exists(source: Path) -> None:
    names = re.findall(
        r"`((?:bot|docs|ingest|prompts|store|tests)/[\w/.-]*)`", source.read_text(encoding="utf-8")
    )

    assert [name for name in names if not (ROOT / name).exists()] == []


def test_every_page_that_the_code_names_exists() -> None:
    files = [
        file
        for package in ("bot", "ingest", "prompts", "store", "tests")
        for file in (ROOT / package).rglob("*.py")
    ]
    names = {name for file in files for name in re.findall(r"\bdocs/[\w/-]+\.md", file.read_text("utf-8"))}

    assert [name for name in names if not (ROOT / name).exists()] == []


def rows_of_changes() -> list[tuple[str, str, str]]:
    """Return what to change, the names and the files of each line of the part that stands first on its page."""
    [first, *_] = re.split(r"^## ", page("docs/explanation/architecture.md"), flags=re.MULTILINE)[1:]
    assert first.startswith("Where to change what")
    lines = re.findall(r"^- .+$", first, re.MULTILINE)
    rows = [re.fullmatch(r"- (.+): (`.+?) in (`.+)", line) for line in lines]
    assert lines
    assert all(rows)
    return [(row[1], row[2], row[3]) for row in rows if row]


@pytest.mark.parametrize(("change", "named", "files"), rows_of_changes(), ids=lambda cell: cell[:40])
def test_the_file_of_a_change_defines_what_the_page_names(change: str, named: str, files: str) -> None:
    paths = [ROOT / name for name in re.findall(r"`([^`]+)`", files)]
    defined = {name for path in paths if path.is_file() for name in defined_names(path, named)}

    assert [path for path in paths if not path.exists()] == [], change
    assert set(re.findall(r"`([^`]+)`", named)) - defined == set(), change


def defined_names(path: Path, wanted: str) -> set[str]:
    """Return what a module defines at its top level; of another file, those of the wanted names that stand in it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return {name for name in re.findall(r"`([^`]+)`", wanted) if name in text}

    found = set()
    for node in ast.parse(text).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return found


def test_every_room_is_on_the_map() -> None:
    packages = {
        f"{path.parent.relative_to(ROOT)}/"
        for room in ("bot", "ingest", "store")
        for path in (ROOT / room).glob("*/__init__.py")
    }
    listed = re.findall(r"`([\w/]+/)`", page("docs/explanation/architecture.md"))

    assert packages - {"ingest/samples/"} - set(listed) == set()
