"""Automatic numbers of a Word document, as Word would print them.

The rules are those of ISO/IEC 29500-1, 17.9 (numbering): abstract definitions with nine levels, instances
that may override them, and one count for each abstract definition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest.readers.numbers import format_count

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_PLACEHOLDER = re.compile(r"%([1-9])")
# A numbering may link to a style, and the style to another numbering: more links than this are a cycle.
_MOST_LINKS = 4

Element = Any  # lxml publishes no types


@dataclass(frozen=True, slots=True)
class Label:
    """The label before a paragraph: its text ("2.3", "(a)"), which may be empty; or a bullet."""

    text: str
    bullet: bool = False


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    form: str = "decimal"
    pattern: str = ""
    restart: int | None = None
    legal: bool = False
    style: str | None = None


def value(parent: Element, *path: str) -> str | None:
    """Return the w:val at the end of `path` below `parent`; None if there is none."""
    node = parent
    for name in path:
        node = None if node is None else node.find(W + name)
    return None if node is None else node.get(W + "val")


def number(text: str | None, default: int) -> int:
    """Return the integer in an attribute, or `default` if it is broken or far too large."""
    try:
        found = int(text) if text is not None else default
    except ValueError:
        return default
    return found if abs(found) < 1_000_000 else default


class Numbering:
    """The counts of one document; `label` must be called once for each paragraph, in reading order."""

    def __init__(self, part: Element | None, style_numbering: Callable[[str], str | None]) -> None:
        """`part` is the root of numbering.xml; `style_numbering` gives a numbering style's own numId."""
        self._style_numbering = style_numbering
        self._abstract: dict[str, Element] = {}
        self._instances: dict[str, Element] = {}
        if part is not None:
            self._abstract = {
                node.get(W + "abstractNumId", ""): node for node in part.findall(W + "abstractNum")
            }
            self._instances = {node.get(W + "numId", ""): node for node in part.findall(W + "num")}
        self._counts: dict[str, list[int | None]] = {}
        self._levels: dict[str, Mapping[int, _Level]] = {}
        self._used: set[tuple[str, int]] = set()

    def level_of_style(self, num_id: str, style: str) -> int | None:
        """Return the level of this numbering that is linked to the paragraph style."""
        levels = self._levels_of(num_id)
        return next((place for place, level in levels.items() if level.style == style), None)

    def label(self, num_id: str, place: int) -> Label | None:
        """Count one paragraph on level `place` (from 0) and return its label; None for an unknown numbering."""
        levels = self._levels_of(num_id)
        if not 0 <= place < _LEVELS or place not in levels:
            return None
        counts = self._counts.setdefault(self._abstract_of(num_id)[0], [None] * _LEVELS)
        if (num_id, place) not in self._used and place in self._starts(num_id):
            counts[place] = None  # an instance with its own start begins there when it is first used
        self._used.add((num_id, place))
        level = levels[place]
        before = counts[place]
        counts[place] = level.start if before is None else before + 1
        for deeper in range(place + 1, _LEVELS):
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or place < restart:
                counts[deeper] = None
        if level.form == "bullet":
            return Label("", bullet=True)
        return Label(
            _PLACEHOLDER.sub(lambda found: _written(found, counts, levels, level), level.pattern).strip()
        )

    def _overrides(self, num_id: str) -> list[Element]:
        instance = self._instances.get(num_id)
        return [] if instance is None else list(instance.findall(W + "lvlOverride"))

    def _starts(self, num_id: str) -> dict[int, int]:
        found = {number(o.get(W + "ilvl"), 0): value(o, "startOverride") for o in self._overrides(num_id)}
        return {place: number(start, 1) for place, start in found.items() if start is not None}

    def _abstract_of(self, num_id: str) -> tuple[str, Element | None]:
        """Return the definition whose count is used; styles may link to it."""
        for _ in range(_MOST_LINKS):
            abstract_id = value(self._instances.get(num_id), "abstractNumId") or ""
            abstract = self._abstract.get(abstract_id)
            link = value(abstract, "numStyleLink")
            linked = self._style_numbering(link) if link else None
            if linked is None or linked == num_id:
                return abstract_id, abstract
            num_id = linked
        return "", None

    def _levels_of(self, num_id: str) -> Mapping[int, _Level]:
        if num_id not in self._levels:
            self._levels[num_id] = self._read_levels(num_id)
        return self._levels[num_id]

    def _read_levels(self, num_id: str) -> dict[int, _Level]:
        _, abstract = self._abstract_of(num_id)
        levels = {} if abstract is None else _levels(abstract)
        for override in self._overrides(num_id):
            levels |= _levels(override)
        for place, start in self._starts(num_id).items():
            levels[place] = replace(levels.get(place, _Level()), start=start)
        return levels


def _levels(parent: Element) -> dict[int, _Level]:
    return {number(node.get(W + "ilvl"), 0): _level(node) for node in parent.findall(W + "lvl")}


def _level(node: Element) -> _Level:
    restart = value(node, "lvlRestart")
    legal = node.find(W + "isLgl")
    return _Level(
        start=number(value(node, "start"), 1),
        form=value(node, "numFmt") or "decimal",
        pattern=value(node, "lvlText") or "",
        restart=None if restart is None else number(restart, 0),
        legal=legal is not None and legal.get(W + "val", "1") not in ("0", "false", "off"),
        style=value(node, "pStyle"),
    )


def _written(
    found: re.Match[str], counts: list[int | None], levels: Mapping[int, _Level], own: _Level
) -> str:
    place = int(found[1]) - 1
    level = levels.get(place, _Level())
    count = counts[place]
    form = "decimal" if own.legal and level.form != "none" else level.form
    return format_count(level.start if count is None else count, form)
