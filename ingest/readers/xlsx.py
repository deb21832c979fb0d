"""Reads Excel workbooks: each sheet with its tables, every row with its header, cells as they are displayed."""

from __future__ import annotations

import io
import math
import re
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from itertools import pairwise
from typing import Any

from lxml import etree

from ingest.dates import find_dates
from ingest.errors import NotReadable
from ingest.readers.base import Block, Element, Extract
from ingest.readers.numbers import as_list_item, classify_numbers
from ingest.readers.office import REFERENCE, Package, checked_copy, open_package, read_properties
from ingest.readers.tables import CharacterBudget, column_names, has_header
from ingest.readers.text import looks_like_heading

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_MOST_CELLS = 500_000
# Rows by columns up to the last cell: cells that are far apart take time too.
_MOST_PLACES = 30_000_000
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
# Parts of a format that are no part of a date: quoted and skipped text, colours and languages.
_LITERAL = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]|am/pm|a/p', re.IGNORECASE)
# "m" is a month, but beside hours or seconds.
_MINUTES = re.compile(r"(?<=h)([^yemdhs]*)m+|m+(?=[^yemdhs]*s)")
# A carriage return as the XML of a cell has it.
_RETURN = re.compile(r"_x000d_", re.IGNORECASE)
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|(?P<hint>\[[^\]]*\])|[_*].'
    r"|(?P<number>[#0?](?:[#0?,.]*[#0?])?(?P<scale>,*))|(?P<other>.)",
    re.S,
)
# Conditions, exponents and fractions are rare in tables of this kind; such numbers are written plainly.
_UNUSUAL = re.compile(r"\[[<>=]|E[+-]|[#0?]\s*/|general", re.IGNORECASE)
_MOST_DIGITS = 30
_GENERAL_DIGITS = 10
Place = tuple[int, int]
"""Row and column, counted from 1."""
_GROUP_WORDS = 15
# Words that may be beside the day of a programme: its weekday and its number.
_BESIDE_DAY = re.compile(r"(?:\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\bday \d{1,2}\b|[\W_])*", re.I)
_HOUR = re.compile(r"\W*(?P<hour>\d{1,2})[:.h](?P<minute>\d\d)(?![.\d])(?P<half>\s*p\.?m)?", re.I)
_WHAT = "Excel workbook"
# The names that programs give to new sheets.
_UNNAMED = re.compile(
    r"(?:sheet|tabelle|feuil|feuille|hoja|foglio|planilha|folha|лист|ورقة|工作表|list|arkusz|blad|ark|munka)"
    r"\s*\d*",
    re.IGNORECASE,
)
# Parts that openpyxl need not see: a chart or a picture that it cannot read would prevent it from reading the cells.
_NO_CELLS = re.compile(
    r"(?:^|/)(?:docProps|customXml|chartsheets|charts|drawings|media|embeddings|externalLinks|theme"
    r"|pivotTables|pivotCache|printerSettings|ctrlProps|activeX)/"
)
# The text that Excel puts above a comment that is a conversation, for other programs.
_THREAD = re.compile(r"^\[Threaded comment\].*?\bComment:\s*", re.S)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, counted from 1, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """`height` and `width` reach to the last cell that is not empty."""

    height: int
    width: int
    merged: tuple[Area, ...]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]


def read_layout(package: Package, part: str, sheet: str) -> SheetLayout:
    """Return the layout of a sheet, called `sheet` in messages. Raises NotReadable."""
    data = package.content(part)
    rows = height = width = cells = 0
    hidden_rows: set[int] = set()
    columns: list[tuple[int, int]] = []
    merged: list[Area] = []
    number = 0
    try:
        for _, node in etree.iterparse(
            io.BytesIO(data),
            events=("end",),
            tag=(_S + "row", _S + "col", _S + "mergeCell"),
            resolve_entities=False,
            no_network=True,
        ):
            if node.tag == _S + "row":
                number = int(float(node.get("r", number + 1)))
                rows += 1
                filled = [cell for cell in node if len(cell)]
                if filled:
                    cells += len(filled)
                    height = max(height, number)
                    width = max(width, _width(node, filled))
                if _is_hidden(node, "ht"):
                    hidden_rows.add(number)
                node.clear()
            elif node.tag == _S + "col" and _is_hidden(node, "width"):
                columns.append((int(node.get("min", 1)), int(node.get("max", 1))))
            elif node.tag == _S + "mergeCell":
                merged.append(area(node.get("ref", "")))
            if cells > _MOST_CELLS:
                raise NotReadable(f"its sheet “{sheet}” has more than {_MOST_CELLS:,} cells: split it")
    except (etree.XMLSyntaxError, ValueError, OverflowError) as error:
        raise NotReadable(f"its sheet “{sheet}” is damaged ({error})") from None
    if height > _LAST_ROW or width > _LAST_COLUMN:
        raise NotReadable(f"its sheet “{sheet}” is damaged (it has cells outside of it)")
    if rows * width > _MOST_PLACES:
        raise NotReadable(
            f"the cells of its sheet “{sheet}” lie too far apart ({height:,} rows, {width:,} columns): "
            "remove the cells far to the right"
        )
    return SheetLayout(height, width, tuple(merged), frozenset(hidden_rows), _within(columns, width))


def area(reference: str) -> Area:
    """Return the area of a reference, "A2:B5" or "A2". Raises ValueError."""
    # Imported late: openpyxl takes a quarter of a second.
    from openpyxl.utils.cell import range_boundaries

    left, top, right, bottom = range_boundaries(reference)
    if None in (left, top, right, bottom):
        raise ValueError(f"“{reference[:30]}” is no place in a sheet")
    return Area(top, left, bottom, right)


def _within(spans: Iterable[tuple[int, int]], last: int) -> frozenset[int]:
    """Return the numbers from 1 to `last` that lie in one of the spans."""
    found: set[int] = set()
    reached = 0
    for low, high in sorted(spans):
        found.update(range(max(low, reached + 1), min(high, last) + 1))
        reached = max(reached, high)
    return frozenset(found)


def _width(row: Element, filled: Iterable[Element]) -> int:
    references = [cell.get("r") for cell in filled]
    # Without references, the cells are one beside the other.
    return len(row) if None in references else max(area(reference).left for reference in references)


def _is_hidden(node: Element, size: str) -> bool:
    return node.get("hidden") in ("1", "true") or node.get(size) in ("0", "0.0")


def format_value(value: Any, form: str) -> str:
    """Return a value in a number format; "" if nothing is displayed. Months and days are in English."""
    if value is None:
        return ""
    if isinstance(value, str):
        return " ".join(_RETURN.sub("\n", value).split())
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return _number(value, form)
    if isinstance(value, timedelta):
        minutes = round(abs(value).total_seconds() / 60)
        return f"{'-' if value < timedelta() else ''}{minutes // 60}:{minutes % 60:02d}"
    if isinstance(value, (date, time)):
        return _moment(value, _date_letters(form))
    return " ".join(str(value).split())


@lru_cache(maxsize=500)
def _date_letters(form: str) -> str:
    """Return a date format without text and minutes: y, m (month), d, ddd (day of the week), h, s, and other signs."""
    return _MINUTES.sub(r"\1", _LITERAL.sub(" ", form.split(";")[0]).casefold()).replace("e", "y")


def _moment(value: date | time, letters: str) -> str:
    """Return a day, a time or both, as far as the format shows them."""
    dated, timed = not set("ymd").isdisjoint(letters), not set("hs").isdisjoint(letters)
    day = clock = ""
    if isinstance(value, (datetime, time)):
        clock = f"{value:%H:%M:%S}" if "s" in letters and value.second else f"{value:%H:%M}"
    if isinstance(value, time):
        return clock if timed else ""
    if "d" in letters or not dated:
        day = f"{value:%A, %-d %B} {value.year}" if "ddd" in letters else f"{value:%-d %B} {value.year}"
    else:
        day = f"{value:%B %Y}" if "m" in letters else str(value.year)
    if not isinstance(value, datetime):
        return day
    if timed and not dated:
        return clock
    # In an unknown format, both day and time are written.
    return f"{day}, {clock}" if timed or not (dated or value.time() == time()) else day


@dataclass(frozen=True, slots=True)
class _FormatSection:
    """One part of a number format: the text before and after the number, and how the number is written."""

    before: str = ""
    pattern: str = ""
    after: str = ""
    power: int = 0  # of ten, by which the number is multiplied

    def write(self, value: Decimal) -> str:
        """Return a number that is not negative."""
        if not self.pattern or ("0" not in self.pattern and value == 0 and (self.before or self.after)):
            return (self.before + self.after).strip()
        whole, _, fraction = self.pattern.partition(".")
        places = min(sum(sign in "0#?" for sign in fraction), _MOST_DIGITS)
        needed = min(fraction.count("0"), _MOST_DIGITS)
        digits, _, decimals = f"{value.scaleb(self.power):.{places}f}".partition(".")
        decimals = decimals[:needed] + decimals[needed:].rstrip("0")
        digits = digits.zfill(min(whole.count("0"), _MOST_DIGITS))
        if "," in whole:
            digits = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", digits)
        return f"{self.before}{digits}{'.' + decimals if decimals else ''}{self.after}".strip()


def _number(value: int | float, form: str) -> str:
    """Return a number in a number format of SpreadsheetML (ISO/IEC 29500-1, 18.8.31)."""
    if not math.isfinite(value):
        return ""
    sections = _sections(form)
    if sections is None:
        whole = isinstance(value, int) or (value.is_integer() and abs(value) < 1e15)
        return str(int(value)) if whole else format(Decimal(f"{value:.{_GENERAL_DIGITS}g}"), "f")
    with localcontext(prec=400, rounding=ROUND_HALF_UP):
        number = abs(Decimal(str(value)))
        place = 2 if value == 0 else 1 if value < 0 else 0
        section = sections[place] if place < len(sections) else sections[0]
        if value < 0 and (section.pattern or len(sections) == 1):
            # A minus sign is clearer than the brackets or the colour of the format.
            written = sections[0].write(number)
            return f"-{written}" if any(sign in "123456789" for sign in written) else written
        return section.write(number)


@lru_cache(maxsize=500)
def _sections(form: str) -> tuple[_FormatSection, ...] | None:
    """Return the sections for numbers above, below and at zero, as many as there are; None: written plainly."""
    if form in ("", "@") or _UNUSUAL.search(re.sub(r'"[^"]*"|\\.', "", form)):
        return None
    found = [_FormatSection()]
    for token in _TOKEN.finditer(form):
        section = found[-1]
        if token["other"] == ";":
            found.append(_FormatSection())
        elif token["number"] is not None:
            if section.pattern:
                return None  # two numbers: telephone numbers and the like
            power = section.power - 3 * len(token["scale"])
            found[-1] = replace(section, pattern=token["number"].rstrip(","), power=power)
        else:
            literal = token["quoted"] or token["escaped"] or token["currency"] or token["other"] or ""
            side = "after" if section.pattern else "before"
            power = section.power + (2 if token["other"] == "%" else 0)
            found[-1] = replace(section, power=power, **{side: getattr(section, side) + literal})
    return tuple(found)


@dataclass(frozen=True, slots=True)
class SheetCell:
    """The text of one cell; `area` if it is merged."""

    text: str
    bold: bool = False
    area: Area | None = None

    @property
    def wide(self) -> bool:
        """Whether it spans columns."""
        return self.area is not None and self.area.left < self.area.right


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row by column, and the comments on it. `parted`: there is a blank row above it."""

    cells: Mapping[int, SheetCell]
    parted: bool = False
    notes: Sequence[str] = field(default=())

    @property
    def texts(self) -> list[str]:
        """The texts of the row, each once."""
        return list(dict.fromkeys(cell.text for cell in self.cells.values()))

    @property
    def only(self) -> SheetCell | None:
        """The only cell, which may span columns; None if there are several."""
        return next(iter(self.cells.values())) if len(self.texts) == 1 else None

    @property
    def bold(self) -> bool:
        """Whether all cells are bold."""
        return all(cell.bold for cell in self.cells.values())


def visible_rows(
    filled: Mapping[Place, SheetCell],
    layout: SheetLayout,
    notes: Mapping[Place, str],
    budget: CharacterBudget,
) -> list[Row]:
    """Return the rows that are not hidden or blank, in order. Raises NotReadable if the texts become too long."""
    rows: dict[int, dict[int, SheetCell]] = {}
    for (number, column), cell in filled.items():
        if number not in layout.hidden_rows:
            rows.setdefault(number, {})[column] = cell
    numbers = sorted(rows)
    spans: list[tuple[int, int]] = []
    for area in layout.merged:
        origin = filled.get((area.top, area.left))
        if origin is None:
            continue
        spans.append((area.top + 1, area.bottom))
        last = min(area.right, layout.width)
        within = numbers[bisect_left(numbers, area.top) : bisect_right(numbers, area.bottom)]
        budget.spend(len(within) * (last - area.left + 1) * (len(origin.text) + 1))
        for number in within:
            for column in range(area.left, last + 1):
                rows[number][column] = SheetCell(origin.text, origin.bold, area)
    # A comment on a blank row belongs to the row above it.
    beside: dict[int, list[str]] = {}
    for (number, column), note in sorted(notes.items()):
        if numbers and number not in layout.hidden_rows and column not in layout.hidden_columns:
            beside.setdefault(numbers[max(bisect_right(numbers, number) - 1, 0)], []).append(note)
    found: list[Row] = []
    below = 0  # the row below the last one
    # Rows that a merged cell joins to the row above: blank ones among them do not divide a table.
    joined = _within(spans, layout.height)
    for number in numbers:
        cells = {c: cell for c, cell in sorted(rows[number].items()) if c not in layout.hidden_columns}
        if cells:
            gap = range(below or number, number)
            parted = not layout.hidden_rows.issuperset(gap) and not joined.issuperset(
                range(gap.start, number + 1)
            )
            found.append(Row(cells, parted, tuple(beside.get(number, ()))))
            below = number + 1
    return found


@dataclass(frozen=True, slots=True)
class _Header:
    """The names of the columns of a table, by column."""

    names: dict[int, str]
    bold: bool
    rows: int  # the number of rows that it has


def sheet_blocks(rows: Sequence[Row], budget: CharacterBudget) -> Iterator[Block]:
    """Yield the blocks of a sheet, none for an empty one. Raises NotReadable if the tables become too long."""
    header: _Header | None = None
    starts = [place for place, row in enumerate(rows) if row.parted or place == 0]
    for first, last in pairwise([*starts, len(rows)]):
        table = rows[first:last]
        # Lines above and below the table itself have one text each.
        filled = [place for place, row in enumerate(table) if row.only is None]
        start, end = (filled[0], filled[-1] + 1) if filled else (len(table), len(table))
        for row in table[:start]:
            yield from _line(row, budget)
        if filled:
            header = _header(table[start:end], header)
            yield from _body(table[start + (header.rows if header else 0) : end], header, budget)
        for row in table[end:]:
            yield from _line(row, budget)


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
    stated = False
    hour: tuple[int, ...] = ()
    for place, row in enumerate(rows):
        if _is_group(row) and place + 1 < len(rows):
            is_day = _is_day(row)
            # "Lunch" between the hours of a day does not end the day.
            if is_day or _hour(rows[place + 1]) <= hour:
                if day is not None and not stated:
                    yield from _line(day, budget)
                day, stated, hour = None, False, ()
            if is_day:
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
    """Whether a row of a table is a heading of those below: one text, in bold or over several columns."""
    only = row.only
    return only is not None and (only.wide or only.bold) and len(only.text.split()) <= _GROUP_WORDS


def _is_day(row: Row) -> bool:
    """Whether a row has only a day: "Day 1: Tuesday, 14 April 2026"."""
    text = row.texts[0]
    days = [d for d in find_dates(text, reference=None) if d.kind == "date" and d.precision == "day"]
    if len(days) != 1:
        return False
    start, stop = days[0].span
    return _BESIDE_DAY.fullmatch(f"{text[:start]} {text[stop:]}") is not None


def _hour(row: Row) -> tuple[int, ...]:
    """Return the hour and minute at the beginning of a row; nothing if it begins with other words."""
    opening = _HOUR.match(row.texts[0])
    if opening is None:
        return ()
    hour = int(opening["hour"])
    return hour + 12 if opening["half"] and hour < 12 else hour, int(opening["minute"])


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
        joined = column_names(texts[:2])
        if has_header([joined, *texts[2:]], repeated=True):
            return _Header(dict(zip(columns, joined, strict=True)), rows[0].bold, rows=2)
    styled = rows[0].bold and not rows[1].bold
    if styled or has_header(texts, repeated=True):
        return _Header(dict(zip(columns, texts[0], strict=True)), rows[0].bold, rows=1)
    return None


def _has_two_rows(rows: Sequence[Row]) -> bool:
    """Whether the header is a row of groups ("Date" over two columns) above a row of names ("Start", "End")."""
    first, second = rows[0], rows[1]
    areas = [cell.area for cell in first.cells.values() if cell.area is not None]
    wide = any(cell.wide for cell in first.cells.values())
    # Signs of that: a name that spans both rows, or bold type in these two rows only.
    shared = any(cell.area is not None and cell.area in areas for cell in second.cells.values())
    styled = first.bold and second.bold and len(rows) > 2 and not rows[2].bold
    return len(rows) > 2 and wide and (shared or styled)


def _is_list_of_facts(rows: Sequence[Row]) -> bool:
    """Whether each row is a name and a fact about it: then the first row is no header."""
    columns = {column for row in rows for column in row.cells}
    if len(columns) != 2:
        return False
    names = min(columns)
    first = [(row.cells.get(names), row.cells.get(max(columns))) for row in rows]
    bold = all(a is not None and a.bold and not (b is not None and b.bold) for a, b in first)
    return bold or all(a is not None and a.text.endswith(":") for a, _ in first)


def read(data: bytes) -> Extract:
    """Read an .xlsx (also .xlsm): formulas with the values that were last computed. Raises NotReadable."""
    package = open_package(data, _WHAT, "workbook")
    if package.main.endswith(".bin"):
        raise NotReadable("it is an Excel workbook of the binary kind (.xlsb): save it as .xlsx")
    slim = checked_copy(
        package,
        "Excel workbook (.xlsx)",
        lambda name: name.endswith((".xml", ".rels")) and not _NO_CELLS.search(name),
    )
    parts = _sheets(package)
    budget = CharacterBudget()
    blocks: list[Block] = []
    hidden: list[str] = []
    title = None
    rows = columns = 0
    # Imported late, as above.
    from openpyxl import load_workbook

    with _openpyxl():
        sheets = load_workbook(slim, read_only=True, data_only=True, keep_links=False).worksheets
    for sheet in sheets:
        part = parts.get(sheet.title)
        if part is None:
            continue
        if sheet.sheet_state != "visible":
            hidden.append(f"“{sheet.title}”")
            continue
        layout = read_layout(package, part, sheet.title)
        filled = _cells(sheet, layout)
        shown_rows = visible_rows(filled, layout, _notes(package, part), budget)
        found = list(sheet_blocks(shown_rows, budget))
        title = title if blocks else _title(shown_rows)
        if found and not _UNNAMED.fullmatch(sheet.title.strip()):
            blocks.append(Block("heading", sheet.title, level=1))
        blocks.extend(found)
        rows += len(layout.hidden_rows & {row for row, _ in filled})
        columns += len(layout.hidden_columns & {column for _, column in filled})
    return Extract(
        blocks=classify_numbers(blocks),
        title=title,
        notes=_left_out(hidden, rows, columns),
        properties=read_properties(package),
    )


def _sheets(package: Package) -> dict[str, str]:
    """Return the part of each sheet, by the sheet's name."""
    targets = package.targets(package.main)
    sheets = package.root(package.main).iter(_S + "sheet")
    named = {sheet.get("name", ""): targets.get(sheet.get(REFERENCE + "id", "")) for sheet in sheets}
    parts = {name: part for name, part in named.items() if part is not None}
    if len(set(parts.values())) < len(parts):
        raise NotReadable(f"the {_WHAT} is damaged (several of its sheets are the same part)")
    return parts


@contextmanager
def _openpyxl() -> Iterator[None]:
    """Hide the warnings of openpyxl. Raises NotReadable for its errors, which are of any kind for a damaged file."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except Exception as error:
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise NotReadable(f"the {_WHAT} is damaged ({why})") from None


def _cells(sheet: Any, layout: SheetLayout) -> dict[Place, SheetCell]:
    """Return the texts of the cells, also in hidden rows and columns. Raises NotReadable."""
    found: dict[Place, SheetCell] = {}
    with _openpyxl():
        for row in sheet.iter_rows(max_row=layout.height, max_col=layout.width) if layout.height else ():
            for cell in row:
                # An error is no value.
                if cell.value is None or cell.data_type == "e":
                    continue
                if text := format_value(cell.value, cell.number_format or ""):
                    found[cell.row, cell.column] = SheetCell(text, bool(cell.font.b))
    return found


def _notes(package: Package, part: str) -> dict[Place, str]:
    """Return the comments on the cells of a sheet."""
    found: dict[Place, str] = {}
    for root in package.related("comments", part):
        for comment in root.iter(_S + "comment"):
            text = _THREAD.sub("", "".join(node.text or "" for node in comment.iter(_S + "t")).strip())
            try:
                place = area(comment.get("ref", ""))
            except ValueError:
                continue
            if text:
                found[place.top, place.left] = text
    return found


def _title(rows: Sequence[Row]) -> str | None:
    """Return the text that is alone at the top of the first sheet, in bold or over several columns."""
    only = rows[0].only if len(rows) > 1 else None
    marked = only is not None and (only.bold or only.wide) and looks_like_heading(only.text)
    return only.text if only is not None and marked else None


def _left_out(sheets: Sequence[str], rows: int, columns: int) -> list[str]:
    notes = []
    if sheets:
        notes.append(f"hidden sheets are left out: {', '.join(sheets)}")
    counts = [f"{n} {what}{'s' if n > 1 else ''}" for n, what in ((rows, "row"), (columns, "column")) if n]
    if counts:
        notes.append(f"what is hidden is left out: {' and '.join(counts)}")
    return notes
