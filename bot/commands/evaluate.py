"""`itubot eval`: how good the answers are, over a file of questions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from bot.commands.program import AsJson, Program, program
from bot.evaluation import Row, evaluate, metrics, read_questions, to_json
from bot.terminal.console import emit_json, notices, only_result, show
from bot.terminal.evaluation import evaluation_view


def command(bundled: Callable[[], list[Path]]) -> Callable[..., None]:
    """Return the command; a gold section without a source is one of the first of the `bundled` documents."""

    def evaluation(
        context: typer.Context,
        questions: Annotated[
            Path,
            typer.Argument(metavar="QUESTIONS.jsonl", help="One marked question a line.", show_default=False),
        ],
        as_json: AsJson = False,
    ) -> None:
        """Measure retrieval, answers and refusals over a file of questions."""
        source = bundled()[0].name
        if as_json:
            with only_result():
                rows = measure(program(context), questions)
            emit_json(to_json(rows, metrics(rows, source)))
        else:
            rows = measure(program(context), questions)
            show(evaluation_view(rows, metrics(rows, source)))

    return evaluation


def measure(started: Program, file: Path) -> list[Row]:
    """Ask every question of the file, with a bar on stderr. Raises QuestionError, NotReady."""
    questions = read_questions(file)
    started.require_documents()
    console = notices()
    asked = track(
        evaluate(started.services.assistant, questions),
        "Asking",
        total=len(questions),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    return list(asked)
