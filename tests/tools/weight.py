"""Weighs the program: how much code there is, and how much of it a question and an ingest pass.

    python -m tests.tools.weight

Code lines are those with code: no comment, docstring or blank line. A pattern is a `re.compile`; a constant is a number
at the top of a module. What is passed is counted by a profile hook: files and functions of the four packages that run
once the services are built and the model is loaded. A mention is counted without the assistant.
"""

from __future__ import annotations

import ast
import asyncio
import io
import statistics
import sys
import tempfile
import threading
import tokenize
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import FrameType

from bot.settings import Settings
from bot.wiring import build
from store.engines import sqlite_url
from store.jobs import QuestionStore
from tests.bot.slack.conftest import Assistant, running
from tests.conftest import REPORT
from tests.fake_slack.slack import FakeSlack

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("bot", "ingest", "prompts", "store")
_LAYOUT = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
)
_AS_OF = date(2024, 5, 1)
_CONTENT, _TIME = "Who co-facilitates the Global Digital Compact?", "What is due in the next three months?"


def code_lines(source: str) -> int:
    """Return the number of lines with code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _LAYOUT:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


@dataclass(slots=True)
class Passed:
    """The functions of the program that ran: file, name and line."""

    functions: set[tuple[str, str, int]] = field(default_factory=set)

    def __str__(self) -> str:
        files = {file for file, _, _ in self.functions}
        return f"{len(files):7,} files, {len(self.functions):,} functions"


@contextmanager
def counting() -> Iterator[Passed]:
    """Count what runs while the context is open, in all threads that begin within it, and in this one."""
    passed = Passed()

    def hook(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(str(_ROOT)):
            place = Path(code.co_filename).relative_to(_ROOT)
            if place.parts[0] in _PACKAGES:
                passed.functions.add((str(place), code.co_qualname, code.co_firstlineno))

    threading.setprofile(hook)
    sys.setprofile(hook)
    try:
        yield passed
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]


async def mention(folder: Path) -> Passed:
    """Mention the bot in a Slack of the tests, with an assistant that repeats the question; count until its reply."""
    slack = FakeSlack()
    await slack.start()
    # From the beginning, so that all threads of the bot are counted.
    with counting() as passed:
        async with running(slack, Assistant(), QuestionStore.open(sqlite_url(folder / "state.sqlite"))):
            passed.functions.clear()
            asked = await slack.mention("C1", _CONTENT)
            await slack.reply("C1", asked["ts"])
            mentioned = Passed(set(passed.functions))
    await slack.stop()
    return mentioned


def main() -> None:
    """Print the figures."""
    counts: Counter[str] = Counter()
    lengths: list[int] = []
    for path in (path for package in _PACKAGES for path in sorted((_ROOT / package).rglob("*.py"))):
        source = path.read_text("utf-8")
        tree = ast.parse(source)
        counts["files"] += 1
        counts["code lines"] += code_lines(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lengths.append((node.end_lineno or node.lineno) - node.lineno + 1)
            counts["patterns"] += isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile"
        for node in tree.body:
            value = getattr(node, "value", None)
            counts["constants"] += isinstance(value, ast.Constant) and isinstance(value.value, int | float)
    for name, count in counts.items():
        print(f"{name:24} {count:7,}")
    print(f"{'functions':24} {len(lengths):7,}, median {statistics.median(lengths):.0f} lines")
    shown = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        services = build(Settings(data_dir=folder, _env_file=None))
        with counting() as shown["ingest"]:
            services.shared.ingest([REPORT])
        services.assistant.warm_up()
        for what, question in (("content question", _CONTENT), ("time question", _TIME)):
            with counting() as shown[what]:
                services.assistant.answer(question, as_of=_AS_OF)
        shown["mention in Slack"] = asyncio.run(mention(folder))
    for what, passed in shown.items():
        print(f"{what:24} {passed}")


if __name__ == "__main__":
    main()
