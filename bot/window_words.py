"""The words of a question about time: its frame, the kinds of entry, names and places. Pure."""

from __future__ import annotations

import re

from bot.entry_search import is_short_name
from store.records import Kind

NOUNS: tuple[tuple[str, frozenset[Kind], str], ...] = (
    (
        r"deadlines?|due dates?|submissions?|calls? for (?:inputs?|comments?)",
        frozenset({"deadline"}),
        "deadline",
    ),
    (
        r"meetings?|conferences?|summits?|forums?|fora|sessions?|workshops?|consultations?|ministerials?",
        frozenset({"meeting"}),
        "meeting",
    ),
    (r"publications?|releases?|launches", frozenset({"publication"}), "publication"),
    (r"milestones?", frozenset({"milestone"}), "milestone"),
    (r"events?|dates?|things?|activities|anything|something|everything|items?", frozenset(), "date"),
)
NOUN = re.compile("|".join(rf"(?P<n{i}>\b(?:{words})\b)" for i, (words, _, _) in enumerate(NOUNS)), re.I)
FRAME = frozenset(
    re.findall(
        r"\S+",
        """
        a about after agenda ahead all an and any are around as ask at attend attending away be been
        before being by calendar can check come comes coming could current currently did do does
        else expected find for forthcoming from get give going got happen happened happening happens
        has have held here hold i if important in into is it itu itu's key know last left list look
        lot major may me might missed more much must my near need new next no now of on open or
        other our out over past place plan planned plans please prepare radar ready recent recently
        related remain remaining remind schedule scheduled shall should show since so some soon
        still take takes taking tell that the their them then there these they this those through
        till to today took towards track un un's united nations until up upcoming us was watch we
        were what what's whats when when's where which while who will with within would year years
        you your due during dates there's i've we've we're i'm passed starts start starting ends end
        ending relevant set run runs overdue ago just yet already big ok okay hi hello hey thanks
        month week day months weeks days
        """,
    )
)
PLACE = re.compile(
    r"\b(?:in|at)\s+(?:the\s+)?(?P<place>[A-Z][\w.’'-]*(?:[\s,]+(?:(?:and|of|the|de)\s+)?[A-Z][\w.’'-]*)*)"
)
WORD = re.compile(r"[^\W_](?:[\w’'&./-]*\w)?")


def clean(text: str) -> str:
    return re.sub(
        r"(?i)\b(?:the|a|an|our|this|that|s)\s+$|^(?:the|a|an|our|this|that)\s+", "", text.strip(" ?!.,")
    ).strip()


def without(text: str, words: str) -> str:
    """`text` without one stretch of time and the preposition that led to it."""
    return re.sub(
        rf"(?i)(?:\b(?:in|on|within|during|over|by|for|of|from|between|at)\s+)?(?:the\s+)?{re.escape(words)}",
        " ",
        text,
        count=1,
    )


def leftover(text: str) -> list[str]:
    """The words that are neither the frame of such a question nor a kind of entry."""
    return [
        word for word in WORD.findall(NOUN.sub(" ", text)) if word.casefold().replace("’", "'") not in FRAME
    ]


def is_name(word: str) -> bool:
    return is_short_name(word) or any(character.isupper() or character.isdigit() for character in word)


def noun_of(text: str) -> tuple[frozenset[Kind], str] | None:
    found = NOUN.search(text)
    if not found:
        return None
    index = next(i for i in range(len(NOUNS)) if found[f"n{i}"])
    return NOUNS[index][1], NOUNS[index][2]


def split_place(text: str) -> tuple[str, str]:
    """Return what is left of `text`, and the place that it names."""
    found = PLACE.search(text)
    if not found or NOUN.search(found["place"]):
        return text, ""
    return (text[: found.start()] + " " + text[found.end() :]).strip(), found["place"]
