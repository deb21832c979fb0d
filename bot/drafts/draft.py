"""Checks a draft: what each of its sentences claims, and the verdict on each claim."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, get_args

from bot.answering.answer import Tokens
from bot.drafts.verdicts import Check, Checker, Claim, Verdict
from bot.errors import ModelError
from bot.languages import question_language
from bot.models.quoting import escaped, one_line
from ingest.drafts import DraftSentence
from ingest.text.languages import detect_language
from prompts import chat_prompt

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from bot.models.chat import ChatModel
    from bot.wiring import Services

_LOG = logging.getLogger(__name__)
_NO_CLAIM = Check("no claim")
_NEED_WORK: frozenset[Verdict] = frozenset({"contradicted", "different fact", "superseded", "not found"})
# "SUBJECT: …".
_LABEL = re.compile(r"^[^\W\d_a-z]{3,}:\s+")
_QUESTION_MARKS = ("?", "？", "؟")
# Gets how many sentences of how many are checked.
OnCheck = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CheckedSentence:
    """A sentence of a draft, its number from 1, and its verdict; None if the work was stopped before."""

    n: int
    sentence: DraftSentence
    check: Check | None


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """The verdicts on a draft; `judged`: a judge has answered for each sentence that it was asked about.

    `tokens` are those of the models, if any were asked.
    """

    as_of: date
    judged: bool
    sentences: tuple[CheckedSentence, ...]
    tokens: Tokens | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every sentence was checked."""
        return all(sentence.check for sentence in self.sentences)

    @property
    def counts(self) -> dict[Verdict, int]:
        """The number of sentences with each verdict that there is."""
        found = Counter(sentence.check.verdict for sentence in self.sentences if sentence.check)
        return {verdict: found[verdict] for verdict in get_args(Verdict) if found[verdict]}

    @property
    def to_mend(self) -> list[tuple[CheckedSentence, Check]]:
        """The sentences that need work, in their order: that the documents deny, have outlived or do not say."""
        return [(s, s.check) for s in self.sentences if s.check and s.check.verdict in _NEED_WORK]

    @property
    def checked(self) -> list[CheckedSentence]:
        """The sentences that were checked."""
        return [sentence for sentence in self.sentences if sentence.check]


class DraftCheck:
    """The check of one draft in progress; what is done by then is there when it is stopped."""

    def __init__(self, services: Services, sentences: Sequence[DraftSentence], as_of: date) -> None:
        self._services = services
        self._sentences = sentences
        self._as_of = as_of
        self._found: dict[int, Check] = {}
        # It loads langchain.
        from bot.models.usage import Usage

        self._usage = Usage()
        self._config: RunnableConfig = {"callbacks": [self._usage]}
        text = "\n".join(sentence.text for sentence in sentences)
        # A title in English makes no English draft of it, as it would an English question.
        self.language = detect_language(text) or question_language(text)
        """The code of the draft's language, "und" for one that is not known."""
        self._checker = Checker(services, as_of, self.language, services.shared.judge, self._config)

    def run(self, on_check: OnCheck = lambda done, count: None) -> None:
        """Check all sentences. Raises StoreError, and what `on_check` raises, which stops it."""
        claims = self._claims()
        places = [n for n, claim in enumerate(claims) if claim is not None]
        self._found = {n: _NO_CLAIM for n, claim in enumerate(claims) if claim is None}
        on_check(len(self._found), len(claims))
        for n, check in self._checker.check_all([claim for claim in claims if claim is not None]):
            self._found[places[n]] = check
            on_check(len(self._found), len(claims))

    @property
    def tokens_to_read(self) -> int:
        """About how many tokens the judge will read; 0 if none is a language model."""
        return getattr(self._services.shared.judge, "tokens_a_sentence", 0) * len(self._sentences)

    @property
    def result(self) -> CheckedDraft:
        """What is checked so far."""
        checked = (CheckedSentence(n + 1, s, self._found.get(n)) for n, s in enumerate(self._sentences))
        judged = self._checker.judges and not any(check.lacks_judge for check in self._found.values())
        return CheckedDraft(self._as_of, judged, tuple(checked), self._usage.tokens)

    def _claims(self) -> list[Claim | None]:
        """Return what each sentence claims; None if it claims nothing."""
        alone = self._services.shared.draft_reader.claims([s.text for s in self._sentences], self._config)
        return [
            None
            if said == "" or (s.is_heading and said is None) or s.text.endswith(_QUESTION_MARKS)
            else Claim(_LABEL.sub("", s.text), s.before, said or "")
            for s, said in zip(self._sentences, alone, strict=True)
        ]


_CLAIM = re.compile(r"^\W*(\d{1,3})\W+(.+)$", re.M)
_NO_CLAIM_WORDS = re.compile(r"\W*no claim\W*", re.I)
# The most sentences of one request.
_SENTENCES = 20


class PlainReader:
    """Takes the sentences of a draft as they are."""

    def claims(self, sentences: Sequence[str], config: RunnableConfig) -> Sequence[str | None]:
        """Return None for each sentence: nothing was said of it."""
        return [None] * len(sentences)


class ModelReader:
    """A chat model that makes the claims of a draft stand alone. Safe between threads."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def claims(self, sentences: Sequence[str], config: RunnableConfig) -> Sequence[str | None]:
        """Return each sentence as understood alone, "" for one without a claim, None where nothing was said of it."""
        starts = range(0, len(sentences), _SENTENCES)
        try:
            return [
                claim
                for first in starts
                for claim in self._claims(
                    sentences[first : first + _SENTENCES], sentences[max(0, first - 3) : first], config
                )
            ]
        except ModelError as error:
            _LOG.warning("the claims of a draft are found without the model: %s", error)
            return PlainReader().claims(sentences, config)

    def _claims(
        self, sentences: Sequence[str], before: Sequence[str], config: RunnableConfig
    ) -> Iterator[str | None]:
        messages = chat_prompt("claims", "claims_asked").format_messages(
            before=escaped(" ".join(before)) or "nothing",
            sentences="\n".join(f"Sentence {n}: {one_line(s)}" for n, s in enumerate(sentences, start=1)),
        )
        said = {int(n): text.strip() for n, text in _CLAIM.findall(self._model.ask(messages, config))}
        for n in range(1, len(sentences) + 1):
            text = said.get(n, "")
            yield "" if _NO_CLAIM_WORDS.fullmatch(text) else text or None


# Finds the claims of a draft: the wiring chooses.
DraftReader = ModelReader | PlainReader
