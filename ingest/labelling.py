"""Returns labels for the dates of sections: stored ones if there are any, else those that the labeller gives now."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from ingest.events.labels import DatedSection, Label, Labeller, LabellerReply
from ingest.report import IngestProgress, Labelling, ProgressListener
from store.catalog import Catalog, LabelRows, known_labels, save_labels
from store.records import short_hash

_THREADS = 4
# After this many failures in a row the labeller is not asked again: each section would wait for a provider in vain.
_MOST_FAILURES = 5
_GIVEN_UP = "it failed too often and was not asked again"
_REPORTED_REASONS = 3


@dataclass(frozen=True, slots=True)
class SectionLabels:
    """Labels by section id, and the ids of the sections with dates that are left to the rules."""

    labels: Mapping[str, Sequence[Label]]
    to_rules: frozenset[str]


def stored_labels(catalog: Catalog, name: str, sections: Sequence[tuple[str, DatedSection]]) -> SectionLabels:
    """Return the stored labels of the labeller of this name, without asking it."""
    keys = _keys(name, sections)
    return _collected(sections, keys, known_labels(catalog, keys.values()))


def label_sections(
    catalog: Catalog,
    labeller: Labeller,
    sections: Sequence[tuple[str, DatedSection]],
    notify: ProgressListener,
) -> tuple[SectionLabels, Labelling]:
    """Return the labels of sections, given as (id, section), and the figures of the labelling.

    Every reply is stored at once. A section for which the labeller fails is left to the rules.
    """
    keys = _keys(labeller.name, sections)
    known = known_labels(catalog, keys.values())
    missing = [section for section, key in keys.items() if key not in known]
    section_ids = {section: section_id for section_id, section in reversed(sections)}
    reasons: Counter[str] = Counter()
    read = wrote = 0
    if missing:
        notify(IngestProgress("label", 0, len(missing)))
    for done, (number, reply) in enumerate(_replies(labeller, missing), start=1):
        read, wrote = read + reply.read, wrote + reply.wrote
        if reply.labels is None:
            reasons[reply.why] += 1
        else:
            key, rows = keys[missing[number]], [asdict(label) for label in reply.labels]
            save_labels(catalog, key, section_ids[missing[number]], rows)
            known[key] = rows
        notify(IngestProgress("label", done, len(missing)))
    labels = _collected(sections, keys, known)
    wanted = set(missing)
    asked = {section_id for section_id, section in sections if section in wanted}
    report = Labelling(
        labeller.model,
        asked=len(asked - labels.to_rules),
        kept=len({section_id for section_id, _ in sections} - asked),
        to_rules=len(labels.to_rules),
        why=tuple(reason for reason, _ in reasons.most_common(_REPORTED_REASONS)),
        read=read,
        wrote=wrote,
    )
    return labels, report


def _keys(name: str, sections: Sequence[tuple[str, DatedSection]]) -> dict[DatedSection, str]:
    """Return section -> key under which the reply of the labeller of this name is stored."""
    return {
        s: short_hash(name, s.document, s.dated, s.heading, s.text, str(s.first), *s.expressions)
        for _, s in sections
    }


def _collected(
    sections: Sequence[tuple[str, DatedSection]],
    keys: Mapping[DatedSection, str],
    known: Mapping[str, LabelRows],
) -> SectionLabels:
    labels: dict[str, list[Label]] = {}
    to_rules: set[str] = set()
    for section_id, section in sections:
        rows = known.get(keys[section])
        if rows is None:
            to_rules.add(section_id)
        else:
            labels.setdefault(section_id, []).extend(Label(**row) for row in rows)
    return SectionLabels(labels, frozenset(to_rules))


def _replies(labeller: Labeller, sections: Sequence[DatedSection]) -> Iterator[tuple[int, LabellerReply]]:
    """Yield (number of the section, reply) as the replies arrive.

    Daemon threads ask for them: the threads of a pool would delay the program's exit.
    """
    numbers = iter(range(len(sections)))
    replies: queue.SimpleQueue[tuple[int, LabellerReply]] = queue.SimpleQueue()
    lock = threading.Lock()
    failures = 0
    stopped = False

    def work() -> None:
        nonlocal failures
        while True:
            with lock:
                number = None if stopped else next(numbers, None)
                given_up = failures >= _MOST_FAILURES
            if number is None:
                return
            reply = LabellerReply(None, _GIVEN_UP) if given_up else _label(labeller, sections[number])
            with lock:
                failures = 0 if reply.labels is not None else failures + 1
            replies.put((number, reply))

    try:
        for _ in range(min(_THREADS, len(sections))):
            threading.Thread(target=work, name="labeller", daemon=True).start()
        for _ in sections:
            yield replies.get()
    finally:
        with lock:
            stopped = True


def _label(labeller: Labeller, section: DatedSection) -> LabellerReply:
    try:
        return labeller.label(section)
    except Exception as error:
        # After any error the ingest continues, and the rules decide about these dates.
        return LabellerReply(None, f"{labeller.model} failed ({type(error).__name__})")
