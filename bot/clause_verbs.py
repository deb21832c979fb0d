"""The verbs of a sentence: which words are verbs, active or passive, affirmed or denied, done or only planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.parties import CONJUNCTIONS, STRONG, Party, Token
from bot.predicates import Lexicon, lexicon

Mood = Literal["done", "now", "planned", "possible"]

_BE = frozenset("is are was were be been being am gets got".split())
_PAST_BE = frozenset("was were been".split())
_HAVE = frozenset("has have had having".split())
_WILL = frozenset("will shall going".split())
_MAY = frozenset("may might could would should can".split())
_DO = frozenset("do does did".split())
_NOT = frozenset("not never cannot n’t n't nor no".split())
_BETWEEN = frozenset(
    "to also now already then only still yet subsequently recently since again just actively officially jointly closely"
    " publicly initially originally previously further therefore thus however together both newly strongly directly"
    " widely likely expected set due scheduled currently so far date once".split()
)
_AUX = _BE | _HAVE | _WILL | _MAY | _DO
_INTENDING = frozenset(
    "plan aim intend seek expect schedule set propose suggest invite ask request instruct task want wish urge recommend"
    " call need require agree decide commit pledge prepare encourage approach offer hope try attempt refuse decline"
    " consider explore".split()
)
# "Suggests establishing", "is exploring co-hosting": what follows is not done.
_CONSIDERING = frozenset("suggest propose consider explore recommend envisage discuss".split())
_ORDERED = frozenset("task instruct mandate charge".split())
# Forms in -ing that are prepositions.
_PREPOSITIONS = frozenset("including concerning regarding following according considering being".split())
_NOUNS_IN_ING = frozenset("meeting training funding building learning".split())
_DETERMINERS = frozenset(
    "a an the its their his her our some any each every no such of in on at for with from by into"
    " under via as new more most several many other further".split()
)
RELATIVE = frozenset("who which that whom".split())
SUBORDINATE = frozenset(
    "when where while whereas because although though whether if unless whose what how".split()
)


@dataclass(slots=True)
class Verb:
    at: int  # the verb itself
    group: int  # where its auxiliaries begin
    lemma: str
    passive: bool
    reduced: bool  # a participle without auxiliary, after its noun
    infinitive: bool
    gerund: bool  # in -ing, without auxiliary
    negated: bool
    mood: Mood
    helped: bool  # it has auxiliaries
    bare: bool  # a past form without them
    subject: tuple[Party, ...] = ()


def verbs_of(tokens: Sequence[Token], known: Lexicon) -> list[Verb]:
    found: list[Verb] = []
    for at, token in enumerate(tokens):
        form = known.forms.get(token.low)
        if form is None or (token.is_name and at > 0 and tokens[at - 1].low not in STRONG):
            continue
        lemma, kind = form
        group = _group(tokens, at)
        helpers = [t.low for t in tokens[group:at]]
        before = tokens[group - 1] if group else None
        aux = [h for h in helpers if h in _AUX]
        # "has not to date been invited" is no infinitive.
        to = any(t.low == "to" and tokens[n + 1].low != "date" for n, t in enumerate(tokens[group:at], group))
        if not _is_verb(kind, aux, to, before, tokens, at):
            continue
        last = aux[-1] if aux else ""
        takes_be = kind in ("ed", "participle", "any") and last in _BE
        reduced = (
            not aux
            and not to
            and kind in ("ed", "participle")
            and _followed_by_author(tokens, at, kind, lemma)
        )
        ing = kind == "ing" and not aux
        negated = any(h in _NOT or h.endswith("n't") for h in helpers) or _starts_with_no(tokens, group)
        mood = _mood(kind, helpers, aux, to, reduced, found[-1] if found else None)
        if ing and found:
            mood = "possible" if found[-1].lemma in _CONSIDERING else found[-1].mood
        verb = Verb(
            at,
            group,
            lemma,
            takes_be or reduced,
            reduced,
            to or ing,
            ing,
            negated,
            mood,
            bool(aux),
            not aux and not to and kind == "ed",
        )
        if (
            found
            and not aux
            and not to
            and _joined(tokens, group)
            and kind in ("ed", "participle", "any", "base")
        ):
            # "was approved by the Committee and endorsed by the Board": the second has the helpers of the first.
            first = found[-1]
            if kind in ("ed", "participle") and first.passive:
                verb.passive, verb.mood, verb.reduced = True, first.mood, False
            elif kind in ("base", "any"):
                verb.mood = first.mood
        found.append(verb)
    return found


def known_verb(token: Token | None) -> str | None:
    """Return the verb of which a word is a form, or None."""
    return lexicon().forms.get(token.low, (None, ""))[0] if token is not None else None


def _is_verb(
    kind: str, aux: Sequence[str], to: bool, before: Token | None, tokens: Sequence[Token], at: int
) -> bool:
    previous = before.low if before else ""
    if kind == "ing":
        if aux:
            return aux[-1] in _BE
        back = at - 1
        while back > 0 and tokens[back].low.endswith("ly"):
            back -= 1
        considered, previous = known_verb(tokens[back]) if at else None, tokens[back].low if at else ""
        return tokens[at].low not in _PREPOSITIONS and (
            previous in ("by", ",")
            or (at == 0 and tokens[at].low not in _NOUNS_IN_ING)
            or (considered is not None and considered in _CONSIDERING)
        )
    if kind in ("base", "any") and not aux:
        plural = previous.endswith("s") or previous in ("they", "we", "and") or previous in RELATIVE
        return to or (plural and previous not in _DETERMINERS and not previous.endswith("'s"))
    if kind == "base":
        return to or any(a in _WILL | _MAY | _DO for a in aux)
    if kind == "s":
        if tokens[at].low == "partners":
            return False
        following = tokens[at + 1].low if at + 1 < len(tokens) else ""
        if following == "of" and tokens[at].low == "means":
            return False
        if previous in _DETERMINERS or not previous or previous.isdigit() or previous.endswith("'s"):
            return False
        return following not in _AUX and following not in STRONG
    if kind in ("ed", "participle") and not aux:
        return previous not in _DETERMINERS and not previous.endswith("'s")
    return True


def _group(tokens: Sequence[Token], at: int) -> int:
    start = at
    while start > 0:
        low = tokens[start - 1].low
        if (
            low in _AUX
            or low in _NOT
            or low in _BETWEEN
            or low.endswith("n't")
            or (low.endswith("ly") and len(low) > 4 and not tokens[start - 1].is_name)
        ):
            start -= 1
        else:
            break
    # What opens a sentence or follows a comma before the subject is no helper ("However, ...").
    while start < at and tokens[start].low in ("no", "both", "however", "together", "set", "due"):
        start += 1
    return start


def _followed_by_author(tokens: Sequence[Token], at: int, kind: str, lemma: str) -> bool:
    following = [t.low for t in tokens[at + 1 : at + 3]]
    ordered = following[:1] == ["to"] and lemma in _ORDERED
    ordered = ordered or (following[:1] == ["for"] and lemma == "schedule")
    # "The people trained were women": what has a verb of its own after it only says more of its noun.
    ordered = ordered or (kind == "ed" and bool(following) and following[0] in _BE)
    # "Of the people trained, half were women."
    ordered = ordered or (
        following[:1] == [","] and at > 0 and not tokens[at - 1].is_name and tokens[0].low == "of"
    )
    return following[:1] == ["by"] or kind == "participle" or ordered


def _starts_with_no(tokens: Sequence[Token], group: int) -> bool:
    for token in reversed(tokens[max(0, group - 5) : group]):
        if token.low in ("no", "neither", "none", "nobody", "without"):
            return True
        if token.low in STRONG or token.low == ",":
            return False
    return False


def _joined(tokens: Sequence[Token], group: int) -> bool:
    return group > 0 and tokens[group - 1].low in (*CONJUNCTIONS, ",")


def _mood(
    kind: str, helpers: Sequence[str], aux: Sequence[str], to: bool, reduced: bool, previous: Verb | None
) -> Mood:
    if reduced and previous is not None:
        return previous.mood
    if any(a in _MAY for a in aux) or "likely" in helpers:
        return "possible"
    if any(a in _WILL for a in aux):
        return "planned"
    if to:
        # "Facilitated the process to award": what it is for is as much done as what it is done with.
        meant = bool(aux) or previous is None or previous.lemma in _INTENDING
        return "planned" if meant or previous is None else previous.mood
    if kind in ("ed", "past") and not aux:
        return "done"
    if any(a in _HAVE or a in _PAST_BE or a == "did" for a in aux):
        return "done"
    return "now"
