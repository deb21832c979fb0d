"""Services with a chosen chat model, wired by the program, and the marked questions asked of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.evaluation.measurement import Measurement, evaluate, measure
from bot.evaluation.questions import GoldQuestion, read_questions
from bot.models import chat
from bot.models.chat import ReplyLimits
from bot.settings import Settings
from bot.wiring import Services, build
from tests.conftest import REPORT
from tests.model_server import NAME, serving
from tests.recordings import Recordings

AS_OF = date(2024, 5, 1)
QUESTIONS = Path(__file__).parents[1] / "data" / "questions_gold.jsonl"


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
    if limits is not None:
        # The limits are for these seconds; others would be scaled.
        settings = settings.model_copy(update={"model_seconds": limits.total})
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


def ask_questions(services: Services, questions: Sequence[GoldQuestion]) -> Measurement:
    """Return the measures of the answers."""
    return measure(evaluate(services.assistant, questions, AS_OF), REPORT.name)
