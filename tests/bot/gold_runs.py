"""Services with a chosen chat model, wired by the program, and the marked questions asked of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.evaluation.measurement import EvaluationRow, Measurement, evaluate, measure
from bot.evaluation.questions import GoldQuestion, passages_of, read_questions
from bot.models import chat
from bot.models.chat import ReplyLimits
from bot.settings import Settings
from bot.wiring import Services, build
from tests.bot.pattern_check import unsupported
from tests.conftest import REPORT
from tests.model_server import NAME, serving
from tests.recordings import Recordings
from tests.small_store import stored_sections

AS_OF = date(2024, 5, 1)
QUESTIONS = Path(__file__).parents[1] / "data" / "questions_gold.jsonl"
# "Global Digital Compact (GDC)": a sentence that cites one form may have the other.
_DEFINED = re.compile(r"((?:[A-Z][\w-]*)(?: (?:[A-Z][\w-]*|on|of|for|and))*) \(([A-Z]{2,})\)")


def gold_questions() -> list[GoldQuestion]:
    """Return the 95 marked questions."""
    return read_questions(QUESTIONS)


def with_model(
    services: Services,
    name: str,
    make: Callable[..., Any] | None = None,
    limits: ReplyLimits | None = None,
    *,
    judge: str = "",
    fallback: str = "",
    data_dir: Path | None = None,
) -> Services:
    """Return services over the same store, wired as with ITUBOT_MODEL=name; `make` makes the chat model."""
    folder = data_dir or services.settings.data_dir
    settings = Settings(data_dir=folder, model=name, model_fallback=fallback, judge=judge, _env_file=None)
    own = build(settings, services.shared.embedder)
    with pytest.MonkeyPatch.context() as patch:
        if make is not None:
            patch.setattr(chat, "make_chat", make)
        if limits is not None:
            patch.setattr(chat, "ReplyLimits", lambda: limits)
        # The assistant reads both when it is made.
        _ = own.assistant
    return own


@contextmanager
def with_recordings(services: Services, *, judge: str = "") -> Iterator[tuple[Services, Recordings]]:
    """Yield services whose model and judge are a server of recorded replies, and the recordings."""
    recordings = Recordings()
    with serving(recordings.reply) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield with_model(services, NAME, judge=judge), recordings


def ask_questions(
    services: Services, questions: Sequence[GoldQuestion], *, checked: bool = True
) -> Measurement:
    """Return the measures of the answers; `checked`: with the hard checks of each delivered sentence."""
    passage_of = passages_of(services.catalog) if checked else None
    return measure(evaluate(services.assistant, questions, passage_of, AS_OF), REPORT.name)


def pattern_violations(services: Services, rows: Sequence[EvaluationRow]) -> list[str]:
    """Return what the check by patterns finds unsupported in a model's answers."""
    passage_of = passages_of(services.catalog)
    names = {pair for _, text in _texts(services) for pair in _DEFINED.findall(text)}
    found = []
    for row in rows:
        # Lines of the register beside a model's sentences have distances that no passage states.
        if row.answer.model != "extractive" and row.answer.answered and not row.answer.computed:
            sources = {
                c.marker: _with_names(
                    f"{c.heading} {passage.section.text} {c.document} {passage.document.date:%-d %B %Y}",
                    names,
                )
                for c in row.answer.citations
                if (passage := passage_of(c.section_id))
            }
            found += unsupported(row.answer.text, sources)
    return found


def _texts(services: Services) -> Iterator[tuple[str, str]]:
    for document in services.catalog.documents():
        for section in stored_sections(services.catalog, document.id):
            yield section.number, section.text


def _with_names(text: str, names: set[tuple[str, str]]) -> str:
    own = [f"{long} {short}" for long, short in names if long in text or re.search(rf"\b{short}\b", text)]
    return " ".join([text, *own])
