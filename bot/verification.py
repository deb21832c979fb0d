"""Each sentence of a model held against the paragraph that it cites.

Nothing here knows which model wrote it. A sentence is delivered where a retrieved section says the same: its names,
dates, figures and symbols stand there and belong to the same things, who does what to whom agrees, what is denied
there is denied here, and its words are near enough to a sentence there. A sentence that its own section does not
support is given to another one that does; else it is removed, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from bot.answer import Removed
from bot.clauses import Claim, claims
from bot.links import addresses, at_home, unaddressed, without
from bot.parties import Party
from bot.passages import Passage, Reading, read
from bot.pointing import points_back
from bot.proper_names import other_forms
from bot.sentence_check import Sentence, Similarity, closest, objection

__all__ = ["Entails", "Kept", "Passage", "Similarity", "Verifier", "Written"]


# Whether the first text says the second: a model's opinion, heard after all that is checked here.
Entails = Callable[[str, str], bool]

# In characters; the longest sentences of reports have about 500.
_LONGEST = 800


@dataclass(frozen=True, slots=True)
class Written:
    """A sentence as the model wrote it, without markers, and the places of the passages it cites (from 0)."""

    text: str
    cites: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A sentence that is supported: by which passages (places, from 0), and by which stretch of each one's text."""

    text: str
    cites: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


class Verifier:
    """Verifies the sentences of one answer as they come, in order."""

    def __init__(
        self,
        passages: Sequence[Passage],
        similarity: Similarity | None = None,
        entails: Entails | None = None,
        link_hosts: Collection[str] = (),
    ) -> None:
        self._link_hosts = link_hosts
        self._passages = passages
        self._similarity = similarity
        self._entails = entails
        self._kept = ""
        self._forms = other_forms(p.section.text for p in passages)
        self._readings: dict[tuple[int, ...], Reading] = {}
        self._before: tuple[Party, ...] | None = None

    def check(self, written: Written) -> Kept | Removed:
        """Return the sentence with what supports it, or why it is removed."""
        text = without(written.text.strip(), self._allowed(written.text))
        if len(text) > _LONGEST:
            self._before = None
            return Removed(text[:_LONGEST], "it is too long for a sentence")
        if text.endswith(":"):
            # "The two editions were:": what follows is a sentence of its own, or is not there.
            return Removed(text, "it ends before it says anything")
        pointing = points_back(text)
        if pointing and self._before is None:
            return Removed(text, "it points back to a sentence that is not there")
        sentence = self._sentence(text, self._before if pointing else None)
        own = [n for n in dict.fromkeys(written.cites) if 0 <= n < len(self._passages)]
        first = ""
        for cites in self._candidates(own):
            why = self._misled(text, cites) or objection(
                sentence, self._reading(cites), self._forms, self._similarity
            )
            why = why or self._not_entailed(f"{self._kept} {text}" if pointing else text, cites)
            if why is None:
                self._kept = text
                self._before = sentence.subject or self._before or ()
                spans = tuple(closest(sentence, self._reading((n,))) for n in cites)
                return Kept(text, cites, spans)
            first = first or why
        self._before = None
        return Removed(
            text,
            first if own else f"it cites no passage that was found; {first}" if first else "nothing to cite",
        )

    def _allowed(self, text: str) -> set[str]:
        """Return the addresses of a sentence that are on a host of the house or stand in a passage."""
        return {
            address
            for address in addresses(text)
            if at_home(address, self._link_hosts) or any(address in p.section.text for p in self._passages)
        }

    def _misled(self, text: str, cites: Sequence[int]) -> str | None:
        for address in addresses(text):
            stands = any(address in self._passages[n].section.text for n in cites)
            if not stands and not at_home(address, self._link_hosts):
                return "it holds a link or a mention that is not there"
        return None

    def _not_entailed(self, text: str, cites: Sequence[int]) -> str | None:
        """Return why not, where there is a model to ask; a pronoun is given to it with the sentence before."""
        if self._entails is None:
            return None
        premise = "\n".join(
            f"{p.section.heading}\n{p.section.text}".strip() for p in (self._passages[n] for n in cites)
        )
        return None if self._entails(premise, text) else "the passage does not entail it"

    def _candidates(self, own: Sequence[int]) -> list[tuple[int, ...]]:
        together = [tuple(own)] if len(own) > 1 else []
        others = [(n,) for n in range(len(self._passages)) if n not in own]
        return [*((n,) for n in own), *together, *others]

    def _reading(self, cites: tuple[int, ...]) -> Reading:
        if cites not in self._readings:
            self._readings[cites] = read([self._passages[n] for n in cites], self._forms)
        return self._readings[cites]

    def _sentence(self, text: str, before: tuple[Party, ...] | None) -> Sentence:
        said = claims(unaddressed(text))
        carried = before or ()
        if carried and said:
            said[0] = _with_subject(said[0], carried)
        return Sentence(
            unaddressed(text), tuple(said), _subject(said) or carried, tuple(p for p in carried if p.named)
        )


def _subject(said: Sequence[Claim]) -> tuple[Party, ...]:
    if not said:
        return ()
    return said[0].patients if said[0].passive else said[0].agents


def _with_subject(claim: Claim, subject: tuple[Party, ...]) -> Claim:
    """Return the claim with those that its pronoun stands for."""
    if claim.passive:
        return claim if claim.patients else replace(claim, patients=subject)
    return claim if claim.agents else replace(claim, agents=subject)
