"""The documentation says what the program does: names and defaults are compared, links followed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr

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


def written(value: Any) -> str:
    """Return a default as it is written in the environment."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else f"{value:%H:%M}" if hasattr(value, "hour") else str(value)


def defaults() -> dict[str, str]:
    fields = Settings.model_fields.values()
    return dict(
        zip(
            names(),
            ("" if field.default in ((), {}) else written(field.default) for field in fields),
            strict=True,
        )
    )


def test_the_example_file_holds_every_setting_with_its_default() -> None:
    assert dotenv_values(ROOT / ".env.example") == defaults()


@pytest.mark.parametrize("source", PAGES, ids=lambda path: path.name)
def test_what_a_page_links_to_is_there(source: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", source.read_text(encoding="utf-8"))

    assert [target for target in targets if not (source.parent / target).is_file()] == []


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


def test_readme_leads_to_the_drawing_that_lists_every_package() -> None:
    [drawing] = re.findall(r"\[drawing\]\(([^)]+)\)", page("README.md"))
    packages = {
        f"{path.parent.relative_to(ROOT)}/"
        for room in ("bot", "ingest", "store")
        for path in (ROOT / room).glob("*/__init__.py")
    }

    assert packages - {"ingest/samples/"} - set(re.findall(r"`([\w/]+/)`", page(drawing))) == set()
