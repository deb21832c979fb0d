"""What speaks against a sentence, held against one paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from bot.bindings import belongs_elsewhere, spot
from bot.clauses import Claim
from bot.counting import another_verbs, counted, counts_something_else
from bot.dates_agreement import facts_for, in_passage, matching, superseded
from bot.figures import Figure, figures
from bot.offices import held_office
from bot.parties import Party
from bot.passages import Reading, calendar_spans, dates_of
from bot.places import place_of_another, turned_round
from bot.polarity import polarity
from bot.predicates import lexicon
from bot.proper_names import proper_names, symbols
from bot.respectively import crossed
from bot.role_agreement import disagreement, unsupported_verb
from bot.scope import overstated
from bot.vocabulary import content, foreign, plain, share, verbs_like
from ingest.dates import DateExpression
from store.terms import stem, terms, words

Similarity = Callable[[str, str], float]

# Of the sentence's terms, so many have to stand in three sentences in a row of the paragraph, and in all of it.
_NEAR = 0.5
_ANYWHERE = 0.7
# A cosine above the first makes up for some of the words; below the second the paragraph speaks of something else.
_ALIKE = 0.75
_UNLIKE = 0.3
_LEAST_NEAR = 0.4
_WINDOW = 3
_LEAST_TERMS = 2
# What a related word counts where a quote is chosen, which should hold the word itself.
_RELATED_IN_QUOTE = 0.5
_EDITION = re.compile(r"\b([A-Z]{2,})-?(\d{1,2})\b")
_CLOCK = re.compile(r"(?<![\d:])\d{1,2}:\d{2}(?![\d:])")
_AT_FIRST = re.compile(r"first (?:planned|scheduled|foreseen|set|announced|expected)\b", re.I)
_NEARLY = 0.9
_LINK = re.compile(r"\S+@\S+\.\w+|<[!@#]\S*|@(?:here|channel|everyone)\b", re.I)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence to be checked. `subject` is what it speaks of; `carried` are the names its pronoun stands for."""

    text: str
    claims: tuple[Claim, ...]
    subject: tuple[Party, ...] = ()
    carried: tuple[Party, ...] = ()


def objection(
    sentence: Sentence,
    there: Reading,
    forms: Mapping[str, Collection[str]],
    similarity: Similarity | None = None,
) -> str | None:
    """Return the first thing that the paragraph does not bear out, or None where it says it all."""
    text = sentence.text
    dates = dates_of(text, there.document)
    numbers = figures(text, [*calendar_spans(dates), *(m.span() for m in _LINK.finditer(text))])
    return (
        _links(text, there)
        or _names(sentence, numbers, there)
        or _dates(text, dates, there)
        or _figures(text, numbers, there)
        or _support(sentence, there, similarity)
        or _edition(sentence, there)
        or polarity(text, there.text)
        or held_office(text, there.text, forms)
        or disagreement(sentence.claims, there.claims, forms, there.text)
        or _verbs(sentence, there)
        or overstated(text, there.text)
        or _foreign(sentence, [*(d.span for d in dates), *(n.span for n in numbers)], there, forms)
        or crossed(text, there.text)
        or place_of_another(text, dates, there.text, there.dates)
        or turned_round(text, there.text)
        or _bindings(text, dates, numbers, there)
    )


def closest(sentence: Sentence, there: Reading) -> tuple[int, int]:
    """Return the stretch of the paragraph's text that is nearest to the sentence: one sentence, or two in a row."""
    wanted = content(sentence.text)
    single = [(share(wanted, _stems(there, n, n + 1), _RELATED_IN_QUOTE), n) for n in range(len(there.spans))]
    if not single:
        return (0, len(there.text))
    best, at = max(single, key=lambda pair: (pair[0], -pair[1]))
    for n in (at - 1, at + 1):
        if 0 <= n < len(there.spans):
            first, last = sorted((n, at))
            if share(wanted, _stems(there, first, last + 1), _RELATED_IN_QUOTE) > best + 0.2:
                return (there.spans[first][0], there.spans[last][1])
    return there.spans[at]


def _links(text: str, there: Reading) -> str | None:
    for match in _LINK.finditer(text):
        if match.group().rstrip(".,;)").casefold() not in there.text.casefold():
            return "it holds a link or a mention that is not there"
    return None


def _names(sentence: Sentence, numbers: Collection[Figure], there: Reading) -> str | None:
    for symbol in symbols(sentence.text):
        if not there.names.knows_symbol(symbol):
            return f"“{symbol}” is not there"
    for name in proper_names(sentence.text, there.names.small):
        if any(a <= name.span[0] and name.span[1] <= b for a, b in (n.span for n in numbers)):
            continue  # "Swiss francs"
        if not there.names.knows(name):
            return f"“{name.text}” is not there"
    for party in sentence.carried:
        if (
            not any(stem(word) in party.words for word in there.names.all)
            and not set(party.words) <= there.stems
        ):
            return "what it points back to is not there"
    return None


def _dates(text: str, dates: Collection[DateExpression], there: Reading) -> str | None:
    for clock in _CLOCK.finditer(text):
        digits = clock.group().replace(":", "").lstrip("0")
        if not re.search(rf"(?<!\d)0?{digits}(?!\d)", there.text.replace(":", "")):
            return f"the time “{clock.group()}” is not there"
    for found in dates:
        # A document of 29 April 2024 is no source for what came about in April 2024, nor for what did on that day.
        facts = facts_for(found, text, there.fact_dates, there.document.date)
        if not in_passage(found, text, (*there.dates, *facts), there.text):
            return f"the date “{found.text}” is not there"
    return None


def _figures(text: str, numbers: Collection[Figure], there: Reading) -> str | None:
    for figure in numbers:
        known = [*there.figures, *there.title_figures]
        if any(figure.equals(other) for other in known) or _ordinary(figure, text, there):
            continue
        return f"the figure “{text[slice(*figure.span)]}” is not there"
    return None


def _ordinary(figure: Figure, text: str, there: Reading) -> bool:
    """Whether a figure is one that the paragraph says with another word."""
    if figure.unit == "ordinal" and figure.value == 1:
        if _AT_FIRST.match(text, figure.span[0]) and {"plan", "initi", "origin", "foreseen"} & there.stems:
            return True
        return bool({"initi", "inaugur", "origin"} & there.stems) or "first" not in text.casefold()
    if figure.unit == "" and _enumerated(text, figure):
        return True
    if figure.unit == "" and figure.value == 2:
        return (
            bool({"both", "respect", "bi"} & set(words(there.text))) or "two" in text.casefold().split()[-3:]
        )
    # Years within names ("SDG Digital 2024") and dates.
    return figure.unit == "" and any(
        d.start and d.start.year == figure.value for d in (*there.dates, *there.fact_dates)
    )


def _enumerated(text: str, figure: Figure) -> bool:
    """Whether a number only counts what the sentence lists: "three tracks: access, measurement and affordability"."""
    _, colon, items = text[figure.span[1] :].partition(":")
    listed = re.split(r",\s(?:and\s|or\s)?|\s(?:and|or)\s", items)
    named = [item for item in listed if any(not plain(term) for term in terms(item))]
    return bool(colon) and figure.value == len(named)


def _stems(there: Reading, first: int, last: int) -> set[str]:
    return set(terms(there.text[there.spans[first][0] : there.spans[last - 1][1]]))


def _support(sentence: Sentence, there: Reading, similarity: Similarity | None) -> str | None:
    wanted = content(sentence.text)
    counts = bool(figures(sentence.text)) and set(wanted) <= there.stems
    if len(wanted) < _LEAST_TERMS or (not sentence.claims and len(wanted) < 2 * _LEAST_TERMS and not counts):
        return "it says nothing that could be held against the passage"
    wanted = [term for term in wanted if not plain(term)] or wanted
    windows = [(n, min(n + _WINDOW, len(there.spans))) for n in range(max(1, len(there.spans) - _WINDOW + 1))]
    # Names have been found there, in this form or another.
    sure = _facts(there) | {
        stem(w) for name in proper_names(sentence.text, there.names.small) for w in name.words
    }
    near, place = max((share(wanted, _stems(there, a, b) | sure), (a, b)) for a, b in windows if b)
    everywhere = share(wanted, there.stems | sure)
    enough = near >= _NEAR and everywhere >= _ANYWHERE
    if similarity is not None:
        cosine = similarity(sentence.text, there.text[slice(*closest(sentence, there))])
        if cosine < (_UNLIKE if enough else _ALIKE):
            # Only where it decides: the stretch is long, and most of what a check takes is to embed it.
            start, end = there.spans[place[0]][0], there.spans[place[1] - 1][1]
            cosine = max(cosine, similarity(sentence.text, there.text[start:end]))
        if cosine < _UNLIKE:
            return "no sentence there is like it"
        if cosine >= _ALIKE:
            enough = near >= _LEAST_NEAR and everywhere >= _ANYWHERE - (_NEAR - _LEAST_NEAR)
    return None if enough else "too few of its words are there"


def _facts(there: Reading) -> set[str]:
    return set(terms(there.document.title))


def _verbs(sentence: Sentence, there: Reading) -> str | None:
    verb = unsupported_verb(sentence.claims, there.stems, there.names.all, there.claims)
    return f"nothing there says “{verb}”" if verb else None


def _spelt(text: str, forms: Mapping[str, Collection[str]], there: Reading) -> frozenset[str]:
    """Return the words of the names that the sentence spells out and the paragraph abbreviates, or the reverse."""
    folded = f" {' '.join(words(text))} "
    return frozenset(
        word
        for phrase, others in forms.items()
        if f" {phrase} " in folded and any(set(other.split()) <= there.names.all for other in others)
        for word in phrase.split()
    )


def _foreign(
    sentence: Sentence,
    counted: Iterable[tuple[int, int]],
    there: Reading,
    forms: Mapping[str, Collection[str]],
) -> str | None:
    """Return the word that has no word there; names, dates and figures have been looked for."""
    text = sentence.text
    skip = [*counted, *(n.span for n in proper_names(text, there.names.small))]
    said = (
        word
        for token in re.finditer(r"[\w’'-]+", text)
        if not any(a <= token.start() < b for a, b in skip)
        for word in words(token.group())
    )
    known = lexicon()
    verbs = {known.forms[w][0] for w in there.names.all if w in known.forms}
    # The verbs of its claims have been held against those there.
    told = {c.verb for c in sentence.claims}
    said = (
        w
        for w in said
        if w not in known.forms
        or (known.forms[w][0] not in told and not any(known.agree(known.forms[w][0], verb) for verb in verbs))
    )
    word = foreign((w for w in said if w not in _spelt(text, forms, there)), there.stems)
    return f"“{word}” is not there" if word else None


def _edition(sentence: Sentence, there: Reading) -> str | None:
    """Return which edition is taken for another: what is said of CSW68 is not said of CSW67."""
    said = _EDITION.findall(sentence.text)
    if not said:
        return None
    nearest = there.text[slice(*closest(sentence, there))]
    wanted = content(sentence.text)
    shares = [share(wanted, _stems(there, n, n + 1)) for n in range(len(there.spans))]
    for name, number in said:
        own = [
            shares[n]
            for n, (a, b) in enumerate(there.spans)
            if (name, number) in _EDITION.findall(there.text[a:b])
        ]
        if max(own, default=0.0) >= _NEARLY * max(shares):
            continue
        others = {n for other, n in _EDITION.findall(nearest) if other == name}
        if others and number not in others:
            return f"“{name}{number}” is another edition there"
    return None


def _bindings(
    text: str, dates: Collection[DateExpression], numbers: Collection[Figure], there: Reading
) -> str | None:
    skip = [d.span for d in dates]
    theirs = [d.span for d in there.dates]
    at = partial(spot, there.text, skip=[*theirs, *(f.span for f in there.figures)])
    for found in dates:
        own = [d.span for d in there.dates if matching(found, d)]
        others = [d.span for d in there.dates if d.start and not matching(found, d)]
        if own and all(superseded(found, text, d, there.text) for d in there.dates if matching(found, d)):
            return f"“{found.text}” no longer holds there"
        by = spot(text, found.span, skip)
        if belongs_elsewhere(by, [at(s) for s in own], [at(s) for s in others], verbs_like):
            return f"“{found.text}” belongs to something else there"
    for figure in numbers:
        if _enumerated(text, figure):
            continue
        if figure.unit in ("", "ordinal"):
            wrong = counts_something_else(text, figure, there.text, there.figures, verbs_like)
            alike = [
                f
                for f in there.figures
                if f.unit == figure.unit and counted(there.text, f) & counted(text, figure)
            ]
            if not wrong and len(alike) > 1 and any(figure.equals(f) for f in alike):
                # "Eight grants, which brings the number to 31 grants": what is said around them tells them apart.
                by = spot(text, figure.span, [*skip, *(n.span for n in numbers)])
                wrong = belongs_elsewhere(
                    by,
                    [at(f.span) for f in alike if figure.equals(f)],
                    [at(f.span) for f in alike if not figure.equals(f)],
                    verbs_like,
                )
        else:
            by = spot(text, figure.span, [*skip, *(n.span for n in numbers)])
            same = [at(f.span) for f in there.figures if figure.equals(f)]
            rivals = [at(f.span) for f in there.figures if f.unit == figure.unit and not figure.equals(f)]
            wrong = belongs_elsewhere(by, same, rivals, verbs_like)
        if wrong or (
            figure.unit not in ("", "ordinal") and another_verbs(text, figure, there.text, there.figures)
        ):
            return f"“{text[slice(*figure.span)]}” counts something else there"
    return None
