"""A question that asks several things, taken apart: each part is looked for and judged by itself. Pure.

"When is SIDS4, and who leads the preparation?" has two parts; "where and when is SIDS4?" asks two things of one, which
one sentence may answer, and stays whole. So does what only looks like a second question: "research and development",
"what ITU did and how it went", "the forum, which ended in May".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.lexicon import relations
from bot.question import asked_for, name_terms
from bot.standalone import StandAlone, resolve
from store.terms import content_words, stem

_MOST = 3
_AUX = r"(?:is|are|was|were|do|does|did|will|would|can|could|should|has|have|had|may|must)"
_PRONOUN = r"(?:i|we|you|he|she|it|they|this|that|these|those|to)"
_INDIRECT = re.compile(
    r"^\W*(?:please\b|(?:can|could|would) you\b|tell me\b|do you know\b|i(?:['’]d| would) like\b|i (?:want|need)\b)",
    re.I,
)
_DIRECT_SECOND = (
    rf"(?:who(?:['’]s|m|se)?\s+(?!{_PRONOUN}\b)\w+|(?:which|what)(?:['’]s)?\s+(?!{_PRONOUN}\b)\w+"
    rf"|(?:when|where|why)(?:['’]s\b|\s+{_AUX}\b)|how\s+(?:many|much|long|often|soon|{_AUX})\b|(?:what|how)\s+about\b)"
)
_INDIRECT_SECOND = rf"(?:{_DIRECT_SECOND}|(?:when|where|why|how)\s+(?!{_PRONOUN}\b)\w+)"
_LINK = r"(?:and|but|also|plus)"
# After a comma alone, "who", "which", "where" and "when" would go on about the word before.
_AFTER_COMMA = (
    r"(?:(?:what|how)\s+about\b|what\s+(?:is|are|was|were|did|does|do)\b|how\s+(?:many|much|long)\b)"
)
_NEW_SENTENCE = rf"(?:{_DIRECT_SECOND}|{_AUX}\s+\w+)"


def _between(second: str) -> re.Pattern[str]:
    return re.compile(
        rf"\s*;\s*(?=(?:{_LINK}\s+)*{second})"
        rf"|\s*\?+\s+(?=(?:{_LINK},?\s+)*(?:{_NEW_SENTENCE}))"
        rf"|,?\s+(?={_LINK}\s+(?:also\s+)?{second})"
        rf"|,\s+(?={_AFTER_COMMA})"
        # "and is ITU on it?" goes on about the thing before; "and is the forum on?" need not.
        rf"|,\s+(?={_LINK}\s+(?:is|are|was|were|has|have|did|does|will)\s+(?:the|an?|[A-Z]\w*\d)\b)",
        re.I,
    )


_DIRECT, _IN_INDIRECT = _between(_DIRECT_SECOND), _between(_INDIRECT_SECOND)
_ABOUT = re.compile(r"^\W*(?:and\s+|but\s+)?(?:what|how)\s+about\s+(?P<topic>[^?]+)", re.I)
_LEADING_LINK = re.compile(rf"^\W*(?:{_LINK}\b,?\s*)+", re.I)
# What says how much or which of a thing, and names none: "and how much?", "and which day?".
_DETAILS = frozenset(
    "amount city country date day days long many month much name number often place soon time week year".split()
)
_DEFINITE = re.compile(r"\b(?:the|its|their)\s+(?!(?:un|itu)\b)[a-z]", re.I)
# Names that tell no topic from another: these documents are all about them.
_EVERYWHERE = frozenset({"itu", "un"})
# What can be asked of another thing with its own word alone.
_SIMPLE = frozenset({"when", "where", "who"})


def split(question: str) -> list[str]:
    """Return the parts of a question as they were typed, or the question alone."""
    between = _IN_INDIRECT if _INDIRECT.match(question) else _DIRECT
    parts: list[str] = []
    start = 0
    for match in between.finditer(question):
        left, right = question[start : match.start()], question[match.end() :]
        if len(parts) < _MOST - 1 and _is_whole(left) and _is_another(left, right):
            parts.append(left.strip(" ,;"))
            start = match.end()
    return [*parts, question[start:].strip()]


def taken_apart(asked: StandAlone, rare: Callable[[str], bool]) -> list[StandAlone]:
    """Return the parts of a question, each with what it goes on from in the parts before it; none where it is one."""
    first, *others = split(asked.turn)
    parts = [StandAlone(first, asked.context)] if others else []
    for joined in others:
        # "And" only joins it; in a turn of its own it would say that it goes on.
        text = bare(joined)
        part = _of_another(text, parts[-1]) or resolve(text, parts[-1], rare)
        if not part.context and _speaks_of_the_same(text):
            part = StandAlone(text, parts[-1].context or parts[-1].turn)
        parts.append(part)
    return parts


def bare(part: str) -> str:
    """Return a part by itself: without the word that joins it to the one before."""
    return _LEADING_LINK.sub("", part).strip(" ,;")


def _of_another(text: str, before: StandAlone) -> StandAlone | None:
    """Return what "what about the LLDC conference?" asks of it, where the part before asks it in a word or two."""
    about = _ABOUT.match(text)
    asks = asked_for(before.turn)
    if about is None or not asks or not set(asks) <= _SIMPLE:
        return None
    return StandAlone(f"{' and '.join(asks)} is {about['topic'].strip()}?")


def _speaks_of_the_same(part: str) -> bool:
    """Whether a part names nothing, but has something that is known already: "who leads the preparation?"."""
    return _DEFINITE.search(part) is not None and not name_terms(part) - _EVERYWHERE


def _is_whole(part: str) -> bool:
    return bool(asked_for(part) or _INDIRECT.match(part)) and bool(content_words(part))


def _is_another(left: str, right: str) -> bool:
    """Whether what comes next asks more than a detail of the same: "and where is it?", "and when does it end?"."""
    following = re.split(r"[;?]", right, maxsplit=1)[0]
    content = [word for word in content_words(following) if word not in _DETAILS]
    if not content:
        return False
    same = set(asked_for(_LEADING_LINK.sub("", following))) <= set(asked_for(left))
    details = all(stem(word) in relations() for word in content)
    points_back = StandAlone(following).points_back
    return not (same and details and points_back)
