"""Reads Excel workbooks: each sheet with its tables, every row with its header, cells as they are displayed.

Comments are left out, as in Word files.
"""

from __future__ import annotations

import io
import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import pairwise
from typing import Any

from lxml import etree

from ingest.errors import NotReadable
from ingest.readers.base import Block, Extract
from ingest.readers.docx import number as integer
from ingest.readers.numbers import as_list_item, classify_numbers
from ingest.readers.office import REFERENCE, Package, open_package, read_properties
from ingest.readers.tables import Repeated, column_names, has_header, row_blocks
from ingest.readers.text import looks_like_heading

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# Parts of a format that are no part of a date: quoted and skipped text, colours and languages.
_LITERAL = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]|am/pm|a/p', re.IGNORECASE)
# "m" is a month, but beside hours or seconds.
_MINUTES = re.compile(r"(?<=h)([^yemdhs]*)m+|m+(?=[^yemdhs]*s)")
# The formats that Excel offers for numbers, amounts and shares, with a word or currency in quotes at either side.
_NUMBER = re.compile(
    r'(?:"(?P<quoted>[^"]*)"|\[\$(?P<currency>[^\]-]*)[^\]]*\])?\s*(?P<whole>#,##0|0+)(?:\.(?P<places>0+))?'
    r'(?P<percent>%)?\s*(?:"(?P<unit>[^"]*)")?(?:[_\\ ].?)*'
)
_GENERAL_DIGITS = 10
# A carriage return as the XML of a cell has it.
_RETURN = re.compile(r"_x000d_", re.IGNORECASE)
_GROUP_WORDS = 15
# The names that programs give to new sheets.
_UNNAMED = re.compile(
    r"(?:sheet|tabelle|feuil|feuille|hoja|foglio|planilha|folha|лист|ورقة|工作表|list|arkusz|blad|ark|munka)"
    r"\s*\d*",
    re.IGNORECASE,
)

Area = tuple[int, int, int, int]
"""First column, first row, last column and last row of a rectangle of cells, counted from 1."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """The text of one cell; `area` if it is merged with others."""

    text: str
    bold: bool = False
    area: Area | None = None

    @property
    def wide(self) -> bool:
        return self.area is not None and self.area[0] < self.area[2]


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of one row by column. `parted`: there is a blank row above it."""

    cells: Mapping[int, _Cell]
    parted: bool = False

    @property
    def only(self) -> _Cell | None:
        """The only cell, which may span columns; None if there are several texts."""
        texts = {cell.text for cell in self.cells.values()}
        return next(iter(self.cells.values())) if len(texts) == 1 else None

    @property
    def bold(self) -> bool:
        return all(cell.bold for cell in self.cells.values())

    def texts(self, columns: Sequence[int]) -> list[str]:
        """Return the text of each column, repeated where a cell spans columns."""
        found: list[str] = []
        before = None
        for column in columns:
            cell = self.cells.get(column, _Cell(""))
            found.append(Repeated(cell.text) if cell.area and cell.area == before else cell.text)
            before = cell.area
        return found


@dataclass(slots=True)
class _Layout:
    """What a sheet says beside its cells: areas that are merged; rows and spans of columns that are hidden."""

    merged: list[Area] = field(default_factory=list)
    rows: set[int] = field(default_factory=set)
    columns: list[tuple[int, int]] = field(default_factory=list)

    def hides(self, column: int) -> bool:
        return any(first <= column <= last for first, last in self.columns)


def read(data: bytes) -> Extract:
    """Read an .xlsx (also .xlsm): formulas with the values that were last computed. Raises NotReadable."""
    # Imported late: openpyxl takes a quarter of a second.
    from openpyxl import load_workbook

    package = open_package(data, "Excel workbook", usual="Excel workbook (.xlsx)")
    if package.main.endswith(".bin"):
        raise NotReadable("it is an Excel workbook of the binary kind (.xlsb): save it as .xlsx")
    targets = package.targets(package.main)
    parts = {
        node.get("name", ""): targets.get(node.get(REFERENCE + "id", ""))
        for node in package.root(package.main).iter(_S + "sheet")
    }
    if len(set(parts.values())) < len(parts):
        raise NotReadable("the Excel workbook is damaged (several of its sheets are the same part)")

    blocks: list[Block] = []
    hidden: list[str] = []
    title = None
    rows = columns = 0
    with warnings.catch_warnings(action="ignore"):
        sheets = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False).worksheets
        for sheet in sheets:
            part = parts.get(sheet.title)
            if part is None:
                continue
            if sheet.sheet_state != "visible":
                hidden.append(f"“{sheet.title}”")
                continue
            layout = _layout(package, part)
            filled = _filled(sheet)
            shown = _visible_rows(filled, layout)
            found = list(_sheet_blocks(shown))
            title = title if blocks else _title(shown)
            if found and not _UNNAMED.fullmatch(sheet.title.strip()):
                blocks.append(Block("heading", sheet.title, level=1))
            blocks.extend(found)
            rows += len(layout.rows & {row for row, _ in filled})
            columns += sum(map(layout.hides, {column for _, column in filled}))

    notes = [f"hidden sheets are left out: {', '.join(hidden)}"] if hidden else []
    counts = [f"{n} {what}{'s' if n > 1 else ''}" for n, what in ((rows, "row"), (columns, "column")) if n]
    if counts:
        notes.append(f"what is hidden is left out: {' and '.join(counts)}")
    return Extract(classify_numbers(blocks), title, notes=notes, properties=read_properties(package))


def _layout(package: Package, part: str) -> _Layout:
    """Return the layout of a sheet, which openpyxl does not give for sheets that are read row by row."""
    layout, number = _Layout(), 0
    tags = (_S + "row", _S + "col", _S + "mergeCell")
    for _, node in etree.iterparse(io.BytesIO(package.xml(part)), tag=tags, resolve_entities=False):
        size = node.get("ht" if node.tag == _S + "row" else "width")
        hidden = node.get("hidden") in ("1", "true") or size in ("0", "0.0")
        if node.tag == _S + "mergeCell":
            layout.merged.append(_area(node.get("ref", "")))
        elif node.tag == _S + "row":
            number = integer(node.get("r"), number + 1)
            layout.rows |= {number} if hidden else set()
            node.clear()
        elif hidden:
            layout.columns.append((integer(node.get("min"), 1), integer(node.get("max"), 1)))
    return layout


def _area(reference: str) -> Area:
    from openpyxl.utils.cell import range_boundaries

    left, top, right, bottom = range_boundaries(reference)
    return left or 1, top or 1, right or 1, bottom or 1


def _filled(sheet: Any) -> dict[tuple[int, int], _Cell]:
    """Return the cells that display something, by row and column, also those that are hidden."""
    sheet.reset_dimensions()  # what a file says of them may be wrong
    return {
        (cell.row, cell.column): _Cell(text, bool(cell.font.b))
        for row in sheet.iter_rows()
        for cell in row
        # An error is no value.
        if cell.value is not None and cell.data_type != "e"
        if (text := format_value(cell.value, cell.number_format or ""))
    }


def format_value(value: Any, form: str) -> str:
    """Return a value in the number format of its cell; "" if nothing is displayed. Months are in English.

    Of a day, as much is shown as the format shows; numbers are in the usual formats of Excel, and plain in all others.
    """
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return _number(value, form)
    if isinstance(value, timedelta):
        hours, minutes = divmod(round(value.total_seconds() / 60), 60)
        return f"{hours}:{minutes:02d}"
    if isinstance(value, (date, time)):
        letters = _MINUTES.sub(r"\1", _LITERAL.sub(" ", form.split(";")[0]).casefold())
        return _moment(value, set(letters.replace("e", "y")))
    return " ".join(_RETURN.sub("\n", str(value)).split())


def _moment(value: date | time, letters: set[str]) -> str:
    """Return a day, a time or both, as far as the format with these letters shows them."""
    timed = bool(letters & set("hs"))
    clock = f"{value:%H:%M}" if isinstance(value, (datetime, time)) else ""
    if isinstance(value, time) or (timed and not letters & set("ymd")):
        return clock
    if "d" in letters or not letters & set("ym"):
        day = f"{value.day} {value:%B} {value.year}"
    else:
        day = f"{value:%B} {value.year}" if "m" in letters else str(value.year)
    return f"{day}, {clock}" if timed else day


def _number(value: int | float, form: str) -> str:
    first, *others = form.split(";")
    if others and not first:
        return ""  # ";;;" hides a value
    shown = _NUMBER.fullmatch(first)
    if shown is None:
        whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
        return str(int(value)) if whole else format(Decimal(f"{value:.{_GENERAL_DIGITS}g}"), "f")
    places, percent = len(shown["places"] or ""), shown["percent"] or ""
    with localcontext(rounding=ROUND_HALF_UP):
        number = round(Decimal(str(value)).scaleb(2 if percent else 0), places)
    digits = f"{number:{',' if ',' in shown['whole'] else ''}.{places}f}"
    if "," not in shown["whole"]:
        digits = digits.zfill(len(shown["whole"]) + (places and places + 1))
    before = (shown["quoted"] or shown["currency"] or "").strip()
    return f"{before} {digits}{percent} {(shown['unit'] or '').strip()}".strip()


def _visible_rows(filled: Mapping[tuple[int, int], _Cell], layout: _Layout) -> list[_Row]:
    """Return the rows that are not hidden or blank, in order."""
    rows: dict[int, dict[int, _Cell]] = {}
    for (number, column), cell in filled.items():
        if number not in layout.rows:
            rows.setdefault(number, {})[column] = cell
    numbers = sorted(rows)
    width = max((column for _, column in filled), default=0)

    # The text of a merged cell belongs to each of its rows and columns.
    joined: set[int] = set()
    for area in layout.merged:
        left, top, right, bottom = area
        origin = filled.get((top, left), _Cell(""))
        within = numbers[bisect_left(numbers, top) : bisect_right(numbers, bottom)] if origin.text else ()
        joined.update(within[1:])
        for number in within:
            for column in range(left, min(right, width) + 1):
                rows[number][column] = replace(origin, area=area)

    found: list[_Row] = []
    above = 0
    for number in numbers:
        cells = {c: cell for c, cell in sorted(rows[number].items()) if not layout.hides(c)}
        if cells:
            blank = not layout.rows.issuperset(range(above + 1, number))
            found.append(_Row(cells, blank and number not in joined))
            above = number
    return found


@dataclass(frozen=True, slots=True)
class _Header:
    """The names of the columns of a table, by column, and how many of its rows they take."""

    names: Mapping[int, str]
    bold: bool
    rows: int


def _sheet_blocks(rows: Sequence[_Row]) -> Iterator[Block]:
    """Yield the blocks of a sheet: tables, which are parted by blank rows, and the lines above and below each."""
    header: _Header | None = None
    starts = [place for place, row in enumerate(rows) if row.parted or place == 0]
    for first, last in pairwise([*starts, len(rows)]):
        table = rows[first:last]
        filled = [place for place, row in enumerate(table) if row.only is None]
        start, end = (filled[0], filled[-1] + 1) if filled else (len(table), len(table))
        header = _header(table[start:end], header) if filled else header
        body = start + (header.rows if header and filled else 0)
        columns = sorted({column for row in table[start:end] for column in row.cells})
        names = [header.names.get(column, "") for column in columns] if header else None
        facts = header is None and _is_list_of_facts(table[start:end])
        for place, row in enumerate(table):
            if start <= place < body:
                continue
            cells = row.texts(columns)
            if row.only is not None and (not start <= place < end or _is_group(row.only)):
                item = as_list_item(row.only.text)
                yield Block("paragraph", row.only.text) if item is None else Block("item", item)
            elif facts and all(cells):
                yield from row_blocks([cells[1:]], cells[:1])
            else:
                yield from row_blocks([cells], names)


def _is_group(only: _Cell) -> bool:
    """Whether the only text of a row is a heading of those below: in bold or over several columns."""
    return (only.wide or only.bold) and len(only.text.split()) <= _GROUP_WORDS


def _header(rows: Sequence[_Row], before: _Header | None) -> _Header | None:
    """Return the header of a table; `before` is the one of the table above it on the sheet."""
    if before and before.bold and not rows[0].bold and rows[0].cells.keys() <= before.names.keys():
        # The rows below a blank row belong to the same table.
        return _Header(before.names, bold=True, rows=0)
    if len(rows) < 2 or _is_list_of_facts(rows):
        return None
    columns = sorted({column for row in rows for column in row.cells})
    texts = [row.texts(columns) for row in rows[:3]]

    # A row of groups ("Date" over two columns) may be above a row of names ("Start", "End").
    areas = {cell.area for cell in rows[0].cells.values() if cell.area}
    wide = any(cell.wide for cell in rows[0].cells.values())
    shared = any(cell.area in areas for cell in rows[1].cells.values())
    styled = rows[0].bold and rows[1].bold and len(rows) > 2 and not rows[2].bold
    joined = column_names(texts[:2])
    if len(rows) > 2 and wide and (shared or styled) and has_header([joined, *texts[2:]], repeated=True):
        return _Header(dict(zip(columns, joined, strict=True)), rows[0].bold, rows=2)

    if (rows[0].bold and not rows[1].bold) or has_header(texts, repeated=True):
        return _Header(dict(zip(columns, texts[0], strict=True)), rows[0].bold, rows=1)
    return None


def _is_list_of_facts(rows: Sequence[_Row]) -> bool:
    """Whether each row is a name and a fact about it: then the first row is no header."""
    columns = sorted({column for row in rows for column in row.cells})
    if len(columns) != 2:
        return False
    pairs = [[row.cells.get(column, _Cell("")) for column in columns] for row in rows]
    return all(name.bold and not fact.bold for name, fact in pairs) or all(
        name.text.endswith(":") for name, _ in pairs
    )


def _title(rows: Sequence[_Row]) -> str | None:
    """Return the text that is alone at the top of the first sheet, in bold or over several columns."""
    only = rows[0].only if len(rows) > 1 else None
    return only.text if only and (only.bold or only.wide) and looks_like_heading(only.text) else None
