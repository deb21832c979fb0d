"""Measures what each rule wins: switches off one at a time, and prints what the marked sets lose.

    python -m tests.tools.quality.rent documents|questions [--part K/N] [--only TEXT] [--output FILE]

A rule is a pattern, a vocabulary or a number (a weight, a threshold) at the top of a module of `ingest/dates`,
`ingest/events` and `ingest/document` (documents), or of `bot/question`, `bot/answers` and `bot/register/questions`
(questions); of a table of rules, each entry is one. Off, a pattern never matches, a vocabulary is empty and a number 0.

A row has the rule, its size, and by how much fewer or more marked cases are right. The rules were written on the sets
`dev`: one that changes only these wins only what it was written for.
"""

from __future__ import annotations

import argparse
import functools
import gc
import importlib
import json
import pkgutil
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from bot.commands.context import bundled as bundled_report
from bot.evaluation.questions import read_questions
from bot.wiring import Services
from tests.bot.gold_runs import ask_questions
from tests.conftest import REPORT
from tests.tools.quality import register, time_questions
from tests.tools.quality.evaluation import conversations, store
from tests.tools.quality.extraction import bundled, marked_papers

_DATA = Path(__file__).parents[2] / "data"
_PACKAGES = {
    "documents": ("ingest.dates", "ingest.events", "ingest.document"),
    "questions": ("bot.question", "bot.answers", "bot.register.questions"),
}
_NEVER = re.compile(r"(?!)")
# The sets that the rules were written on.
_WORKED_WITH = "dev"
_KINDS = (re.Pattern, frozenset, set, tuple, list, dict, int, float)

Scores = Mapping[str, float]
Measure = Callable[[], Scores]


@dataclass(frozen=True, slots=True)
class Rule:
    """A value at the top of a module, or an entry of it."""

    module: str
    name: str
    key: object
    value: object

    def __str__(self) -> str:
        entry = "" if self.key is None else f"[{self.key!r}]"
        return f"{self.module}.{self.name}{entry}"

    @property
    def size(self) -> int:
        """Its weight: the characters of a pattern, the entries of a vocabulary, 1 for a number."""
        if isinstance(self.value, re.Pattern):
            return len(self.value.pattern)
        return len(self.value) if isinstance(self.value, (frozenset, set, tuple, list, dict)) else 1


def rules(packages: Sequence[str]) -> Iterator[Rule]:
    """Yield the rules of some packages, each once, where it is defined."""
    for module in _modules(packages):
        for name, value in sorted(vars(module).items()):
            if name.startswith("__") or not _defines(module, name):
                continue
            if isinstance(value, dict | list | tuple) and any(
                isinstance(v, re.Pattern) for v in _entries(value).values()
            ):
                yield from (Rule(module.__name__, name, key, entry) for key, entry in _entries(value).items())
            elif isinstance(value, _KINDS) and not isinstance(value, bool) and value:
                yield Rule(module.__name__, name, None, value)


def _entries(value: Any) -> dict[object, object]:
    return dict(value) if isinstance(value, dict) else dict(enumerate(value))


def _modules(packages: Sequence[str]) -> list[ModuleType]:
    found = []
    for package in packages:
        root = importlib.import_module(package)
        found += [
            root,
            *(importlib.import_module(m.name) for m in pkgutil.walk_packages(root.__path__, f"{package}.")),
        ]
    return found


def _defines(module: ModuleType, name: str) -> bool:
    """Whether a module assigns a name itself, and does not import it."""
    source = Path(str(module.__file__)).read_text("utf-8")
    return re.search(rf"^{re.escape(name)}\b[^=\n]*=", source, re.M) is not None


def _off(value: object) -> object:
    if isinstance(value, re.Pattern):
        return _NEVER
    return 0 if isinstance(value, int | float) else type(value)()  # type: ignore[call-arg]


@contextmanager
def switched_off(rule: Rule) -> Iterator[None]:
    """Switch a rule off in all modules that have it."""
    owner = sys.modules[rule.module]
    whole = getattr(owner, rule.name)
    if rule.key is None:
        replacement = _off(rule.value)
    else:
        entries = _entries(whole) | {rule.key: _off(rule.value)}
        replacement = entries if isinstance(whole, dict) else type(whole)(entries.values())
    # Small numbers are one object wherever they stand.
    shared = not isinstance(whole, int | float)
    places = [
        (module, name)
        for module in list(sys.modules.values())
        if shared and getattr(module, "__name__", "").split(".")[0] in ("bot", "ingest", "store")
        for name, value in list(vars(module).items())
        if value is whole
    ] or [(owner, rule.name)]
    try:
        for module, name in places:
            setattr(module, name, replacement)
        _clear_caches()
        yield
    finally:
        for module, name in places:
            setattr(module, name, whole)
        _clear_caches()


def _clear_caches() -> None:
    for cache in _caches():
        cache.cache_clear()


@functools.cache
def _caches() -> list[Any]:
    kind = type(functools.lru_cache(lambda: None))
    own = [one for one in gc.get_objects() if isinstance(one, kind)]
    return [
        one
        for one in own
        if (getattr(one, "__module__", "") or "").split(".")[0] in ("bot", "ingest", "store")
    ]


def measure_documents() -> Scores:
    """Return how many marked dates are right, by set and what is asked of them."""
    scores: dict[str, float] = {}
    for name in (_WORKED_WITH, "heldout", "later"):
        counts = register.total(_DATA / "register" / name)
        for what in register.NAMES:
            # Precision is over what was found; a rule may lose it without losing what was right.
            share = (
                counts.share(what) * counts.asked.get("recall", 0)
                if what == "precision"
                else counts.right.get(what, 0)
            )
            scores[f"{name}: {what}"] = share
    papers = _rows("papers_events.jsonl")
    figures = {"report": bundled(), **marked_papers(papers, _DATA / "papers")}
    scores["report and papers: titles"] = sum(one.title for one in figures.values()) * 10
    return scores


def measure_questions(report: Services, timed: Services) -> Scores:
    """Return how many of 100 marked questions are answered rightly, by set; of those about time, how many of all."""
    scores: dict[str, float] = {}
    for key in (_WORKED_WITH, "gold", "heldout"):
        measured = ask_questions(report, read_questions(_DATA / f"questions_{key}.jsonl"), checked=False)
        for what in ("answer_accuracy", "refusal_precision", "refusal_recall", "recall@5"):
            scores[f"{key}: {what}"] = measured.metrics[what] * 100
    scores["conversations: found"] = conversations(report)["found"]
    for key in (_WORKED_WITH, "heldout"):
        scores[f"time {key}: right"] = time_questions.right(timed, _DATA / f"time_questions_{key}.jsonl")
    return scores


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (_DATA / name).read_text("utf-8").splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("area", choices=_PACKAGES)
    parser.add_argument("--part", default="1/1", help="the K-th of N parts of the rules")
    parser.add_argument("--only", default="", help="rules whose name has this text")
    parser.add_argument("--output", type=Path, help="a file that gets the rows, too")
    arguments = parser.parse_args()
    part, parts = map(int, arguments.part.split("/"))
    with ExitStack() as stack:
        measure: Measure = measure_documents
        if arguments.area == "questions":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            report = store(folder / "report", REPORT)
            timed = store(
                folder / "timed",
                *bundled_report(),
                *(_DATA / "papers" / name for name in time_questions.PAPERS),
            )
            measure = functools.partial(measure_questions, report, timed)
        before = measure()
        chosen = [rule for rule in rules(_PACKAGES[arguments.area]) if arguments.only in str(rule)]
        for rule in chosen[part - 1 :: parts]:
            try:
                with switched_off(rule):
                    after = measure()
            except (
                Exception
            ) as error:  # a number that something is divided by, a table that must have an entry
                row = f"{rule}\t{rule.size}\tneeded: {type(error).__name__}"
            else:
                lost = {
                    name: before[name] - after[name]
                    for name in before
                    if abs(before[name] - after[name]) > 0.01
                }
                said = ", ".join(f"{name} {-value:+.1f}" for name, value in lost.items()) or "nothing"
                row = f"{rule}\t{rule.size}\t{said}"
            print(row, flush=True)
            if arguments.output:
                with arguments.output.open("a", encoding="utf-8") as out:
                    out.write(row + "\n")


if __name__ == "__main__":
    main()
