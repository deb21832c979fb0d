"""Sets that ask for an answer from passages, or for none: ROUGE-L and words in common with the reference, refusals."""

from __future__ import annotations

import random
import re
import string
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from statistics import fmean

from rapidfuzz.distance import LCSseq

from bot.answering.question import Turn
from bot.evaluation.questions import delivered_sentences
from store.vectors import Embedder
from tests.tools.yardsticks.passages import Group, Passage, passage_store
from tests.tools.yardsticks.retrieval import figures, rows

# The same each time: what is due depends on the day.
_AS_OF = date(2024, 5, 1)
_SPEAKERS = {"user": "user", "agent": "assistant"}


@dataclass(frozen=True, slots=True)
class Task:
    """A question, after the turns of `history`; without `references` the passages do not answer it.

    `relevant` are the ids of the passages that answer it, as far as the set names them.
    """

    question: str
    references: tuple[str, ...] = ()
    history: tuple[Turn, ...] = ()
    relevant: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Tasks that are asked over the same passages."""

    passages: Sequence[Passage]
    tasks: Sequence[Task]


def sample(batches: Sequence[Batch], count: int) -> list[Batch]:
    """Return the batches with so many tasks in all, the same ones each time."""
    every = [(place, task) for place, batch in enumerate(batches) for task in batch.tasks]
    chosen = random.Random(1).sample(every, min(count, len(every)))  # noqa: S311
    tasks: defaultdict[int, list[Task]] = defaultdict(list)
    for place, task in chosen:
        tasks[place].append(task)
    return [replace(batches[place], tasks=tasks[place]) for place in sorted(tasks)]


def clapnq(folder: Path) -> list[Batch]:
    """Read annotated_data/dev of ClapNQ: each question is asked over its own passage."""
    batches = []
    for name in ("answerable", "unanswerable"):
        for row in rows(folder / "annotated_data" / "dev" / f"clapnq_dev_{name}.jsonl"):
            passages = [
                Passage(f"{row['id']}-{n}", p["text"], p["title"]) for n, p in enumerate(row["passages"])
            ]
            references = tuple(output["answer"] for output in row["output"] if output["answer"])
            batches.append(Batch(passages, [Task(row["input"], references)]))
    return batches


def clapnq_together(folder: Path) -> list[Batch]:
    """Read the same questions: each is asked over the passages of all."""
    batches = clapnq(folder)
    tasks = [
        replace(task, relevant=tuple(passage.id for passage in batch.passages) if task.references else ())
        for batch in batches
        for task in batch.tasks
    ]
    return [Batch([passage for batch in batches for passage in batch.passages], tasks)]


def mtrag(folder: Path) -> list[Batch]:
    """Read generation_tasks/reference.jsonl of mtrag-human or mtragun-human of MTRAG.

    Each turn is asked over the reference passages of its collection. Those that want no information from them
    ("Thanks!", questions to ask back about) are left out.
    """
    passages: defaultdict[str, dict[str, Passage]] = defaultdict(dict)
    tasks: defaultdict[str, list[Task]] = defaultdict(list)
    for row in rows(folder / "generation_tasks" / "reference.jsonl"):
        own = {
            context["document_id"]: Passage(context["document_id"], context["text"])
            for context in row["contexts"]
        }
        passages[row["Collection"]] |= own
        # The key of MTRAG, and of MTRAG-UN.
        (kind,) = row.get("Answerability") or row["answerability"]
        if kind in ("ANSWERABLE", "PARTIAL", "UNANSWERABLE"):
            *history, question = (Turn(_SPEAKERS[turn["speaker"]], turn["text"]) for turn in row["input"])
            answerable = kind != "UNANSWERABLE"
            references = tuple(target["text"] for target in row["targets"]) if answerable else ()
            relevant = tuple(own) if answerable else ()
            tasks[row["Collection"]].append(Task(question.text, references, tuple(history), relevant))
    return [Batch(list(passages[name].values()), tasks[name]) for name in passages]


@dataclass(frozen=True, slots=True)
class Reply:
    """The program's reply to a task: the sentences of its answer without markers, or None for a refusal.

    `found` are the passages that the search finds for the question in its context, best first.
    """

    task: Task
    text: str | None
    found: Sequence[str] = ()


def measure(batches: Sequence[Batch], embedder: Embedder | None = None) -> dict[str, float]:
    """Return the figures of the program's replies."""
    with passage_store(embedder) as store:
        replies = [
            reply
            for n, batch in enumerate(batches)
            for reply in _replies(store.add(n, batch.passages), batch)
        ]
    found = {str(n): reply for n, reply in enumerate(replies) if reply.task.relevant}
    ranked = {n: reply.found for n, reply in found.items()}
    relevant = {n: dict.fromkeys(reply.task.relevant, 1) for n, reply in found.items()}
    return scores(replies) | (figures(ranked, relevant) if found else {})


def _replies(group: Group, batch: Batch) -> Iterator[Reply]:
    for task in batch.tasks:
        answer = group.services.assistant.answer(task.question, history=task.history, as_of=_AS_OF)
        text = " ".join(sentence for sentence, _ in delivered_sentences(answer.text))
        found = group.find(answer.standalone_question) if task.relevant else ()
        yield Reply(task, text if answer.answered else None, found)


def scores(replies: Sequence[Reply]) -> dict[str, float]:
    """Return the means over replies.

    `ROUGE-L`, `recall` and `F1` are over the tasks with a reference, of which the best one counts; a refusal has 0.
    `ROUGE-L of answers` leaves the refusals out.
    """
    asked = [reply for reply in replies if reply.task.references]
    given = [reply for reply in asked if reply.text is not None]
    refused = [reply for reply in replies if reply.text is None]
    unanswerable = len(replies) - len(asked)
    right = sum(not reply.task.references for reply in refused)
    return {
        "questions": len(replies),
        "without an answer": unanswerable,
        "ROUGE-L": _mean(rouge_l, asked),
        "ROUGE-L of answers": _mean(rouge_l, given),
        "recall": _mean(recall, asked),
        "F1": _mean(f1, asked),
        "characters per answer": _mean(lambda text, _: len(text), given),
        "answered or refused rightly": (len(given) + right) / max(len(replies), 1),
        "answered, with an answer": len(given) / max(len(asked), 1),
        "refused, without an answer": right / max(unanswerable, 1),
        "refusals that are right": right / max(len(refused), 1),
    }


def _mean(score: Callable[[str, str], float], replies: Sequence[Reply]) -> float:
    best = [max(score(reply.text or "", one) for one in reply.task.references) for reply in replies]
    return fmean(best) if best else 0.0


def rouge_l(answer: str, reference: str) -> float:
    """Return ROUGE-L (F1) without stemming, as the library `rouge-score` computes it."""
    own, wanted = (re.findall("[a-z0-9]+", text.lower()) for text in (answer, reference))
    return _f1(LCSseq.similarity(own, wanted), len(own), len(wanted))


def recall(answer: str, reference: str) -> float:
    """Return the share of the reference's words that the answer has, without articles and punctuation."""
    own, wanted = _words(answer), _words(reference)
    return (own & wanted).total() / max(wanted.total(), 1)


def f1(answer: str, reference: str) -> float:
    """Return the F1 of the words in common, without articles and punctuation."""
    own, wanted = _words(answer), _words(reference)
    return _f1((own & wanted).total(), own.total(), wanted.total())


def _f1(common: int, own: int, wanted: int) -> float:
    return 2 * common / (own + wanted) if common else 0.0


def _words(text: str) -> Counter[str]:
    plain = text.lower().translate(str.maketrans("", "", string.punctuation))
    return Counter(word for word in plain.split() if word not in ("a", "an", "the"))
