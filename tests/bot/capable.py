"""A chat model that behaves like a capable one, for marked questions: it finds the sentences that answer among the
passages it is given, says them in slightly other words with the right markers, and NO ANSWER where there is none.

It knows which questions have an answer, and where; everything else it takes from the request, as a model would.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.evaluation import GoldQuestion, unified
from ingest.sentences import split
from tests.bot.fake_chat import Chunk

_PASSAGE = re.compile(r'^\[(\d+)\] [^\n]*, paragraph (\S+)\n"""\n(.*?)\n"""', re.M | re.S)
_QUESTION = re.compile(r"^Question [^\n]*?: (.+?)\n\nAnswer in sentences", re.M | re.S)
_POINTING = re.compile(
    r"(?:However, )?(?:[Ii]t|[Tt]his|It|They|This|These|Those|He|She|Its|Their|In this|For follow-up|The latter)\b"
)
# What one says in other words without another meaning.
_OTHER_WORDS = [
    (r"^(?:In addition|Furthermore|Moreover|Additionally|Also|As such|In particular|Notably),? (\w)", None),
    (r"\bin order to\b", "to"),
    (r"\bprior to\b", "before"),
    (r"\bas well as\b", "and"),
    (r"\bapproximately\b", "about"),
    (r"\bnumerous\b", "many"),
    (r"\bassist(s?)\b", r"help\1"),
    (r"\bwill be held\b", "is to be held"),
    (r"\bwill take place\b", "takes place"),
    (r"\bcommenced\b", "began"),
    (r"\bsubsequently\b", "later"),
]  # fmt: skip
# "High-Level Advisory Board on Effective Multilateralism (HLAB)".
_DEFINED = re.compile(r"((?:[A-Z][\w-]*)(?: (?:[A-Z][\w-]*|on|of|for|and))*) \(([A-Z]{2,})\)")
# In words; nobody repeats a longer one whole.
_LONG = 45
# Short and simple: behind a longer sentence the day would belong to its last part.
_FRONTED = re.compile(r"^((?:In|On|From|By) (?:\w+ ){0,3}\d{4}), ([^,;:]{1,120})([.])$")


@dataclass
class CapableChat:
    """`asked` holds the questions that reached it; `said` what it replied."""

    questions: Sequence[GoldQuestion]
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def stream(self, messages: list[tuple[str, str]]) -> Iterator[Chunk]:
        request = messages[1][1]
        found = _QUESTION.search(request)
        assert found is not None, "the request holds the question"
        gold = next(g for g in self.questions if g.question == found[1])
        passages = [(int(n), number, text) for n, number, text in _PASSAGE.findall(request)]
        assert passages, "the request holds passages"
        reply = answer(gold, passages)
        self.asked.append(gold.question)
        self.said.append(reply)
        for start in range(0, len(reply), 20):
            yield Chunk(reply[start : start + 20])

    def make(self, name: str, **options: Any) -> CapableChat:
        """Return itself, where a chat model of that name is wanted."""
        return self


def answer(gold: GoldQuestion, passages: Sequence[tuple[int, str, str]]) -> str:
    """Return the reply to a question over passages (marker, paragraph, text)."""
    own = [passage for passage in passages if passage[1] in gold.sections]
    if not gold.answerable or not own:
        return "NO ANSWER"
    marker, _, text = max(own, key=lambda passage: _holds(passage[2], gold.must))
    sentences = [text[start:end] for start, end in split(text)]
    chosen = sorted(_chosen(sentences, gold))
    names = {short: name for _, _, passage in passages for name, short in _DEFINED.findall(passage)}
    shortened = [_shortened(sentences[place], gold.must) for place in chosen]
    said = [
        f"{rephrased(_in_words_of(gold.question, sentence, names))[:-1]} [{marker}]."
        for sentence in shortened
    ]
    return " ".join(said)


def _shortened(sentence: str, must: Sequence[str]) -> str:
    """Return a very long sentence up to a comma behind which nothing stands that the answer must hold."""
    for match in re.finditer(r", (?:and|ensuring|outlining|which) ", sentence):
        head = sentence[: match.start()]
        if len(sentence.split()) > _LONG < 2 * len(head.split()) and _holds(head, must) == _holds(
            sentence, must
        ):
            return f"{head}."
    return sentence


def _in_words_of(question: str, sentence: str, names: Mapping[str, str]) -> str:
    """Return a sentence with an acronym as the question says it: by the name that it stands for."""
    asked = set(unified(question).replace("?", " ").split())
    for short, name in names.items():
        own = {word for word in unified(name).split() if len(word) > 3}
        if short.casefold() not in asked and own and len(own & asked) > len(own) / 2:
            sentence = re.sub(rf"(?<!\()\b(?:[Tt]he )?{short}\b(?!\))", f"the {name}", sentence, count=1)
    return sentence


def _chosen(sentences: Sequence[str], gold: GoldQuestion) -> set[int]:
    """Return the fewest sentences that hold all that the answer must, and what they point back to."""
    chosen: set[int] = set()
    left = list(gold.must)
    while (
        left
        and (best := max(range(len(sentences)), key=lambda n: (_holds(sentences[n], left), -n))) not in chosen
    ):
        if not _holds(sentences[best], left):
            break
        chosen.add(best)
        left = [must for must in left if not _holds(sentences[best], [must])]
    if not chosen:
        asked = set(unified(gold.question).split())
        chosen = {max(range(len(sentences)), key=lambda n: len(asked & set(unified(sentences[n]).split())))}
    for place in sorted(chosen, reverse=True):
        while place > 0 and _POINTING.match(sentences[place]):
            place -= 1
            chosen.add(place)
    return chosen


def rephrased(sentence: str) -> str:
    """Return a sentence in slightly other words; it ends in a full stop."""
    said = " ".join(sentence.split()).rstrip(".:;") + "."
    for pattern, other in _OTHER_WORDS:
        said = re.sub(pattern, other or (lambda m: m[1].upper()), said)
    said = said[0].upper() + said[1:]
    fronted = _FRONTED.match(said)
    if fronted:
        # "In 2023, ITU joined it." is "ITU joined it in 2023."
        said = f"{fronted[2][0].upper()}{fronted[2][1:]} {fronted[1][0].lower()}{fronted[1][1:]}{fronted[3]}"
    return said


def _holds(text: str, must: Sequence[str]) -> int:
    said = unified(text)
    return sum(unified(wanted) in said for wanted in must)
