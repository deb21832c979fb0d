"""Paragraphs of the reports that tests check sentences against."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from bot.facts.stated import CitedPassage
from ingest.document.sections import to_sections
from ingest.readers.text import read
from store.records import Document

ROOT = Path(__file__).parent.parent.parent
DATA = ROOT / "tests" / "data"
_FILES = {"sample": ROOT / "ingest" / "samples" / "itu-un-digital-engagement-2024.txt"} | {
    path.stem: path for folder in ("annual", "papers") for path in (DATA / folder).glob("*.txt")
}


@cache
def passages(report: str) -> dict[str, CitedPassage]:
    """Return paragraph number -> passage of a report."""
    path = _FILES[report]
    meta: dict[str, Any] = {}
    for name in (path.with_suffix(".toml"), path.with_name(f"{path.name}.meta.toml")):
        if name.is_file():
            meta = tomllib.loads(name.read_text("utf-8"))
    document = Document(path.name, path.name, meta["title"], meta.get("symbol"), meta["date"])
    sections = to_sections(document.id, read(path.read_bytes()).blocks)
    return {section.number: CitedPassage(section, document) for section in reversed(sections)}


def rows(name: str) -> list[dict[str, Any]]:
    """Return the objects of a file of tests/data/verification."""
    return [json.loads(line) for line in (DATA / "verification" / name).read_text("utf-8").splitlines()]
