"""Names of files and documents: a line break in one, or a character that reverses a line, breaks no table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from rich.console import RenderableType

from bot.answering.answer import Basis
from bot.answering.remarks import basis_line
from bot.commands.asking import answer_view, paragraph_view
from bot.commands.library import documents_view, ingest_view
from bot.commands.register import register_table
from bot.terminal import show
from ingest.report import FileOutcome, IngestReport
from tests.bot.register_entries import entry
from tests.bot.sample_answers import AS_OF, CITATION, PARAGRAPH, REFUSAL, REPHRASED, REPORT

PLAIN = "report of may final.txt"
HOSTILE = "report\nof\u2028may\tfi\u202enal.txt"


def of_ingest(name: str) -> RenderableType:
    """Return the view of an ingest in which one file failed and one has a note."""
    failed = FileOutcome(name, "failed", error=f"{name} is empty")
    return ingest_view(IngestReport((failed, FileOutcome(name, "new", 41, 53, notes=(name,))), 0, 0.0))


def of_register(name: str) -> RenderableType:
    return register_table([replace(entry(name, "2024-05-09"), document=name)], AS_OF)


VIEWS: dict[str, Callable[[str], RenderableType]] = {
    "ingest": of_ingest,
    "documents": lambda name: documents_view([replace(REPORT, title=name, source=name, symbol=None)], {}),
    "register": of_register,
    "sources": lambda name: answer_view(
        replace(
            REPHRASED, citations=(replace(CITATION, source=name, document=name, symbol=None, heading=name),)
        )
    ),
    "nearest": lambda name: answer_view(
        replace(REFUSAL, nearest=tuple(replace(near, source=name, heading=name) for near in REFUSAL.nearest))
    ),
    "paragraph": lambda name: paragraph_view(
        replace(CITATION, source=name, document=name, heading=name), PARAGRAPH
    ),
    "searched": lambda name: basis_line(Basis(1, name, AS_OF), AS_OF),
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_name_stays_on_its_line(
    view: Callable[[str], RenderableType], capsys: pytest.CaptureFixture[str]
) -> None:
    def lines(name: str) -> Iterable[str]:
        show(view(name))
        return capsys.readouterr().out.splitlines()

    assert PLAIN in "\n".join(lines(PLAIN))
    assert lines(HOSTILE) == lines(PLAIN)
