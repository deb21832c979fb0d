"""A question that asks several things, taken apart: each part is looked for by itself. Pure.

"When is SIDS4, and who leads the preparation?" has two parts; "where and when is SIDS4?" asks two things of one, which
one sentence may answer, and stays whole. So does what only looks like a second question: "research and development",
"the forum, which ended in May".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.question import ContextualQuestion, asked_for, name_terms, resolve
from bot.question.lexicon import relations
from bot.register.questions.vocabulary import TALK
from store.terms import content_words, stem

_MOST = 3
_AUX = r"(?:is|are|was|were|do|does|did|will|would|can|could|should|has|have|had|may|must)"
_SECOND = (
    r"(?:who(?:['’]s|m|se)?\s+(?!i\b|we\b|it\b)\w+|(?:which|what)(?:['’]s)?\s+(?!i\b|we\b|it\b)\w+"
    rf"|(?:when|where|why)(?:['’]s\b|\s+{_AUX}\b)|how\s+(?:many|much|long|often|soon|{_AUX})\b|(?:what|how)\s+about\b)"
)
_LINK = r"(?:and|but|also|plus)"
_BETWEEN = re.compile(
    rf"\s*;\s*(?=(?:{_LINK}\s+)*{_SECOND})|\s*\?+\s+(?=(?:{_LINK},?\s+)*(?:{_SECOND}|{_AUX}\s+\w+))"
    rf"|,?\s+(?={_LINK}\s+(?:also\s+)?{_SECOND})"
    # "and is ITU on it?" goes on about the thing before; "and is the forum on?" need not.
    rf"|,\s+(?={_LINK}\s+{_AUX}\s+(?:the|an?|[A-Z]\w*\d)\b)",
    re.I,
)
_ABOUT = re.compile(r"^\W*(?:what|how)\s+about\s+(?P<topic>[^?]+)", re.I)
# What can be asked of another thing with its own word alone.
_SIMPLE = frozenset({"when", "where", "who"})
_LEADING_LINK = re.compile(rf"^\W*(?:{_LINK}\b,?\s*)+", re.I)
# What says how much or which of a thing, and names none: "and how much?", "and which day?".
_DETAILS = frozenset(
    "amount city country date day days long many month much name number often place soon time week year".split()
)
_DEFINITE = re.compile(r"\b(?:the|its|their)\s+(?!(?:un|itu)\b)[a-z]", re.I)
# Names that tell no topic from another: these documents are all about them.
_EVERYWHERE = frozenset({"itu", "un"})


def split(question: str) -> list[str]:
    """Return the parts of a question as they were typed, or the question alone."""
    parts: list[str] = []
    start = 0
    for match in _BETWEEN.finditer(question):
        left, right = question[start : match.start()], question[match.end() :]
        if len(parts) < _MOST - 1 and asked_for(left) and content_words(left) and _is_another(left, right):
            parts.append(left.strip(" ,;"))
            start = match.end()
    return [*parts, question[start:].strip()]


def split_question(asked: ContextualQuestion, rare: Callable[[str], bool]) -> list[ContextualQuestion]:
    """Return the parts of a question, each with what it goes on from in the parts before it; itself where it is one."""
    first, *others = split(asked.turn)
    parts = [ContextualQuestion(first, asked.context)]
    for joined in others:
        # "And" only joins it; in a turn of its own it would say that it goes on.
        text = _LEADING_LINK.sub("", joined).strip(" ,;")
        about, asks = _ABOUT.match(text), asked_for(parts[-1].turn)
        if about and asks and set(asks) <= _SIMPLE:
            parts.append(ContextualQuestion(f"{' and '.join(asks)} is {about['topic'].strip()}?"))
            continue
        part = resolve(text, parts[-1], rare)
        names_nothing = _DEFINITE.search(text) is not None and not name_terms(text) - _EVERYWHERE
        if not part.context and names_nothing:
            part = ContextualQuestion(text, parts[-1].context or parts[-1].turn)
        parts.append(part)
    return parts


def _is_another(left: str, right: str) -> bool:
    """Whether what comes next asks more than a detail of the same: "and where is it?", "and when does it end?"."""
    following = re.split(r"[;?]", right, maxsplit=1)[0]
    names = name_terms(following)
    content = [
        word
        for word in content_words(following)
        if word not in _DETAILS and (stem(word) in names or stem(word) not in TALK)
    ]
    if not content:
        return False
    same = set(asked_for(_LEADING_LINK.sub("", following))) <= set(asked_for(left))
    details = all(stem(word) in relations() for word in content)
    return not (same and details and ContextualQuestion(following).points_back)
