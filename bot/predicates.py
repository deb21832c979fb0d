"""Which words are verbs, and which verbs claim the same.

Loaded from `predicates.toml`; verbs are named by their base form, forms are made by rule or listed there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

Form = Literal["base", "s", "ing", "past", "participle", "ed", "any"]


# These say little by themselves: what they claim is in their nouns.
LIGHT = frozenset(
    "say state note mention remark have make take hold meet include cover concern deal address describe report show"
    " give continue remain keep stay become schedule plan set foresee expect aim intend provide relate exist"
    " stand need add"
    " total amount reach put use occur happen"
    " speak call detail outline list refer count become bring carry"
    " conduct".split()
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`forms`: folded word -> (verb, form), where "ed" is past and participle in one and "any" all
    but "s" and "ing"; `same`: verb -> the verbs that
    claim the same, itself among them; `nouns`: noun of an action -> its verb."""

    forms: Mapping[str, tuple[str, Form]]
    same: Mapping[str, frozenset[str]]
    nouns: Mapping[str, str]

    def agree(self, one: str, other: str) -> bool:
        """Whether two verbs claim the same."""
        return one == other or other in self.same.get(one, ()) or one in self.same.get(other, ())


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Return the verbs."""
    data = tomllib.loads((files("bot") / "predicates.toml").read_text("utf-8"))
    same: dict[str, set[str]] = {}
    for line in data["groups"]:
        first, *others = (verb.strip() for verb in line.split(","))
        # What may stand for the first of a group does not stand for the others: "call" asks and names.
        same.setdefault(first, {first}).update(others)
        for other in others:
            same.setdefault(other, {other}).add(first)
    irregular = {base: (past, participle) for base, past, participle in map(str.split, data["irregular"])}
    forms: dict[str, tuple[str, Form]] = {}
    for verb in same:
        for word, form in _forms(verb, irregular.get(verb)):
            # What is the past of one verb and the base of another ("found") is nearly always the past.
            if word not in forms or (form in ("past", "ed", "participle") and forms[word][1] == "base"):
                forms[word] = (verb, form)
    return Lexicon(forms, {verb: frozenset(group) for verb, group in same.items()}, data["nouns"])


def _forms(verb: str, irregular: tuple[str, str] | None) -> list[tuple[str, Form]]:
    stem = verb[:-1] if verb.endswith("e") else verb
    if verb.endswith("y") and verb[-2] not in "aeiou":
        third, past = f"{verb[:-1]}ies", f"{verb[:-1]}ied"
    else:
        third = f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "z", "o")) else f"{verb}s"
        past = f"{stem}ed"
    ing = f"{stem}ing" if not verb.endswith("ee") else f"{verb}ing"
    made: list[tuple[str, Form]] = [(verb, "base"), (third, "s"), (ing, "ing")]
    if irregular is None:
        return [*made, (past, "ed")]
    own_past, participle = irregular
    if own_past.endswith("ed"):
        made.append((f"{own_past[:-2]}ing", "ing"))
    elif verb[-1] in "tnpm" and verb[-2] in "aeiou" and verb[-3] not in "aeiou":
        made.append((f"{verb}{verb[-1]}ing", "ing"))
    if own_past == participle == verb:
        return [(verb, "any"), *made[1:]]
    if own_past == participle:
        return [*made, (own_past, "ed")]
    return [*made, (own_past, "past"), (participle, "participle")]
