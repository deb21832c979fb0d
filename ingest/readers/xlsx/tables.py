"""Turns the rows of a sheet into blocks: titles, tables row by row with their header, and the lines around them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.dates import find_dates
from ingest.readers.base import Block
from ingest.readers.numbers import as_list_item
from ingest.readers.tables import CharacterBudget, has_header
from ingest.readers.xlsx.grid import Row

_GROUP_WORDS = 15
# Words that may be beside the day of a programme: its weekday and its number.
_BESIDE_DAY = re.compile(r"(?:\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\bday \d{1,2}\b|[\W_])*", re.I)
_HOUR = re.compile(r"\W*(?P<hour>\d{1,2})[:.h](?P<minute>\d\d)(?![.\d])(?P<half>\s*p\.?m)?", re.I)


@dataclass(frozen=True, slots=True)
class _Header:
    """The names of the columns of a table, by column."""

    names: dict[int, str]
    bold: bool
    rows: int  # the number of rows that it has


def sheet_blocks(rows: Sequence[Row], budget: CharacterBudget) -> Iterator[Block]:
    """Yield the blocks of a sheet, none for an empty one. Raises NotReadable if the tables become too long."""
    if not rows:
        return
    header: _Header | None = None
    for table in _tables(rows):
        start, end = _core(table)
        for row in table[:start]:
            yield from _line(row, budget)
        if start < end:
            header = _header(table[start:end], header)
            yield from _body(table[start + (header.rows if header else 0) : end], header, budget)
        for row in table[end:]:
            yield from _line(row, budget)


def _tables(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    starts = [place for place, row in enumerate(rows) if row.parted or place == 0]
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield rows[start:end]


def _core(rows: Sequence[Row]) -> tuple[int, int]:
    """Return where the table itself begins and ends, without the lines above and below it."""
    filled = [place for place, row in enumerate(rows) if row.only is None]
    return (filled[0], filled[-1] + 1) if filled else (len(rows), len(rows))


def _line(row: Row, budget: CharacterBudget) -> Iterator[Block]:
    text = row.texts[0]
    budget.spend(len(text))
    item = as_list_item(text)
    yield Block("paragraph", text) if item is None else Block("item", item)
    yield from (Block("note", note) for note in row.notes)


def _body(rows: Sequence[Row], header: _Header | None, budget: CharacterBudget) -> Iterator[Block]:
    columns = sorted({column for row in rows for column in row.cells})
    names = [header.names.get(column, "") for column in columns] if header else []
    facts = header is None and _is_list_of_facts(rows)
    # The day of a programme is above its hours, and is stated in the row of each of them.
    day: Row | None = None
    stated, hour = False, None
    for place, row in enumerate(rows):
        if _is_group(row) and place + 1 < len(rows):
            # "Lunch" between the hours of a day does not end the day.
            if _is_day(row) or not _is_later(_hour(rows[place + 1]), hour):
                if day is not None and not stated:
                    yield from _line(day, budget)
                day, stated, hour = None, False, None
            if _is_day(row):
                day = row
            else:
                yield from _line(row, budget)
            continue
        if day is not None and not stated:
            stated = True
            yield from (Block("note", note) for note in day.notes)
        hour = _hour(row) or hour
        cells = _stated_once(row, columns)
        if facts and all(cells):
            cells = [f"{cells[0].rstrip(': ')}: {cells[1]}"]
        yield from budget.row([day.texts[0] if day else "", *cells], ["", *names] if header else None)
        yield from (Block("note", note) for note in row.notes)


def _stated_once(row: Row, columns: Sequence[int]) -> list[str]:
    """Return the texts of the columns; that of a cell merged over several columns only in the first of them."""
    texts: list[str] = []
    before = None
    for column in columns:
        cell = row.cells.get(column)
        area = cell.area if cell is not None else None
        texts.append("" if cell is None or (area is not None and area == before) else cell.text)
        before = area
    return texts


def _is_group(row: Row) -> bool:
    """Return whether a row of a table is a heading of those below: one text, in bold or over several columns."""
    only = row.only
    wide = only is not None and only.area is not None and only.area.left < only.area.right
    return only is not None and (wide or only.bold) and len(only.text.split()) <= _GROUP_WORDS


def _is_day(row: Row) -> bool:
    """Return whether a row has only a day: "Day 1: Tuesday, 14 April 2026"."""
    text = row.texts[0]
    days = [d for d in find_dates(text, reference=None) if d.kind == "date" and d.precision == "day"]
    if len(days) != 1:
        return False
    start, stop = days[0].span
    return _BESIDE_DAY.fullmatch(f"{text[:start]} {text[stop:]}") is not None


def _hour(row: Row) -> tuple[int, int] | None:
    """Return the hour and minute at the beginning of a row."""
    opening = _HOUR.match(row.texts[0])
    if opening is None:
        return None
    hour = int(opening["hour"])
    return hour + 12 if opening["half"] and hour < 12 else hour, int(opening["minute"])


def _is_later(hour: tuple[int, int] | None, before: tuple[int, int] | None) -> bool:
    return hour is not None and (before is None or hour > before)


def _header(rows: Sequence[Row], before: _Header | None) -> _Header | None:
    """Return the header of a table; `before` is the one of the table above it on the sheet."""
    if (
        before is not None
        and before.bold
        and not rows[0].bold
        and rows[0].cells.keys() <= before.names.keys()
    ):
        # The rows below a blank row belong to the same table.
        return _Header(before.names, bold=True, rows=0)
    if len(rows) < 2 or _is_list_of_facts(rows):
        return None
    columns = sorted({column for row in rows for column in row.cells})
    texts = [
        [row.cells[column].text if column in row.cells else "" for column in columns] for row in rows[:3]
    ]
    if _has_two_rows(rows):
        joined = [" ".join(dict.fromkeys(filter(None, pair))) for pair in zip(*texts[:2], strict=True)]
        if has_header([_numbered_names(joined), *texts[2:]]):
            return _Header(dict(zip(columns, joined, strict=True)), rows[0].bold, rows=2)
    styled = rows[0].bold and not rows[1].bold
    if styled or has_header([_numbered_names(texts[0]), *texts[1:]]):
        return _Header(dict(zip(columns, texts[0], strict=True)), rows[0].bold, rows=1)
    return None


def _has_two_rows(rows: Sequence[Row]) -> bool:
    """Return whether the header is a row of groups ("Date" over two columns) above a row of names ("Start", "End")."""
    first, second = rows[0], rows[1]
    areas = [cell.area for cell in first.cells.values() if cell.area is not None]
    wide = any(area.left < area.right for area in areas)
    # Signs of that: a name that spans both rows, or bold type in these two rows only.
    shared = any(cell.area is not None and cell.area in areas for cell in second.cells.values())
    styled = first.bold and second.bold and len(rows) > 2 and not rows[2].bold
    return len(rows) > 2 and wide and (shared or styled)


def _numbered_names(names: Sequence[str]) -> list[str]:
    """Return the names of columns, with a number after those that several columns have."""
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(f"{name} {seen[name]}" if name and seen[name] > 1 else name)
    return numbered


def _is_list_of_facts(rows: Sequence[Row]) -> bool:
    """Return whether each row is a name and a fact about it: then the first row is no header."""
    columns = {column for row in rows for column in row.cells}
    if len(columns) != 2:
        return False
    names = min(columns)
    first = [(row.cells.get(names), row.cells.get(max(columns))) for row in rows]
    bold = all(a is not None and a.bold and not (b is not None and b.bold) for a, b in first)
    return bold or all(a is not None and a.text.endswith(":") for a, _ in first)
