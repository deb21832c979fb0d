"""A question understood: what it asks for, and the words that have to be found for an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.standalone import StandAlone
from store.terms import STOP_WORDS, content_words, stem, words

Ask = Literal["when", "where", "who", "how many", "how much", "how long", "how", "why", "which", "what", "whether"]

# Longest first: "how many" is no "how". Typed apostrophes vary, and chat leaves them out ("whos", "wheres").
_ASKS: Sequence[tuple[str, Ask]] = (
    (r"how many|what number of|number of|count of", "how many"),
    (r"how much|what (?:amount|sum|budget|cost|price|fine|share|percentage|proportion)|cost of|price of", "how much"),
    (r"how long|how soon|how often|how frequently", "how long"),
    (r"when(?:['’]?s)?|what (?:date|dates|day|days|year|month|time)|(?:on )?(?:which|what) (?:date|dates|day|days|year|month)"
     r"|dates? (?:of|for)|deadline (?:of|for)|last day|until when|by when", "when"),
    (r"where(?:['’]?s)?|(?:in |at )?(?:which|what) (?:city|country|place|venue|location)|venue (?:of|for)", "where"),
    (r"who(?:['’]?s|m|se)?|(?:which|what) (?:person|people)", "who"),
    (r"how", "how"),
    (r"why|what for|reason (?:for|why)", "why"),
    (r"which", "which"),
    (r"what(?:['’]?s)?|whats", "what"),
    (r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may)", "whether"),
)
_ASK = tuple((re.compile(rf"(?:{pattern})\b" if pattern.startswith("^") else rf"\b(?:{pattern})\b", re.I), ask) for pattern, ask in _ASKS)

# A name's digits: SIDS4, CSW68, COP28, WRC-23.
_EDITION = re.compile(r"^(?P<letters>[a-z]{2,})(?P<digits>\d{1,3})$")
_TOKEN = re.compile(r"[^\W_]+(?:[-’'./&][^\W_]+)*")
_ABOUT = re.compile(r"\b(?:what|how) about\b", re.I)


@dataclass(frozen=True, slots=True)
class Question:
    """A stand-alone question.

    `terms` are its stemmed content words; `names` those of them that were written as names: capitalised
    inside a sentence, all capitals, or with digits. `asks` is what kinds of answer it wants, in its order.
    """

    text: str
    asks: tuple[Ask, ...]
    terms: tuple[str, ...]
    names: frozenset[str]
    also: str = ""


def understand(asked: StandAlone, aliases: Mapping[str, str]) -> Question:
    """Return what is asked; `aliases` maps a folded phrase to the words the field uses for it."""
    text = asked.text
    return Question(
        text=text,
        # The turn says what is wanted; "what about …" wants what was asked before.
        asks=_asked(_ABOUT.sub("", asked.turn)) or _asked(asked.context),
        terms=tuple(dict.fromkeys(stem(word) for word in content_words(text))),
        names=_names(asked.turn) | _names(asked.context),
        also=" ".join([*_aliased(text, aliases), *_editions(text)]),
    )


def _asked(text: str) -> tuple[Ask, ...]:
    found: list[tuple[int, Ask]] = []
    taken: list[tuple[int, int]] = []
    for pattern, ask in _ASK:
        for match in pattern.finditer(text):
            if not any(a < match.end() and match.start() < b for a, b in taken):
                found.append((match.start(), ask))
                taken.append(match.span())
    return tuple(dict.fromkeys(ask for _, ask in sorted(found)))


def _names(text: str) -> frozenset[str]:
    names: set[str] = set()
    for place, match in enumerate(_TOKEN.finditer(text)):
        token = match.group()
        is_name = any(c.isdigit() for c in token) or sum(c.isupper() for c in token) > 1
        if is_name or (place > 0 and token[0].isupper()):
            names.update(stem(w) for w in content_words(token))
    return frozenset(names)


def _aliased(text: str, aliases: Mapping[str, str]) -> list[str]:
    folded = f" {' '.join(words(text))} "
    return [other for phrase, other in aliases.items() if f" {phrase} " in folded]


def _editions(text: str) -> list[str]:
    """Return the parts of names with an edition: "SIDS4" is also "SIDS"."""
    return [match["letters"] for word in words(text) if (match := _EDITION.match(word))]
