"""Weighs the program: how much code there is, and how much of it a question and an ingest pass.

    python -m tests.tools.weight

Code lines are those with code: no comment, docstring or blank line. A pattern is a `re.compile`; a constant is a number
at the top of a module. What is passed is counted by a profile hook: files and functions of the four packages that run
once the services are built and the model is loaded.
"""

from __future__ import annotations

import ast
import io
import statistics
import sys
import tempfile
import threading
import tokenize
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import FrameType

from bot.settings import Settings
from bot.wiring import build
from tests.conftest import REPORT

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


def passed(work: Callable[[], object]) -> tuple[int, int]:
    """Return the numbers of files and of functions of the program that `work` runs, in all threads."""
    functions: set[tuple[str, str, int]] = set()

    def hook(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(str(_ROOT)):
            place = Path(code.co_filename).relative_to(_ROOT)
            if place.parts[0] in _PACKAGES:
                functions.add((str(place), code.co_qualname, code.co_firstlineno))

    threading.setprofile(hook)
    sys.setprofile(hook)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    return len({file for file, _, _ in functions}), len(functions)


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
    with tempfile.TemporaryDirectory() as folder:
        services = build(Settings(data_dir=Path(folder), _env_file=None))
        shown = {"ingest": passed(lambda: services.shared.ingest([REPORT]))}
        services.assistant.warm_up()
        for name, question in (("content question", _CONTENT), ("time question", _TIME)):
            shown[name] = passed(lambda asked=question: services.assistant.answer(asked, as_of=_AS_OF))
    for name, (files, functions_passed) in shown.items():
        print(f"{name:24} {files:7,} files, {functions_passed:,} functions")


if __name__ == "__main__":
    main()
