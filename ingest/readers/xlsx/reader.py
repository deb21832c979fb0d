"""Reads Excel workbooks: each sheet with its tables, every row with its header, cells as they are displayed."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from ingest.errors import NotReadable
from ingest.readers.base import Block, Extract
from ingest.readers.numbers import classify_numbers
from ingest.readers.office import Package, checked_copy, open_package, read_properties
from ingest.readers.tables import CharacterBudget
from ingest.readers.text import looks_like_heading
from ingest.readers.xlsx.grid import Cell, Place, Row, visible_rows
from ingest.readers.xlsx.layout import Layout, area, read_layout
from ingest.readers.xlsx.tables import sheet_blocks
from ingest.readers.xlsx.values import format_value

_WHAT = "Excel workbook"
_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
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


def read(data: bytes) -> Extract:
    """Read an .xlsx (also .xlsm): formulas with the values that were last computed. Raises NotReadable."""
    package = open_package(data, _WHAT, "workbook")
    if package.main.endswith(".bin"):
        raise NotReadable("it is an Excel workbook of the binary kind (.xlsb): save it as .xlsx")
    slim = checked_copy(package, "Excel workbook (.xlsx)", _may_have_cells)
    parts = _sheets(package)
    budget = CharacterBudget()
    blocks: list[Block] = []
    hidden: list[str] = []
    title = None
    rows = columns = 0
    for sheet in _opened(slim):
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
    named = {sheet.get("name", ""): targets.get(sheet.get(_R + "id", "")) for sheet in sheets}
    parts = {name: part for name, part in named.items() if part is not None}
    if len(set(parts.values())) < len(parts):
        raise NotReadable(f"the {_WHAT} is damaged (several of its sheets are the same part)")
    return parts


def _may_have_cells(name: str) -> bool:
    return name.endswith((".xml", ".rels")) and not _NO_CELLS.search(name)


def _opened(book: io.BytesIO) -> Iterator[Any]:
    """Yield the sheets as openpyxl opens them. Raises NotReadable."""
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workbook = load_workbook(book, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # openpyxl raises errors of any kind for a damaged file
        raise _damaged(error) from None
    yield from workbook.worksheets


def _cells(sheet: Any, layout: Layout) -> dict[Place, Cell]:
    """Return the texts of the cells, also in hidden rows and columns. Raises NotReadable."""
    if not layout.height:
        return {}
    found: dict[Place, Cell] = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for row in sheet.iter_rows(max_row=layout.height, max_col=layout.width):
                for cell in row:
                    # An error is no value.
                    if cell.value is None or cell.data_type == "e":
                        continue
                    if text := format_value(cell.value, cell.number_format or ""):
                        found[cell.row, cell.column] = Cell(text, bool(cell.font.b))
    except Exception as error:  # as above
        raise _damaged(error) from None
    return found


def _damaged(error: Exception) -> NotReadable:
    return NotReadable(
        f"the {_WHAT} is damaged ({' '.join(str(error).split())[:200] or type(error).__name__})"
    )


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
    if only is None or not (only.bold or (only.area is not None and only.area.left < only.area.right)):
        return None
    return only.text if looks_like_heading(only.text) else None


def _left_out(sheets: Sequence[str], rows: int, columns: int) -> list[str]:
    notes = []
    if sheets:
        notes.append(f"hidden sheets are left out: {', '.join(sheets)}")
    counts = [f"{n} {what}{'s' if n > 1 else ''}" for n, what in ((rows, "row"), (columns, "column")) if n]
    if counts:
        notes.append(f"what is hidden is left out: {' and '.join(counts)}")
    return notes
