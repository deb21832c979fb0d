"""Labels for the dates of sections: those of earlier ingests, else asked of the labeller, a few sections at a time."""

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
# After so many failures in a row no more is asked: otherwise each section would wait for a provider that is down.
_FAILURES = 5
_GIVEN_UP = "it failed too often, and was asked no more"
_REASONS = 3


@dataclass(frozen=True, slots=True)
class SectionLabels:
    """Labels by section id, and the ids of the sections of which some dates are left to the rules."""

    labels: Mapping[str, Sequence[Label]] = field(default_factory=dict)
    to_rules: frozenset[str] = frozenset()


def label_key(name: str, shown: DatedSection) -> str:
    """Return the key under which the reply of the labeller of this name to a section is stored."""
    return digest(
        name, shown.document, shown.dated, shown.heading, shown.text, str(shown.first), *shown.expressions
    )


def stored_labels(catalog: Catalog, name: str, sections: Sequence[tuple[str, DatedSection]]) -> SectionLabels:
    """Return the stored labels of the labeller of this name; nobody is asked."""
    return _LabelCache(catalog, name, sections).labels()


def label_sections(
    catalog: Catalog, labeller: Labeller, sections: Sequence[tuple[str, DatedSection]], tell: Listener
) -> tuple[SectionLabels, Labelling]:
    """Return the labels of sections, which come with their ids, and the figures of the labelling.

    Every reply is stored as it comes. A section for which the labeller fails is left to the rules.
    """
    cache = _LabelCache(catalog, labeller.name, sections)
    wanted = cache.missing()
    why: Counter[str] = Counter()
    read = wrote = 0
    if wanted:
        tell(Progress("label", 0, len(wanted)))
    for done, (place, reply) in enumerate(_replies(labeller, list(wanted.values())), start=1):
        read, wrote = read + reply.read, wrote + reply.wrote
        if reply.labels is None:
            why[reply.why] += 1
        else:
            cache.save(list(wanted)[place], reply.labels)
        tell(Progress("label", done, len(wanted)))
    labels = cache.labels()
    asked = cache.sections_of(wanted)
    report = Labelling(
        labeller.model,
        asked=len(asked - labels.to_rules),
        kept=len({section_id for section_id, _ in sections} - asked),
        to_rules=len(labels.to_rules),
        why=tuple(reason for reason, _ in why.most_common(_REASONS)),
        read=read,
        wrote=wrote,
    )
    return labels, report


class _LabelCache:
    """The stored labels of sections, by the keys of what the labeller is shown."""

    def __init__(self, catalog: Catalog, name: str, sections: Sequence[tuple[str, DatedSection]]) -> None:
        self._catalog = catalog
        self._sections = sections
        self.keys = {shown: label_key(name, shown) for _, shown in sections}
        self._known = known_labels(catalog, self.keys.values())

    def missing(self) -> dict[str, DatedSection]:
        """Return key -> what the labeller has to be shown; equal ones once."""
        return {key: shown for shown, key in self.keys.items() if key not in self._known}

    def save(self, key: str, labels: Sequence[Label]) -> None:
        rows = [asdict(label) for label in labels]
        section_id = next(i for i, shown in self._sections if self.keys[shown] == key)
        save_labels(self._catalog, key, section_id, rows)
        self._known[key] = rows

    def labels(self) -> SectionLabels:
        labels: dict[str, list[Label]] = {}
        to_rules: set[str] = set()
        for section_id, shown in self._sections:
            rows = self._known.get(self.keys[shown])
            if rows is None:
                to_rules.add(section_id)
            else:
                labels.setdefault(section_id, []).extend(Label(**row) for row in rows)
        return SectionLabels(labels, frozenset(to_rules))

    def sections_of(self, keys: Iterable[str]) -> set[str]:
        chosen = set(keys)
        return {section_id for section_id, shown in self._sections if self.keys[shown] in chosen}


def _replies(labeller: Labeller, sections: Sequence[DatedSection]) -> Iterator[tuple[int, Reply]]:
    """Yield (place, reply) as replies come, from daemon threads: those of a pool would delay the program's exit."""
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
        # Any error: the rules read the dates, and the ingest goes on.
        return Reply(None, f"{labeller.model} failed ({type(error).__name__})")
