"""Labels for the dates of sections: what was said before, else asked of the labeller, a few sections at a time."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from ingest.events.labels.labels import DatedSection, Label, Labeller, Reply
from ingest.report import Labelling, Listener, Progress
from store.catalog.labels import known_labels, save_labels
from store.catalog.reading import Catalog
from store.records import digest

_AT_A_TIME = 4
# After so many failures one after another no more is asked: a provider that is down costs its time limit a few times.
_FAILURES = 5
_GIVEN_UP = "it failed too often, and was asked no more"
_REASONS = 3


@dataclass(frozen=True, slots=True)
class Said:
    """The labels by the sections' ids, and the ids of the sections of which some were left to the rules."""

    labels: Mapping[str, Sequence[Label]] = field(default_factory=dict)
    to_rules: frozenset[str] = frozenset()


def key_of(name: str, shown: DatedSection) -> str:
    """Return what the reply of the labeller of this name to a section is kept by."""
    return digest(
        name, shown.document, shown.dated, shown.heading, shown.text, str(shown.first), *shown.expressions
    )


def remembered(catalog: Catalog, name: str, sections: Sequence[tuple[str, DatedSection]]) -> Said:
    """Return what the labeller of this name said before; nobody is asked."""
    return _Asking(catalog, name, sections).said()


def ask(
    catalog: Catalog, labeller: Labeller, sections: Sequence[tuple[str, DatedSection]], tell: Listener
) -> tuple[Said, Labelling]:
    """Return the labels of sections, each with its id, and what was asked for them.

    Every reply is kept as it comes. A labeller that fails, in whatever way, leaves its section to the rules.
    """
    asking = _Asking(catalog, labeller.name, sections)
    wanted = asking.wanted()
    why: Counter[str] = Counter()
    read = wrote = 0
    if wanted:
        tell(Progress("label", 0, len(wanted)))
    for done, (place, reply) in enumerate(_replies(labeller, list(wanted.values())), start=1):
        read, wrote = read + reply.read, wrote + reply.wrote
        if reply.labels is None:
            why[reply.why] += 1
        else:
            asking.keep(list(wanted)[place], reply.labels)
        tell(Progress("label", done, len(wanted)))
    said = asking.said()
    asked = asking.sections_of(wanted)
    report = Labelling(
        labeller.model,
        asked=len(asked - said.to_rules),
        kept=len(asking.sections_of(asking.keys.values()) - asked),
        to_rules=len(said.to_rules),
        why=tuple(reason for reason, _ in why.most_common(_REASONS)),
        read=read,
        wrote=wrote,
    )
    return said, report


class _Asking:
    """Sections, the keys of what is shown of them, and what is known for these."""

    def __init__(self, catalog: Catalog, name: str, sections: Sequence[tuple[str, DatedSection]]) -> None:
        self._catalog = catalog
        self._sections = sections
        self.keys = {shown: key_of(name, shown) for _, shown in sections}
        self._known = known_labels(catalog, self.keys.values())

    def wanted(self) -> dict[str, DatedSection]:
        """Return key -> what has to be shown; the same text once."""
        return {key: shown for shown, key in self.keys.items() if key not in self._known}

    def keep(self, key: str, labels: Sequence[Label]) -> None:
        rows = [asdict(label) for label in labels]
        section_id = next(i for i, shown in self._sections if self.keys[shown] == key)
        save_labels(self._catalog, key, section_id, rows)
        self._known[key] = rows

    def said(self) -> Said:
        labels: dict[str, list[Label]] = {}
        to_rules: set[str] = set()
        for section_id, shown in self._sections:
            rows = self._known.get(self.keys[shown])
            if rows is None:
                to_rules.add(section_id)
            else:
                labels.setdefault(section_id, []).extend(Label(**row) for row in rows)
        return Said(labels, frozenset(to_rules))

    def sections_of(self, keys: Iterable[str]) -> set[str]:
        chosen = set(keys)
        return {section_id for section_id, shown in self._sections if self.keys[shown] in chosen}


def _replies(labeller: Labeller, sections: Sequence[DatedSection]) -> Iterator[tuple[int, Reply]]:
    """Yield (place, reply) as replies come; asked by daemons, since a pool would delay the end of the program."""
    places = iter(range(len(sections)))
    replies: queue.SimpleQueue[tuple[int, Reply]] = queue.SimpleQueue()
    lock = threading.Lock()
    failures = 0
    left = False

    def work() -> None:
        nonlocal failures
        while True:
            with lock:
                place = None if left else next(places, None)
                given_up = failures >= _FAILURES
            if place is None:
                return
            reply = Reply(None, _GIVEN_UP) if given_up else _one(labeller, sections[place])
            with lock:
                failures = 0 if reply.labels is not None else failures + 1
            replies.put((place, reply))

    try:
        for _ in range(min(_AT_A_TIME, len(sections))):
            threading.Thread(target=work, name="labeller", daemon=True).start()
        for _ in sections:
            yield replies.get()
    finally:
        with lock:
            left = True


def _one(labeller: Labeller, shown: DatedSection) -> Reply:
    try:
        return labeller.label(shown)
    except Exception as error:
        # Whatever it is: the rules have an answer, and the ingest goes on.
        return Reply(None, f"{labeller.model} failed ({type(error).__name__})")
