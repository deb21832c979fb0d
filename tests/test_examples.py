"""The examples in the tutorial and the how-to pages are what the program prints.

A block `console` has commands, each behind `$`, and what they print; "…" stands for any text. The blocks of a page run
in their order, in one folder: an empty one for the tutorial, one with the bundled report for the others. A block of
text with a caption is a file of that name.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from tests.conftest import copy_data

DOCS = Path(__file__).parent.parent / "docs"
TUTORIAL = DOCS / "tutorial.md"
_FILE = r"^```\{code-block\} text\n:caption: (?P<name>\S+)\n\n(?P<content>.*?)^```$"
_COMMANDS = r"^```console\n(?P<commands>.*?)^```$"
BLOCK = re.compile(f"{_FILE}|{_COMMANDS}", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> list[re.Match[str]]:
    return list(BLOCK.finditer(page.read_text(encoding="utf-8")))


def commands(block: str) -> list[tuple[str, str]]:
    """Return each command of a block with what it prints."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(command, shown) for command, _, shown in (part.partition("\n") for part in parts)]


def of_pages() -> Iterator[Any]:
    for page in (TUTORIAL, *sorted(DOCS.glob("howto/*.md"))):
        if found := blocks(page):
            embeds = any(re.search(r"\$ itubot (?:ingest|fetch)", block[0]) for block in found)
            yield pytest.param(page, id=page.stem, marks=[pytest.mark.slow] if embeds else [])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder, with no setting but those of the page."""
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(("ITUBOT_", "SLACK_")):
            del os.environ[name]
    os.environ |= {"COLUMNS": "110", "LANG": "en", "LC_ALL": "en"}
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("page", list(of_pages()))
def test_the_examples_of_a_page_are_what_the_program_prints(
    page: Path, folder: Path, ingested: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if page != TUTORIAL:
        copy_data(ingested, folder / "data")
    for block in blocks(page):
        if name := block["name"]:
            file = folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(block["content"], encoding="utf-8")
            continue
        for command, shown in commands(block["commands"]):
            program, *arguments = shlex.split(command)
            assert program == "itubot"

            assert main(arguments) == 0

            printed = squeezed("\n".join(capsys.readouterr()))
            expected = re.escape(squeezed(shown)).replace("…", ".*?")
            assert re.fullmatch(expected, printed), f"{command}\n{printed}"


@pytest.mark.slow
def test_the_fields_of_json_are_those_that_the_page_lists(
    folder: Path, ingested: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_data(ingested, folder / "data")
    papers = folder / "papers"
    papers.mkdir()
    (papers / "note.md").write_text("# Note\n\n1. The Digital Week is in Geneva on 10-12 June 2024.\n")
    os.environ["ITUBOT_PUBLIC_URL"] = "https://bot.example.org"
    for made in (
        ("ingest", "papers"),
        ("correct", "8edaa172", "--title", "A Conference"),
        ("source", "add", "papers"),
        ("calendar", "add"),
        ("token", "add", "editor"),
    ):
        assert main(made) == 0
    capsys.readouterr()
    arguments = {"check": ["papers/note.md"], "brief": ["WSIS"], "ingest": ["papers"]}
    page = (DOCS / "reference" / "json.md").read_text(encoding="utf-8")
    rows = re.findall(r"^- `itubot ([a-z ]+)`, (\w+): (`\w+`.*)$", page, re.MULTILINE)

    for name, kind, fields in rows:
        assert main([*name.split(), *arguments.get(name, []), "--json"]) == 0
        value = json.loads(capsys.readouterr().out)

        assert isinstance(value, list) == (kind == "list")
        listed = re.findall(r"`(\w+)`", fields.partition(", each with")[0])
        assert list(value[0] if kind == "list" else value) == listed, name
    assert len(rows) > 10
