"""How fast it is: `make bench`.

    python -m tests.tools.benchmarks.bench [small | servers]

With "small" without the corpus of 100,000 sections; with "servers" only that, first in files and then on a PostgreSQL
and a Chroma server. docs/explanation/performance.md keeps the figures that were seen.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bot.commands.context import bundled
from bot.evaluation.measurement import percentile
from bot.evaluation.questions import read_questions
from bot.settings import Settings
from bot.wiring import Services, build
from ingest.report import IngestReport
from tests.bot.gold_runs import AS_OF, gold_questions, with_recordings
from tests.servers import both_servers
from tests.tools.benchmarks import scale
from tests.tools.benchmarks.corpus import MixingEmbedder, paragraphs, write
from tests.tools.benchmarks.measures import own_memory, seconds, show, size

_QUESTIONS = Path(__file__).parents[2] / "data" / "questions_dev.jsonl"
_PARAGRAPHS = 2000
_LONGEST = 3
_FIRST_ANSWERS = 5
_ASKED = "When is the Summit of the Future?"
# What the bot does before its first answer, and then that answer. Peak and present size in kB, from Linux.
_ANSWER = f"""
from pathlib import Path
from bot.settings import load_settings
from bot.wiring import build
assistant = build(load_settings()).assistant
assistant.warm_up()
assistant.answer({_ASKED!r})
lines = Path("/proc/self/status").read_text().splitlines()
print(*(line.split()[1] for name in ("VmRSS", "VmHWM") for line in lines if line.startswith(name)))
"""


def main(size: str = "full") -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if size != "servers":
            report = _services(folder / "report")
            report.shared.ingest(bundled())
            answers(report)
            overhead(report)
            first_answers(folder / "report")
            ingests(_services(folder / "papers"), folder / "papers.txt")
        if size != "small":
            embedder = MixingEmbedder()
            embedder.prepare()
            scale.measure(folder / "files", embedder, 100_000, changed_within=6)
        if size == "servers":
            on_servers(folder / "servers", embedder)


def on_servers(folder: Path, embedder: MixingEmbedder) -> None:
    """100,000 sections on servers."""
    with both_servers() as servers:
        scale.measure(folder, embedder, 100_000, changed_within=6)
        for server in servers:
            used = sum(own_memory(process) for process in server.processes())
            show(f"  memory of the {type(server).__name__} server, GB", used / 1e9)
            show("  its files, GB", size(server.folder) / 1e9)


def _services(folder: Path) -> Services:
    return build(Settings(data_dir=folder, _env_file=None))


def overhead(services: Services) -> None:
    """The milliseconds of an answer by a model beside the model's own: retrieval, and hard checks.

    Model and judge say at once what capable ones once wrote (tests/recordings.py).
    """
    with with_recordings(services) as (own, _):
        own.assistant.warm_up()
        asked = [gold.question for gold in gold_questions() if gold.answerable]
        given = [own.assistant.answer(question, as_of=AS_OF) for question in asked]
    both = [
        one.timings_ms["retrieve"] + one.timings_ms["verify"]
        for one in given
        if one.answered and one.judged is not None
    ]
    show("retrieval and hard checks of a model's answer, ms, p50", percentile(both, 0.5), "below 40")
    show("  p95", percentile(both, 0.95))


def first_answers(data: Path) -> None:
    """How long the first answer of a fresh process takes, and the memory of one that answers as the Slack bot does."""
    show("data folder of the bundled report, MB", size(data) / 1e6)
    ask = (sys.executable, "-m", "bot", "ask", _ASKED)
    # Files are in the system's cache, and compiled.
    _run(ask, data)
    show("a first answer, s", median(seconds(lambda: _run(ask, data)) for _ in range(_FIRST_ANSWERS)))
    resident, peak = _run((sys.executable, "-c", _ANSWER), data).split()
    show("  a process that answered, MB", int(resident) / 1024)
    show("  at its peak", int(peak) / 1024)


def _run(command: tuple[str, ...], data: Path) -> str:
    # What Python compiles is kept, as for its users; some surroundings forbid it.
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = own | {"ITUBOT_DATA_DIR": str(data)}
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def answers(services: Services) -> None:
    """The milliseconds of a warm answer without a model."""
    assistant = services.assistant
    assistant.warm_up()
    questions = [row.question for row in read_questions(_QUESTIONS)]
    for question in questions[:10]:
        assistant.answer(question)
    show("a warm answer, ms, p50", 1000 * median(seconds(lambda q=q: assistant.answer(q)) for q in questions))


def ingests(services: Services, paper: Path) -> None:
    """An ingest of new text, then of the same text again."""
    texts = paragraphs(_PARAGRAPHS, _LONGEST)
    write(paper, texts)
    first = seconds(lambda: services.shared.ingest([paper], export=False))
    show(f"ingest of {_PARAGRAPHS} paragraphs, s", first)
    reports: list[IngestReport] = []
    again = seconds(lambda: reports.append(services.shared.ingest([paper], export=False)))
    show("ingesting the same again, share of the first time", again / first, "at most 0.02")
    show("  texts that the model was asked for then", reports[0].embedded, "0")


if __name__ == "__main__":
    main(*sys.argv[1:])
