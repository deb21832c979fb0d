"""Whether a sentence and a paragraph agree on who does what to whom, on whether it is so, and on whether it is done."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from bot.clauses import Claim
from bot.lexicon import relations
from bot.parties import Party
from bot.predicates import LIGHT, lexicon
from bot.proper_names import inflected
from bot.vocabulary import stated, stems_of
from store.terms import stem, words

# Who does it is also whom it is done with.
_MUTUAL = frozenset(
    "meet collaborate cooperate work partner co-lead co-chair negotiate consult discuss exchange"
    " share merge join".split()
)
# Words which say that somebody held a place before: the one who is replaced.
_FORMER = frozenset(
    stem(w) for w in "former previous outgoing predecessor retired retire replaced succeeded".split()
)
_SET = frozenset(("hold", "schedule"))
# What is to come may be said of these in the present: "it opens in May".
_HAPPENS = frozenset("begin start open close end finish convene run follow last mark feature".split())
_SUCCEEDS = frozenset("replace succeed supersede".split())
# Of the parties of a verb so many words have to stand in one sentence with it.
_TOGETHER = 0.6


def disagreement(
    said: Sequence[Claim], there: Sequence[Claim], forms: Mapping[str, Collection[str]], text: str
) -> str | None:
    """Return what the claims `said` get wrong of those `there` in the paragraph `text`, or None.

    What the paragraph does not speak of at all is left to other checks; but a claim between two named parties
    has to be there.
    """
    for claim in said:
        rivals = _rivals(claim, there)
        if claim.verb in _SUCCEEDS and not rivals:
            wrong = _succession(claim, text)
        elif rivals:
            wrong = (
                _polarity(claim, rivals)
                or _mood(claim, rivals)
                or (None if _told_by_noun(claim, rivals, there) else _roles(claim, rivals, forms))
                or _bystander(claim, rivals, text, forms)
                or _scattered(claim, rivals, forms)
            )
        else:
            wrong = _unauthored(claim, text)
        if wrong:
            return wrong
    return None


def _unauthored(claim: Claim, text: str) -> str | None:
    """Return who is said to do what only a noun tells there, and of whom: "following their reappointment"."""
    if not claim.patients or not claim.agents:
        return None
    nouns = "|".join(noun for noun, verb in lexicon().nouns.items() if verb == claim.verb)
    if nouns and re.search(rf"\b(?:their|its|his|her)\s(?:{nouns})\b", text, re.I):
        return f"who is said to “{claim.verb}” is not said there"
    return None


def _rivals(claim: Claim, there: Sequence[Claim]) -> list[Claim]:
    """Return the claims of the same verb, or where there is none, of verbs that claim the same."""
    own = [c for c in there if c.verb == claim.verb]
    if claim.verb in _SET and claim.mood != "done":
        own = []  # "held" and "scheduled" say the same of a conference
    return own or [c for c in there if lexicon().agree(claim.verb, c.verb)]


def _told_by_noun(claim: Claim, rivals: Sequence[Claim], there: Sequence[Claim]) -> bool:
    """Whether a sentence there holds the verb as a noun, and who does it: "was confirmed in the chair"."""
    if any(r.verb == claim.verb for r in rivals) or claim.passive:
        return False
    noun = stem(words(claim.verb)[-1])
    return any(noun in c.own and any(p.named and set(p.words) <= c.own for p in claim.agents) for c in there)


def _bystander(
    claim: Claim, rivals: Sequence[Claim], text: str, forms: Mapping[str, Collection[str]]
) -> str | None:
    """Return the verb of which a noun of the sentence is made the author that is named otherwise there."""
    own = [r for r in rivals if r.verb == claim.verb]
    if (
        claim.verb in LIGHT | _MUTUAL
        or claim.passive
        or len(claim.agents) != 1
        or claim.agents[0].named
        or not own
    ):
        return None
    party = claim.agents[0]
    if any(not any(p.named for p in r.agents) or _among(party, r.agents, forms) for r in own):
        return None
    noun = re.escape(party.words[-1])
    stands_for = re.search(rf"(?:\bas|,|\()\s(?:the\s|a\s)?(?:[\w-]+\s)?(?:co-)?{noun}", text, re.I)
    if stands_for is None and any(set(party.words) <= r.own for r in own):
        return f"it is somebody else who is said to “{claim.verb}”"
    return None


def _polarity(claim: Claim, rivals: Sequence[Claim]) -> str | None:
    if any(rival.negated == claim.negated for rival in rivals):
        return None
    if claim.verb in LIGHT and not any(r.verb == claim.verb for r in rivals):
        return None
    return f"“{claim.verb}” is {'affirmed' if claim.negated else 'denied'} there"


def _mood(claim: Claim, rivals: Sequence[Claim]) -> str | None:
    # What did not take place and is yet to take place has not taken place.
    rivals = [rival for rival in rivals if rival.negated == claim.negated] or rivals
    moods = {rival.mood for rival in rivals if rival.verb == claim.verb} or {rival.mood for rival in rivals}
    if claim.mood == "done" and moods <= {"planned", "possible"}:
        return f"“{claim.verb}” is not yet done there"
    if claim.mood == "now" and moods <= {"planned", "possible"} and claim.verb not in LIGHT | _HAPPENS:
        return f"“{claim.verb}” is not yet so there"
    if claim.mood == "planned" and moods == {"possible"}:
        return f"“{claim.verb}” is only possible there"
    return None


def _roles(claim: Claim, rivals: Sequence[Claim], forms: Mapping[str, Collection[str]]) -> str | None:
    if claim.verb in _MUTUAL:
        return None
    for party, place, other in [
        *((p, "agents", "patients") for p in claim.agents),
        *((p, "patients", "agents") for p in claim.patients),
    ]:
        if any(_among(party, getattr(rival, place), forms) for rival in rivals):
            continue
        # "Readings concluded" and "readings were concluded" say the same: somebody else has to be spoken of,
        # and none of them may stand where it stands there.
        opposite = [
            r
            for r in rivals
            if _among(party, getattr(r, other), forms)
            and getattr(claim, other)
            and (
                (party.named and place == "agents" and not r.agents)
                or not _among(getattr(claim, other)[0], getattr(r, other), forms)
            )
            and not _says_more_of(party, getattr(claim, place), getattr(r, place), forms)
        ]
        if opposite and (party.named or not any(p.named for p in (*claim.agents, *claim.patients))):
            return f"the roles in “{claim.verb}” are exchanged"
    own = [
        r
        for r in rivals
        if (r.verb == claim.verb or (claim.verb in _SET and claim.mood != "done"))
        and r.negated == claim.negated
    ]
    named = [p for p in claim.agents if p.named]
    unsaid = own and all(r.passive and not r.agents for r in own)
    if unsaid and any(not any(set(p.words) & r.own for r in own) for p in named):
        return f"who is said to “{claim.verb}” is not said there"
    heavy = own and claim.verb not in LIGHT
    if heavy and any(not any(set(p.words) & _spelt_around(r, forms) for r in own) for p in named):
        return f"what is said to “{claim.verb}” is not said together there"
    if any(_beside(p, r, forms) for r in own for p in claim.agents) and all(r.agents for r in own):
        return f"it is somebody else who is said to “{claim.verb}”"
    if named and _with_others(claim, own, forms):
        return f"it is somebody else who is said to “{claim.verb}”"
    if _another(claim.agents, [r.agents for r in own or rivals], forms):
        return f"it is somebody else who is said to “{claim.verb}”"
    if claim.passive and own and _another(claim.patients, [r.patients for r in own], forms):
        return f"“{claim.verb}” is said of something else"
    return None


def _says_more_of(
    party: Party, parties: Sequence[Party], theirs: Sequence[Party], forms: Mapping[str, Collection[str]]
) -> bool:
    """Whether a name only says more of the noun after it, "the SIDS conference", and that noun is so placed there."""
    following = parties[parties.index(party) + 1 :][:1]
    return party.named and any(not p.named and _among(p, theirs, forms) for p in following)


def _beside(party: Party, rival: Claim, forms: Mapping[str, Collection[str]]) -> bool:
    """Whether a noun is no author there but stands with the authors: "in collaboration with the institutions"."""
    return _among(party, rival.beside, forms) and not _among(party, rival.agents, forms)


def _with_others(claim: Claim, own: Sequence[Claim], forms: Mapping[str, Collection[str]]) -> bool:
    """Whether what is done to the same is done by named others there, and not by any of those who are named here."""
    told = [r for r in own if any(p.named for p in r.agents)]
    named = [p for p in claim.agents if p.named]
    if not told or any(_among(p, r.agents, forms) for p in named for r in told):
        return False
    silent = [_spelt_around(r, forms) for r in own if not any(p.named for p in r.agents)]
    return bool(claim.patients) and not any(set(p.words) <= around for p in named for around in silent)


def _spelt_around(rival: Claim, forms: Mapping[str, Collection[str]]) -> set[str]:
    """Return the words of a claim's sentence, with the other forms of its names."""
    joined = {
        word
        for name, others in forms.items()
        if stems_of(name) <= rival.around
        for other in others
        for word in stems_of(other)
    }
    editions = {f"{word}{n}" for word in rival.around for n in range(1, 10)}
    return set(rival.around) | joined | editions


def _another(
    parties: Sequence[Party], theirs: Sequence[Sequence[Party]], forms: Mapping[str, Collection[str]]
) -> bool:
    """Whether names are here, and only other names there; where one leaves them open, these may be meant."""
    named = [p for p in parties if p.named]
    if not named or any(_among(p, others, forms) for p in named for others in theirs):
        return False
    return all(any(p.named for p in others) for others in theirs)


def _scattered(claim: Claim, rivals: Sequence[Claim], forms: Mapping[str, Collection[str]]) -> str | None:
    """Return the verb whose parties stand in no one sentence with it: each is there, but not together."""
    if claim.verb in LIGHT or not any(r.verb == claim.verb for r in rivals):
        return None
    wanted = {word for p in (*claim.agents, *claim.patients) for word in p.words}
    if len(wanted) < 2:
        return None
    spelt = [_spelt_around(rival, forms) for rival in rivals]
    shares = [sum(_stands(word, around, forms) for word in wanted) / len(wanted) for around in spelt]
    return f"what is said to “{claim.verb}” is not said together there" if max(shares) < _TOGETHER else None


def _stands(word: str, around: Collection[str], forms: Mapping[str, Collection[str]]) -> bool:
    if word in around or any(relation <= set(around) for relation in relations().get(word, ())):
        return True
    return any({stem(w) for w in words(form)} <= set(around) for form in forms.get(word, ()))


def _among(party: Party, parties: Sequence[Party], forms: Mapping[str, Collection[str]]) -> bool:
    return any(_same(party, other, forms) for other in parties)


def _same(one: Party, other: Party, forms: Mapping[str, Collection[str]]) -> bool:
    a, b = set(one.words), set(other.words)
    if a == b or ((a <= b or b <= a) and one.words[-1] == other.words[-1]):
        return True
    if one.named and other.named and any(_edition(x, b) or _edition(y, a) for x in a for y in b):
        return True
    if one.words[0] == other.words[0] and (a <= b or b <= a) and not (one.named and other.named):
        return True
    if one.named and other.named and any(x != y and inflected(x, y) for x in a for y in b):
        return True  # "Brazil's presidency", "the Brazilian Presidency"
    return _spelt(one, other, forms) or _spelt(other, one, forms)


def _edition(word: str, others: Collection[str]) -> bool:
    """Whether a word is one of the others with the number of an edition: SIDS4, of the conference on SIDS."""
    name = word.rstrip("0123456789")
    return name != word and len(name) > 1 and stem(name) in others


def _spelt(short: Party, long: Party, forms: Mapping[str, Collection[str]]) -> bool:
    for word in short.words:
        for form in forms.get(word, ()):
            stems = {stem(w) for w in words(form)}
            if len(stems & set(long.words)) >= max(1, len(stems) - 1):
                return True
    return False


def _succession(claim: Claim, text: str) -> str | None:
    """Return why nobody is said to follow another: who is replaced has to be called former, and the other not."""
    stems = [stem(w) for w in words(text)]
    old = [p for p in claim.patients if p.named]
    new = [p for p in claim.agents if p.named]
    if old and not any(_called_former(p, stems) for p in old):
        return "nobody there is said to be replaced"
    if any(_called_former(p, stems) and not _called_new(p, stems) for p in new):
        return "the roles in “replace” are exchanged"
    return None


def _called_former(party: Party, stems: Sequence[str]) -> bool:
    return _near(party, stems, _FORMER, reach=16)


def _called_new(party: Party, stems: Sequence[str]) -> bool:
    return _near(party, stems, frozenset(stem(w) for w in ("new", "newly", "appointed")), reach=16)


def _near(party: Party, stems: Sequence[str], cues: Collection[str], reach: int) -> bool:
    at = [n for n, s in enumerate(stems) if s in party.words]
    return any(0 < n - m <= reach for n in at for m, s in enumerate(stems) if s in cues)


def unsupported_verb(
    said: Sequence[Claim],
    held: Collection[str],
    spoken: Collection[str],
    there: Sequence[Claim],
) -> str | None:
    """Return the verb of a claim that neither stands in the paragraph nor is like one there, or None.

    `held` are the stemmed terms of the paragraph, `spoken` its folded words.
    """
    for claim in said:
        if claim.verb in LIGHT:
            continue
        stemmed = stem(words(claim.verb)[-1])
        if any(lexicon().agree(claim.verb, c.verb) for c in there):
            continue
        same = lexicon().same.get(claim.verb, frozenset()) - {claim.verb}
        if any(stem(words(verb)[-1]) in held for verb in same):
            continue
        if (stated(stemmed, held) and not _only_told_as_quality(stemmed, spoken)) or _as_verb(
            claim.verb, spoken
        ):
            continue
        return claim.verb
    return None


def _only_told_as_quality(stemmed: str, spoken: Collection[str]) -> bool:
    """Whether a verb's stem is there in words like "connectivity" alone, which tell of nothing that is done."""
    same = [word for word in spoken if stem(word) == stemmed]
    return bool(same) and all(word.endswith(("ivity", "ive", "able", "ability")) for word in same)


def _as_verb(verb: str, spoken: Collection[str]) -> bool:
    """Whether a form of a verb that claims the same is among the words: "led", of "co-lead"."""
    known = lexicon()
    return any(word in known.forms and known.agree(verb, known.forms[word][0]) for word in spoken)
