"""Analyses a question once, in the context of its conversation, for all steps of its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bot.question.lexicon import ORDINALS, any_of, relations, table, word_list
from ingest.document.sentences import split
from ingest.languages import is_wholly_read, question_in_words_of_rules
from store.terms import content_words, stem, words

Ask = Literal[
    "when",
    "where",
    "who",
    "person",
    "which countries",
    "how many",
    "how much",
    "how long",
    "how",
    "why",
    "which",
    "what",
    "whether",
    "overview",
]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation. Lists of turns are in order of time, oldest first."""

    speaker: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its context, and what its words say."""

    turn: str
    """The question as it was typed."""
    context: str
    """The earlier question that it refers to, "" if none."""
    points_back: bool
    """Whether a word of the turn refers to something earlier: "it", "the other two"."""
    subject: str
    """The text without phrases that name no topic ("on which days")."""
    turn_asks: tuple[Ask, ...]
    """The kinds of answer that the turn by itself asks for, in order."""
    asks: tuple[Ask, ...]
    """The kinds of answer that it asks for in its context, in order."""
    terms: tuple[str, ...]
    """The stemmed content words."""
    own_terms: tuple[str, ...]
    """Those of a follow-up question that its context does not have; none without a context."""
    names: frozenset[str]
    """The terms written as names: capitalised inside a sentence, all capitals, or with digits."""
    figures: frozenset[str]
    """Words with digits and ordinals, which match only themselves: CSW66 is not CSW68."""
    others: Mapping[str, tuple[str, ...]]
    """Phrase -> its other forms."""
    language: str = "en"
    english: str = ""
    """What a model has translated a question in another language to, with its context."""

    @property
    def text(self) -> str:
        """The turn with its context."""
        added = self.context or self.english
        return f"{self.turn} ({added})" if added else self.turn

    @property
    def standalone(self) -> str:
        """The question by itself, in English where it is translated."""
        return self.english or self.text

    @property
    def sought(self) -> str:
        """The text to search for, with the other forms."""
        return " ".join([self.subject, *(form for forms in self.others.values() for form in forms)])


_GOES_ON = re.compile(r"^\W*(?:(?:and|but|so|ok|okay|then|also)\b|(?:what|how) about\b)", re.I)
_POINTS_BACK = re.compile(
    r"\bthe (?:others?|same|rest|main thing|whole thing|latter|former)\b"
    r"|\b(?:it|its|it['’]s|they|them|their|theirs|he|she|him|her|his|hers|this|that|these|those|there|ones?|then)\b",
    re.I,
)
# "there is/are" and "this year" refer to nothing earlier.
_NO_POINTER = re.compile(
    r"\b(?:is|are|was|were|any) there\b|\bthere (?:is|are|was|were|any)\b|\bthis (?:year|month|week|report|document)\b",
    re.I,
)
_TIME_WORDS = word_list("time")
_SAYS_NOTHING = re.compile(r"\W*\w?\W*")
_FEW_WORDS = 3


def contextualize(turn: str, history: Sequence[Turn], is_rare: Callable[[str], bool]) -> Question:
    """Return the turn with the context it needs.

    `is_rare` returns whether few sections have a stemmed term, so that it may name a topic.
    """
    before, context = "", ""
    for text in [*(t.text for t in history if t.speaker == "user"), turn]:
        before, context = text, context_of(text, before, context, is_rare)
    return understand(turn, context)


def context_of(turn: str, before: str, context: str, is_rare: Callable[[str], bool]) -> str:
    """Return the context that a turn needs of the one `before`, which has a `context` itself; "" for none.

    A turn is a follow-up if it opens like one ("and …", "what about …") or refers back with a pronoun, and has fewer
    than two rare terms of its own; or if it has at most three content words and none is rare; or at most one. Words
    of time are no content words here.
    """
    # The last turn with its context; without a rare term, its context alone.
    topic = before.strip()
    if context:
        named = any(is_rare(stem(word)) for word in content_words(topic))
        topic = f"{topic} {context}" if named else context
    if not topic or _SAYS_NOTHING.fullmatch(turn):
        return ""
    content = [word for word in content_words(turn) if word not in _TIME_WORDS]
    rare = sum(is_rare(stem(word)) for word in content)
    goes_on = (
        ((_GOES_ON.match(turn) or points_back(turn)) and rare < 2)
        or (len(content) <= _FEW_WORDS and rare == 0)
        or len(content) <= 1
    )
    return topic if goes_on else ""


def points_back(turn: str) -> bool:
    """Whether a word of a turn refers to something earlier: "it", "the other two"."""
    return _POINTS_BACK.search(_NO_POINTER.sub(" ", turn)) is not None


_ASKING: Sequence[tuple[re.Pattern[str], Ask]] = tuple(
    (any_of(asks["words"]), asks["kind"]) for asks in table("asking")["asks"]
)
# Kinds whose phrases name no topic: "which days", "what city".
_ONLY_ASK: frozenset[Ask] = frozenset({"when", "where", "how many", "how long", "overview"})
# A name's digits: SIDS4, CSW68, COP28, WRC-23.
_EDITION = re.compile(r"^(?P<letters>[a-z]{2,})(?P<digits>\d{1,3})$")
# Ordinals up to the tenth; "first" and "second" are also other words, and "first" says little.
_ORDINALS = ORDINALS[1:10]
_POSSESSIVE = re.compile(r"['’]s?$")
_MEASURES = word_list("measures")
_VAGUE = word_list("vague")
_HAPPENS = word_list("happens")
_TOKEN = re.compile(r"[^\W_]+(?:[-’'./&][^\W_]+)*")
_ABOUT = re.compile(r"\b(?:what|how) about\b", re.I)


def understand(turn: str, context: str = "") -> Question:
    """Return what a question asks for and the terms to look for."""
    new_asks, names = asked_by_turn(turn), name_terms(context)
    if context and new_asks:
        # What was asked before is answered: only the words that name its topic count, without relation words.
        kept = " ".join(w for w in content_words(context) if stem(w) in names or stem(w) not in relations())
    else:
        kept = context
    subject = _without_asking(f"{turn} {kept}")
    asks = new_asks or asked_for(context)
    empty = _VAGUE | _HAPPENS if "when" in asks else _VAGUE
    sought = tuple(dict.fromkeys(stem(word) for word in content_words(subject) if word not in empty))
    known = {stem(word) for word in content_words(context)} if context else set(sought)
    typed = words(f"{turn} {context}")
    return Question(
        turn=turn,
        context=context,
        points_back=points_back(turn),
        subject=subject,
        turn_asks=asked_for(turn),
        asks=asks,
        terms=sought,
        own_terms=tuple(term for term in sought if term not in known),
        names=name_terms(turn) | names,
        figures=figure_words(typed),
        others={**_aliased(typed), **_editions(typed)},
    )


# Between a name in Latin letters and a word of another script that is written together with it.
_LATIN, _OTHER = r"[A-Za-z0-9\u00c0-\u024f]", r"[^\W\d_A-Za-z\u00c0-\u024f]"
_SCRIPTS_MEET = re.compile(rf"(?<={_LATIN})(?={_OTHER})|(?<={_OTHER})(?={_LATIN})")


def understand_other(turn: str, language: str, english: str = "") -> Question:
    """Return what a question in another language asks for: by its translation, where a model has made one.

    Without one, by its words that the language's pack has in English.
    """
    question = understand(english or question_in_words_of_rules(turn, language))
    subject = f"{_SCRIPTS_MEET.sub(' ', turn)} {question.subject}"
    return replace(question, turn=turn, subject=subject, language=language, english=english)


def understand_wholly(turn: str, language: str) -> Question | None:
    """Return what a question in another language asks for if the language's pack has each of its words, else None."""
    return understand(question_in_words_of_rules(turn, language)) if is_wholly_read(turn, language) else None


def topic_words(subject: str) -> list[str]:
    """Return the words for what a question is about, as typed, each once."""
    typed = {
        word: _POSSESSIVE.sub("", match.group())
        for match in _TOKEN.finditer(subject)
        for word in content_words(match.group())
        if word not in _MEASURES
    }
    return list(dict.fromkeys(typed.values()))


def asked_for(text: str) -> tuple[Ask, ...]:
    """Return the kinds of answer that a question asks for, in order."""
    return tuple(dict.fromkeys(ask for _, _, ask in _asking(text)))


def asked_by_turn(turn: str) -> tuple[Ask, ...]:
    """Return the kinds of answer that a turn asks for by itself; "what about …" repeats the question before."""
    return asked_for(_ABOUT.sub("", turn))


def asking_phrases(text: str) -> dict[Ask, str]:
    """Return kind of answer -> the words with which a question asks for it, in order."""
    found: dict[Ask, str] = {}
    for start, end, ask in _asking(text):
        found.setdefault(ask, text[start:end])
    return found


def _asking(text: str) -> list[tuple[int, int, Ask]]:
    """Return (start, end, kind) of the phrases that ask for a kind of answer, in order."""
    found: list[tuple[int, int, Ask]] = []
    for pattern, ask in _ASKING:
        for match in pattern.finditer(text):
            # "WHO" beside small letters is the organization.
            phrase = match.group()
            named = phrase.isupper() and not text.isupper() and phrase.casefold() in table("acronyms")
            if not named and not any(a < match.end() and match.start() < b for a, b, _ in found):
                found.append((*match.span(), ask))
    return sorted(found)


def _without_asking(text: str) -> str:
    parts, position = [], 0
    for start, end, ask in _asking(text):
        if ask in _ONLY_ASK:
            parts.append(text[position:start])
            position = end
    return " ".join([*parts, text[position:]])


def name_terms(text: str) -> frozenset[str]:
    """Return the stemmed content words that are written as names."""
    names: set[str] = set()
    starts, end = [start for start, _ in split(text)], 0
    for match in _TOKEN.finditer(text):
        token = match.group()
        is_name = any(c.isdigit() for c in token) or sum(c.isupper() for c in token) > 1
        opens = any(end <= start <= match.start() for start in starts)
        end = match.end()
        if is_name or (token[0].isupper() and not opens):
            names.update(stem(w) for w in content_words(token))
    return frozenset(names)


def figure_words(typed: Sequence[str]) -> frozenset[str]:
    """Return those of some folded words that match only themselves: with digits, and ordinals."""
    return frozenset(w for w in typed if any(c.isdigit() for c in w) or w in _ORDINALS)


def _aliased(typed: Sequence[str]) -> dict[str, tuple[str, ...]]:
    folded = f" {' '.join(typed)} "
    return {phrase: (other,) for phrase, other in table("aliases").items() if f" {phrase} " in folded}


def _editions(typed: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the parts of names with an edition: SIDS4 is also the fourth of the SIDS."""
    return {
        word: (f"{_ORDINALS[place]} {match['letters']}",)
        for word in typed
        if (match := _EDITION.match(word)) and 0 <= (place := int(match["digits"]) - 2) < len(_ORDINALS)
    }
