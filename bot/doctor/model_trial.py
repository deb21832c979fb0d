"""The trial of a language model in each of its roles: it answers questions, judges statements and labels dates.

Each time twenty are compared with what is marked in the bundled report, and with what the program does without the
model. docs/howto/models.md says what is enough.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import SecretStr, TypeAdapter

from bot.answers import Tokens
from bot.doctor import CheckResult
from bot.errors import ModelError
from bot.evaluation.measurement import contains_all, verdict
from bot.evaluation.questions import GoldQuestion, read_questions
from bot.register import RegisterEntry
from bot.settings import Settings
from store.errors import StoreError
from store.records import Hit

if TYPE_CHECKING:
    from bot.llm import Judge
    from bot.wiring import Services
    from ingest.report import IngestProgress

# The day of asking, two days after the date of the bundled report.
AS_OF = date(2024, 5, 1)
# The trial of a role ends after so many failures in a row.
_FAILURES = 3

Role = Literal["answers", "judge", "labels"]
MarkT = TypeVar("MarkT")


@dataclass(frozen=True, slots=True)
class RoleRules:
    """How a role is tried: what is counted, what is done without the model, and how many more have to be right."""

    counted: str
    without: str
    request: str
    use: str
    remedy: str
    margin: int


ROLES: Mapping[Role, RoleRules] = {
    "answers": RoleRules(
        counted="questions",
        without="without a model",
        request="an answer",
        use="for answers",
        remedy="leave ITUBOT_MODEL empty, or name a more capable model",
        margin=3,
    ),
    "judge": RoleRules(
        counted="statements",
        without="without a judge",
        request="a judgement",
        use="as the judge",
        remedy="set ITUBOT_JUDGE=none, or name a more capable judge there",
        margin=8,
    ),
    "labels": RoleRules(
        counted="dates",
        without="by rules",
        request="a paragraph",
        use="for labels of dates",
        remedy="use `itubot ingest --no-model`, or name a more capable model",
        margin=2,
    ),
}


@dataclass(frozen=True, slots=True)
class MarkedStatement:
    """A statement whose hard facts are all in a paragraph of the report, and whether the paragraph supports it."""

    statement: str
    section: str
    supported: bool


@dataclass(frozen=True, slots=True)
class MarkedDate:
    """An event that a paragraph of the report dates, with its status at `AS_OF`; `title` is in its title."""

    section: str
    start: date
    end: date
    kind: str
    status: str
    title: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """The bundled report and what is marked in it."""

    documents: Sequence[Path]
    questions: Sequence[GoldQuestion]
    statements: Sequence[MarkedStatement]
    dates: Sequence[MarkedDate]

    @classmethod
    def of(cls, documents: Sequence[Path]) -> Marks:
        """Return the marks in the files beside the report."""
        folder = documents[0].parent
        return cls(
            documents,
            read_questions(folder / "questions.jsonl"),
            _read(folder / "statements.jsonl", MarkedStatement),
            _read(folder / "dates.jsonl", MarkedDate),
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """What a model got right in a role, of `asked`, and the cost of its `requests`.

    `without` is what the program gets right without it, `seconds` the mean time of a request. `failure` says why the
    trial ended early.
    """

    role: Role
    model: str
    asked: int
    right: int = 0
    without: int = 0
    requests: int = 0
    seconds: float = 0.0
    tokens: Tokens | None = None
    failure: str | None = None

    @property
    def cost(self) -> int:
        """The mean number of tokens of a request, read and written."""
        return (self.tokens.input + self.tokens.output) // max(1, self.requests) if self.tokens else 0

    @property
    def good_enough(self) -> bool:
        """Whether the model does clearly better in this role than the program without it."""
        return self.failure is None and self.right >= self.without + ROLES[self.role].margin


def try_model(
    settings: Settings, build: Callable[[Settings], Services], marks: Marks, folder: Path
) -> Iterator[Trial]:
    """Yield the trials of the model that is set, and of its judge if there is one, in stores below an empty folder.

    Raises IngestError, StoreError.
    """
    # Nothing of the trial may come into the databases of the bot, and no other model may answer.
    nowhere = SecretStr("")
    own = {"database_url": nowhere, "chroma_url": nowhere, "storage_url": nowhere, "model_fallback": ""}
    settings = settings.model_copy(update={**own, "data_dir": folder / "rules"})
    without = build(settings.model_copy(update={"model": "", "judge": ""}))
    without.shared.ingest(marks.documents, export=False)
    # Apart from the judge, whose refusals would count against the answers.
    yield _try_answers(build(settings.model_copy(update={"judge": "none"})), without, marks.questions)
    judge = build(settings).shared.judge
    if judge is not None:
        yield _try_judge(settings.judge or settings.model, judge, without, marks.statements)
    labelled = build(settings.model_copy(update={"data_dir": folder / "labels"}))
    yield _try_labels(labelled, without, marks)


def check_trial(trial: Trial) -> CheckResult:
    """Return a trial as a check: broken if the model should not have the role."""
    rules = ROLES[trial.role]
    if trial.failure:
        found = f"do not use {trial.model} {rules.use}: {trial.failure}"
        checked = "`itubot doctor` checks its name and key, ITUBOT_MODEL_SECONDS gives it more time"
        return CheckResult(trial.role, "broken", found, f"{checked}; else {rules.remedy}")
    found = f"{trial.right} of {trial.asked} {rules.counted} right, {trial.without} {rules.without}"
    found += f"; {rules.request} takes {trial.seconds:.1f} seconds"
    if trial.tokens:
        about = "about " if trial.tokens.estimated else ""
        found += f" and {about}{trial.cost:,} tokens"
    if trial.good_enough:
        return CheckResult(trial.role, "ok", f"{trial.model} is good enough {rules.use}: {found}")
    return CheckResult(trial.role, "broken", f"do not use {trial.model} {rules.use}: {found}", rules.remedy)


def to_row(trials: Sequence[Trial]) -> str:
    """Return the trials of a model as a row of the table in docs/reference/models-tried.md."""
    found = {trial.role: trial for trial in trials}
    cells = [f"`{trials[0].model}`"]
    for role in ROLES:
        trial = found.get(role)
        if trial is None:
            cells.append("not tried")
        elif trial.failure:
            cells.append(f"no: {trial.failure}")
        else:
            good = "yes" if trial.good_enough else "no"
            cells.append(f"{good}: {trial.right}, {trial.without} {ROLES[role].without}")
    counted = [found.get(role) for role in ROLES]
    cells.append(" · ".join(f"{t.seconds:.1f}" if t and not t.failure else "–" for t in counted))
    cells.append(" · ".join(f"{t.cost:,}" if t and not t.failure else "–" for t in counted))
    return f"| {' | '.join(cells)} |"


def _try_answers(services: Services, without: Services, questions: Sequence[GoldQuestion]) -> Trial:
    trial = Trial("answers", services.settings.model, len(questions))
    right, plain, spent, tokens = 0, 0, 0.0, list[Tokens | None]()
    failures: list[str] = []
    for gold in questions:
        answer = services.assistant.answer(gold.question, as_of=AS_OF)
        if answer.note and answer.tokens is None:
            # The note begins with a sentence "... because MODEL did not finish in time."
            failures.append(answer.note.partition(". ")[0].rpartition("because ")[2])
        else:
            failures.clear()
        if len(failures) == _FAILURES:
            return replace(trial, failure=_failed(failures[0]))
        right += not failures and verdict(gold, answer.answered, answer.text) == "right"
        spent += answer.timings_ms["total"] / 1000
        tokens.append(answer.tokens)
        other = without.assistant.answer(gold.question, as_of=AS_OF)
        plain += verdict(gold, other.answered, other.text) == "right"
    return replace(
        trial,
        right=right,
        without=plain,
        requests=len(questions),
        seconds=spent / len(questions),
        tokens=Tokens.total(tokens),
    )


def _try_judge(name: str, judge: Judge, services: Services, statements: Sequence[MarkedStatement]) -> Trial:
    # They import langchain.
    from bot.llm.judge import JudgeRequest
    from bot.llm.usage import Usage

    trial, usage = Trial("judge", name, len(statements)), Usage()
    with services.catalog.snapshot() as snapshot:
        (document,) = snapshot.documents()
        sections = {section.number: section for section in reversed(snapshot.sections_of(document.id))}
    right, began = 0, time.monotonic()
    failures: list[str] = []
    for marked in statements:
        hit = Hit(sections[marked.section], document, score=1.0, cosine=1.0)
        request = JudgeRequest(marked.statement, (hit,), before="", as_of=AS_OF)
        try:
            (supported,) = judge.verdicts([request], {"callbacks": [usage]})
        except (ModelError, StoreError) as error:
            failures.append(str(error))
            if len(failures) == _FAILURES:
                return replace(trial, failure=_failed(failures[0]))
        else:
            failures.clear()
            right += supported == marked.supported
    return replace(
        trial,
        right=right,
        # Every statement passes then.
        without=sum(marked.supported for marked in statements),
        requests=len(statements),
        seconds=(time.monotonic() - began) / len(statements),
        tokens=usage.tokens,
    )


def _try_labels(services: Services, without: Services, marks: Marks) -> Trial:
    trial = Trial("labels", services.settings.model, len(marks.dates))
    # When each paragraph was labelled.
    times: list[float] = []

    def note_time(progress: IngestProgress) -> None:
        if progress.phase == "label":
            times.append(time.monotonic())

    labelling = services.shared.ingest(marks.documents, export=False, progress=note_time).labelling
    if labelling is None or not labelling.asked:
        # The rarest reason: the ingest gives most paragraphs up after some failures.
        return replace(trial, failure=_failed(labelling.why[-1] if labelling else "no date was found"))
    requests = len(times) - 1
    return replace(
        trial,
        right=_rightly_dated(services.register(AS_OF), marks.dates),
        without=_rightly_dated(without.register(AS_OF), marks.dates),
        requests=requests,
        seconds=(times[-1] - times[0]) / requests,
        tokens=Tokens(labelling.read, labelling.wrote),
    )


def _rightly_dated(register: Sequence[RegisterEntry], dates: Sequence[MarkedDate]) -> int:
    """Return how many of the dates the register has with the right kind, status and title."""
    return sum(
        any(
            (entry.kind, entry.status) == (marked.kind, marked.status)
            and contains_all(entry.title, marked.title)
            and any(
                (mention.section, mention.start, mention.end) == (marked.section, marked.start, marked.end)
                for mention in entry.mentions
            )
            for entry in register
        )
        for marked in dates
    )


def _failed(why: str) -> str:
    return f"its requests failed ({why.rstrip('.')})"


def _read(file: Path, kind: type[MarkT]) -> list[MarkT]:
    line = TypeAdapter(kind)
    return [line.validate_json(text) for text in file.read_bytes().splitlines()]
