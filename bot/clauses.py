"""Who does what to whom in a sentence: its verbs, each with those who do it and those it is done to.

No parser: a walk over the words with the lexicon of verbs, made for reports. It is applied to the sentence of an
answer and to the paragraph alike, so that what it misreads it misreads twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.clause_verbs import RELATIVE, SUBORDINATE, Mood, Verb, verbs_of
from bot.parties import ASIDE, CONJUNCTIONS, STRONG, Party, Token, parties, tokens_of
from bot.predicates import Lexicon, lexicon

# What follows these is what was said, with a subject of its own.
_REPORTING = frozenset(
    "say state note announce report mention stress explain find decide agree recommend".split()
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One verb of a sentence: who does it, and who it is done to; empty where that is not said.

    `beside` are those with whom it is said to be done.
    `own` are the stemmed words of its sentence, `around` also those of the ones that it points back to.
    """

    verb: str
    agents: tuple[Party, ...]
    patients: tuple[Party, ...]
    negated: bool
    mood: Mood
    passive: bool = False
    around: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    beside: tuple[Party, ...] = ()


_TAKES_PLACE = frozenset("take occur happen".split())
_PLACE = Token("place", "place")


def claims(sentence: str) -> list[Claim]:
    """Return the claims of a sentence, in the order of its verbs; nouns of action with a stated author follow."""
    known = lexicon()
    tokens = tokens_of(sentence)
    verbs = verbs_of(tokens, known)
    made = []
    for place, verb in enumerate(verbs):
        _set_subject(tokens, verbs, place)
        end = verbs[place + 1].group if place + 1 < len(verbs) else len(tokens)
        right = _right(tokens, verb.at + 1, end)
        if verb.lemma in _TAKES_PLACE and (
            verb.lemma != "take" or tokens[verb.at + 1 : verb.at + 2] == [_PLACE]
        ):
            # What takes place is held: by whom is not said.
            made.append(Claim("hold", (), verb.subject, verb.negated, verb.mood, True))
        elif verb.lemma == "take" and any(t.low == "over" for t in tokens[verb.at + 1 : verb.at + 2]):
            made.append(
                Claim("replace", verb.subject, _from(tokens, verb.at + 1, end), verb.negated, verb.mood)
            )
        elif verb.passive:
            made.append(
                Claim(verb.lemma, _by(tokens, verb.at + 1, end), verb.subject, verb.negated, verb.mood, True)
            )
        else:
            beside = _beside(tokens, verb.at + 1, end)
            made.append(Claim(verb.lemma, verb.subject, right, verb.negated, verb.mood, beside=beside))
    return made + _nominal(tokens, known)


def _set_subject(tokens: Sequence[Token], verbs: Sequence[Verb], place: int) -> None:
    verb = verbs[place]
    earlier = verbs[:place]
    previous = earlier[-1] if earlier else None
    start = 0
    for at in range(verb.group - 1, -1, -1):
        if tokens[at].low in STRONG or tokens[at].low in SUBORDINATE:
            start = at + 1
            break
    last = tokens[verb.group - 1].low if verb.group else ""
    if previous is not None and previous.at >= start:
        between = tokens[previous.at + 1 : verb.group]
        if verb.gerund:
            # "By positioning": whoever did the rest. "The brief, mentioning the Union": what stands before.
            before = tokens[verb.group - 1].low
            after_comma = _last_noun_phrase(tokens, previous.at + 1, verb.group - 1) if before == "," else ()
            verb.subject = after_comma or previous.subject
            return
        if verb.infinitive:
            asked = parties(tokens, previous.at + 1, verb.group, aside=True)
            verb.subject = asked if asked and not previous.passive else previous.subject
            return
        if last in CONJUNCTIONS or (last == "," and not verb.reduced and not between[:-1]):
            finite = next((v for v in reversed(earlier) if not v.infinitive and not v.reduced), previous)
            verb.subject = finite.subject
            return
    if last in RELATIVE:
        floor = max([start, *(v.at + 1 for v in earlier)])
        verb.subject = _before_relative(tokens, floor, verb.group - 1)
        return
    stretch = tokens[previous.at : verb.group] if previous is not None else ()
    says_more = previous is not None and previous.bare and previous.lemma not in _REPORTING
    if previous is not None and says_more and verb.helped and not any(t.low == "," for t in stretch):
        # "The assessment conducted by … was reported": the first one only says more of the subject.
        verb.subject = previous.subject
        return
    if previous is not None and previous.at >= start and not verb.reduced and not previous.reduced:
        start = previous.at + 1
        for at in range(verb.group - 1, start - 1, -1):
            if tokens[at].low in (*CONJUNCTIONS, *RELATIVE) and at < verb.group - 1:
                cut = parties(tokens, at + 1, verb.group, aside=True)
                if cut and any(t.low in RELATIVE for t in tokens[at : at + 1]):
                    verb.subject = cut
                    return
    if verb.reduced:
        verb.subject = _last_noun_phrase(tokens, start, verb.group)
        return
    verb.subject = _subject_in(tokens, start, verb.group)


def _subject_in(tokens: Sequence[Token], start: int, end: int) -> tuple[Party, ...]:
    commas = [at for at in range(start, end) if tokens[at].low == ","]
    if commas and commas[-1] == end - 1:
        # "The facilitators, the representatives of Sweden, were …": all of it, but for what opens the sentence.
        first = (
            commas[0] + 1
            if tokens[start].low in ASIDE | {"following", "as", "according"} and len(commas) > 2
            else start
        )
        return parties(tokens, first, end, aside=True)
    first = commas[-1] + 1 if commas else start
    for at in reversed(commas[:-1] if commas else []):
        inside = tokens[at + 1 : first - 1]
        if inside and len(inside) <= 5 and inside[0].low not in ASIDE and any(t.is_name for t in inside):
            first = at + 1
        else:
            break
    if commas and first == commas[0] + 1 and first - 1 - start <= 4 and tokens[start].low not in ASIDE:
        first = start
    return parties(tokens, first, end, aside=True)


def _before_relative(tokens: Sequence[Token], floor: int, end: int) -> tuple[Party, ...]:
    stop = end
    while stop > floor and tokens[stop - 1].low == ",":
        stop -= 1
    if stop < end:
        # After a comma it may go on from any of the nouns before.
        return parties(tokens, floor, stop, aside=False)
    start = stop
    while (
        start > floor
        and tokens[start - 1].low not in (",", *STRONG)
        and tokens[start - 1].low not in ASIDE | {"by", "to", "as"}
    ):
        start -= 1
    return parties(tokens, start, stop, aside=False)


def _last_noun_phrase(tokens: Sequence[Token], floor: int, end: int) -> tuple[Party, ...]:
    start = end
    while (
        start > floor
        and tokens[start - 1].low not in (",", "by", *STRONG)
        and tokens[start - 1].low not in ASIDE
    ):
        start -= 1
    return parties(tokens, start, end, aside=False)


def _right(tokens: Sequence[Token], start: int, end: int) -> tuple[Party, ...]:
    stop = start
    while stop < end and tokens[stop].low not in STRONG and tokens[stop].low not in RELATIVE | SUBORDINATE:
        following = tokens[min(stop + 1, end - 1)].low
        if tokens[stop].low == "," and following.endswith("ing") and following != "including":
            break
        stop += 1
    return parties(tokens, start, stop, aside=True)


def _by(tokens: Sequence[Token], start: int, end: int) -> tuple[Party, ...]:
    at = start
    while at < end and tokens[at].low != "by":
        if tokens[at].low in STRONG:
            return ()
        at += 1
    stop = at + 1
    while (
        stop < end
        and tokens[stop].low not in STRONG | RELATIVE | SUBORDINATE
        and (tokens[stop].low not in ASIDE | {"to", "as"})
    ):
        stop += 1
    return parties(tokens, at + 1, stop, aside=False)


def _beside(tokens: Sequence[Token], start: int, end: int) -> tuple[Party, ...]:
    """Return those after "with", up to the next mark."""
    first = next((at for at in range(start, end) if tokens[at].low in ("with", "alongside")), end)
    stop = first + 1
    while stop < end and tokens[stop].low not in STRONG | RELATIVE | SUBORDINATE | {
        ",",
        "to",
        "for",
        "by",
        "as",
    }:
        stop += 1
    return parties(tokens, first + 1, min(stop, end), aside=False) if first < end else ()


def _from(tokens: Sequence[Token], start: int, end: int) -> tuple[Party, ...]:
    sources = [at for at in range(start, end) if tokens[at].low == "from"]
    if not sources:
        return ()
    stop = sources[0] + 1
    while stop < end and tokens[stop].low not in STRONG | RELATIVE | ASIDE | {",", "as"}:
        stop += 1
    return parties(tokens, sources[0] + 1, stop, aside=False)


def _nominal(tokens: Sequence[Token], known: Lexicon) -> list[Claim]:
    made = []
    for at, token in enumerate(tokens):
        verb = known.nouns.get(token.low)
        if verb is None or token.is_name:
            continue
        following = tokens[at + 1].low if at + 1 < len(tokens) else ""
        stop = at + 2
        while (
            stop < len(tokens)
            and tokens[stop].low not in (ASIDE - {"on"}) | {"for", "to", ",", "about"} | STRONG
        ):
            stop += 1
        agents: tuple[Party, ...] = ()
        if following in ("from", "by") or (following == "of" and verb in ("invite", "ask", "decide")):
            agents = parties(tokens, at + 2, stop, aside=False)
        elif (
            owner := next(
                (n for n in (at - 1, at - 2) if n >= 0 and tokens[n].low.endswith(("'s", "s'"))), -1
            )
        ) >= 0:
            start = owner
            while start and (tokens[start - 1].is_name or tokens[start - 1].low in ("of", "the")):
                start -= 1
            agents = parties(tokens, start, owner + 1, aside=False)
        if agents:
            made.append(Claim(verb, agents, (), False, "now", True))
    return made
