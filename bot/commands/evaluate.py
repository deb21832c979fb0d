"""`itubot eval`: measures retrieval, answers and refusals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bot.commands.program import AsJson, program
from bot.evaluation import Row, evaluate, metrics, read_questions, to_json
from bot.terminal.console import emit_json, notices, only_result, results

_WORDS = "answer_words"


def command(bundled: Callable[[], list[Path]]) -> Callable[..., None]:
    """Return the command; gold sections without a source are those of the `bundled` report."""

    def evaluation(
        context: typer.Context,
        questions: Annotated[
            Path, typer.Argument(metavar="QUESTIONS.jsonl", help="One marked question a line.", show_default=False)
        ],
        as_json: AsJson = False,
    ) -> None:
        """Measure retrieval, answers and refusals over marked questions."""
        gold = read_questions(questions)
        started = program(context)
        started.require_documents()
        source = bundled()[0].name
        with only_result():
            rows: list[Row] = []
            with notices().status("Asking …") as status:
                for row in evaluate(started.services.assistant, gold):
                    rows.append(row)
                    status.update(f"Asked {len(rows)} of {len(gold)}")
        measured = metrics(rows, source)
        if as_json:
            emit_json(to_json(rows, measured))
            return
        table = Table("Measure", "Value", box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
        for name, value in measured.items():
            table.add_row(name, f"{value:.1f}" if name == _WORDS else f"{value:.3f}")
        results().print(table)

    return evaluation
