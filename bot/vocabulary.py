"""The words of a sentence against those of a paragraph: which stand there, themselves or as words that say the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from bot.lexicon import relations, synonyms
from bot.predicates import LIGHT, lexicon
from store.terms import STOP_WORDS, stem, terms, words

# What a related word counts beside the word itself.
RELATED = 0.8
# Of two forms of one word so many letters agree, and so much of the longer one: "register", "registration".
_LEAST_ROOT = 5
_ROOT = 0.6
# Words that claim nothing of their own, where the words around them are borne out.
_PLAIN = frozenset(
    stem(word)
    for word in """
    able according accordingly actually additionally ahead alike along already alongside also although amid among
    amongst another anyone apart around aside attention away basis bring case come coming concretely consequently
    course currently day different despite due duly earlier eventually exactly fact far finally following forthcoming
    formerly furthermore going goes go hence hour however including initially instead item kind later latter lie like
    made mainly mean meanwhile month moreover namely namesake near nevertheless next notably now number occasion
    officially one ones original originally others overall own part particular particularly past people period person
    persons place point possible present presently previous previously prior question recent recently regard regarding
    related respective respectively result role run several side since so sort specifically still subsequent
    subsequently subject take taken thereby therefore thereof thing though three thus time times today together
    topic toward towards two turn under underway upcoming upon us various via way week well whether whereas while whole
    within without work worth year yes yet announced about text total amount latest first information according
    matter look looking sum per activity additional aim appear appeared area aspect effort emerge emerged event extra
    field     goal objective ongoing organised organized process progress purpose responsible act serve
    say said tell paragraph passage document foreseen aforementioned jointly instance example view
    name named title entitled called known
    """.split()
)
_SPELLINGS = {
    "programm": "program",
    "centr": "center",
    "colour": "color",
    "labour": "labor",
    "favour": "favor",
}


def content(text: str) -> list[str]:
    """Return the stemmed terms of a text, each once, in order, without numbers."""
    return list(dict.fromkeys(t for t in terms(text) if not t.isdigit()))


def share(wanted: Sequence[str], there: Collection[str], related: float = RELATED) -> float:
    """Return how many of the terms stand there, 0..1; a related word counts `related`."""
    return sum(held(term, there, related) for term in wanted) / len(wanted) if wanted else 0.0


def stated(term: str, there: Collection[str]) -> bool:
    """Whether a term stands there, or one that may stand for it: what is only related does not."""
    return (
        term in there
        or _SPELLINGS.get(term, term) in there
        or any(form <= set(there) for form in synonyms().get(term, ()))
        or any(other in there for other in verbs_like(term))
        or _of_one_root(term, there)
    )


def held(term: str, there: Collection[str], related: float = RELATED) -> float:
    """Return 1 where a term stands there, `related` where one that says the same does, else 0."""
    if term in there or _SPELLINGS.get(term, term) in there:
        return 1.0
    if any(form <= set(there) for form in relations().get(term, ())):
        return related
    if any(other in there for other in verbs_like(term)):
        return related
    return related if _of_one_root(term, there) else 0.0


@lru_cache(maxsize=4096)
def verbs_like(term: str) -> frozenset[str]:
    """Return the stems of the verbs that claim the same as the verb of a stem."""
    return frozenset(stem(words(v)[-1]) for v in lexicon().same.get(_verb_stems().get(term, ""), ()))


@lru_cache(maxsize=4096)
def stems_of(phrase: str) -> frozenset[str]:
    """Return the stems of the words of a name."""
    return frozenset(stem(word) for word in words(phrase))


def plain(term: str) -> bool:
    """Whether a stem is of a word that claims nothing of its own."""
    return term in _PLAIN or term in _light()


def foreign(said: Iterable[str], there: Collection[str]) -> str | None:
    """Return the first word that neither stands there nor says what a word there says, nor is too plain to matter."""
    for word in said:
        term = stem(word)
        if word in STOP_WORDS or word.isdigit() or len(word) < 2 or plain(term):
            continue
        if not stated(term, there):
            return word
    return None


@lru_cache(maxsize=1)
def _verb_stems() -> Mapping[str, str]:
    return {stem(word): verb for word, (verb, _) in lexicon().forms.items()}


@lru_cache(maxsize=1)
def _light() -> frozenset[str]:
    return frozenset(stem(form) for form, (verb, _) in lexicon().forms.items() if verb in LIGHT)


def _of_one_root(term: str, there: Collection[str]) -> bool:
    return any(other[:_LEAST_ROOT] == term[:_LEAST_ROOT] and _one_root(term, other) for other in there)


@lru_cache(maxsize=65536)
def _one_root(one: str, other: str) -> bool:
    agree = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        agree += 1
    short, long = sorted((len(one), len(other)))
    return agree >= max(_LEAST_ROOT, _ROOT * long, short - 2)
