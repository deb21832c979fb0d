"""Builds the events of new and changed documents, and of stored documents whose events are outdated.

Events are outdated if other rules or another labeller made them. They are built again from the stored sections: no
file is read, and no new version of the document is made.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ingest.errors import NotReadable, fault
from ingest.events import EVENTS_VERSION, dated_sections, extract_events, number_dates
from ingest.events.labels import DatedSection, Labeller
from ingest.events.pieces import NumberedDates
from ingest.events.same_event import Chains, LanguageVersions, assign_chains
from ingest.labelling import SectionLabels, label_sections, stored_labels
from ingest.limits import DocumentLimits
from ingest.report import IngestProgress, Labelling, ProgressListener
from store.audiences import Audience
from store.catalog import Catalog, EventUpdate, JoinedChain, Origin, document_audiences, origins
from store.errors import NoStore
from store.records import EVERYBODY, Document, Event, Section

_LOG = logging.getLogger(__name__)

# Progress is reported after so many sections.
_REPORTED_SECTIONS = 100


@dataclass(frozen=True, slots=True)
class _Task:
    """A document whose events are built. `former`: the events of its last version; `origin`: what made them.

    `live`: the document is unchanged, and only its events are outdated.
    """

    document: Document
    sections: Sequence[Section]
    former: Sequence[Event] = ()
    origin: Origin | None = None
    live: bool = False

    def improves(self, now: Origin) -> bool:
        """Whether new events are better: other rules or another labeller, or more sections labelled."""
        before = self.origin
        if before is None or (before.rules, before.labeller) != (now.rules, now.labeller):
            return True
        return now.to_rules < before.to_rules


@dataclass(frozen=True, slots=True)
class BuiltEvents:
    """Events and their origins by document id; `rebuilt` are those of unchanged documents.

    `failed`: id of a new document without events -> the reason. `joined`: chains of private documents whose events are
    now in a document for everybody too.
    """

    events: Mapping[str, Sequence[Event]]
    origins: Mapping[str, Origin]
    rebuilt: Sequence[EventUpdate]
    labelling: Labelling | None
    notes: Sequence[str]
    failed: Mapping[str, str]
    joined: Sequence[JoinedChain]


def build_events(
    catalog: Catalog,
    fresh: Sequence[tuple[Document, Sequence[Section]]],
    removed: Collection[str],
    labeller: Labeller | None,
    notify: ProgressListener,
    limits: DocumentLimits,
) -> BuiltEvents:
    """Return the events of `fresh` documents, and of live ones with outdated events that are not in `removed`.

    First all dates are found, then all are labelled, and then each document's events are built and assigned to chains.
    """
    skipped = {*removed, *(document.id for document, _ in fresh)}
    tasks, everything, versions = _tasks(catalog, fresh, skipped, labeller)
    stored = len(everything)
    audiences = document_audiences(catalog) | {task.document.id: task.document.audience for task in tasks}
    # Oldest first: a later document's date for an event is chained to the earlier one's.
    tasks.sort(key=lambda task: str(task.document.date or ""))
    live = {task.document.id: _display_name(task.document) for task in tasks if task.live}
    failed: dict[str, str] = {}
    numbered: dict[str, Sequence[NumberedDates]] = {}
    dated: dict[str, Sequence[tuple[str, DatedSection]]] = {}
    steps = _Steps(2 * sum(len(task.sections) for task in tasks), notify)
    for task in tasks:
        with _record_failure(task.document, failed), steps.of(task.sections) as step:
            numbered[task.document.id] = list(_number_dates(task, limits, step))
            dated[task.document.id] = dated_sections(task.document, numbered[task.document.id])
    tasks = [task for task in tasks if task.document.id in dated]
    labels, labelling = _labels(catalog, tasks, dated, labeller, notify)
    events: dict[str, Sequence[Event]] = {}
    new_origins: dict[str, Origin] = {}
    # Of what all readers of a document may see; indexed once, as that takes seconds in a large library.
    visible: dict[Audience, Chains] = {}
    for task in tasks:
        key, audience = task.document.id, task.document.audience
        check = limits.clock()
        with _record_failure(task.document, failed), steps.of(task.sections) as step:
            watched = _each(numbered[key], check, step)
            extracted = extract_events(task.document, watched, labels.labels)
            if audience not in visible:
                visible[audience] = Chains(
                    event for event in everything if audiences[event.document_id] in {EVERYBODY, audience}
                )
            official = versions.match(task.document, task.sections, extracted)
            events[key] = assign_chains(
                extracted, task.former, visible[audience], lambda: uuid.uuid4().hex, check, official
            )
            versions.add(task.document, task.sections, events[key])
            everything += events[key]
            for seen_by, chains in visible.items():
                if audience in {EVERYBODY, seen_by}:
                    chains.update(events[key])
            name = labeller.name if labeller else task.origin.labeller if task.origin else None
            to_rules = labels.to_rules & {section_id for section_id, _ in dated[key]}
            new_origins[key] = Origin(EVENTS_VERSION, name, len(to_rules))
    rebuilt = [
        EventUpdate(task.document.id, events[task.document.id], now)
        for task in tasks
        if task.live and (now := new_origins.get(task.document.id)) and task.improves(now)
    ]
    notes = _notes(len(rebuilt), labelling)
    notes += [
        f"the register of {live[key]} is left as it is: {why}" for key, why in failed.items() if key in live
    ]
    return BuiltEvents(
        events,
        new_origins,
        rebuilt,
        labelling,
        notes,
        failed={key: why for key, why in failed.items() if key not in live},
        joined=_joined(everything[:stored], everything[stored:], audiences),
    )


def is_outdated(catalog: Catalog) -> bool:
    """Whether former rules made the events of any live document."""
    known = origins(catalog)
    try:
        return any(_is_stale(known.get(document.id), None) for document in catalog.unfiltered().documents())
    except NoStore:
        return False


def _tasks(
    catalog: Catalog,
    fresh: Sequence[tuple[Document, Sequence[Section]]],
    skipped: Collection[str],
    labeller: Labeller | None,
) -> tuple[list[_Task], list[Event], LanguageVersions]:
    """Return the documents whose events are to be built, and the stored events of all versions of all documents.

    Live documents of the ids `skipped` are left out. Also returns the events of live documents that are one of those in
    another language.
    """
    known = origins(catalog)
    versions = LanguageVersions()
    try:
        with catalog.unfiltered().snapshot() as snapshot:
            stale = [
                document
                for document in snapshot.documents()
                if document.id not in skipped and _is_stale(known.get(document.id), labeller)
            ]
            if not fresh and not stale:
                return [], [], versions

            def former(document: Document) -> list[Event]:
                # Also those of a document that was removed and is added again.
                versions = snapshot.versions(document.id)
                return snapshot.events_of(document.id, versions[-1].version) if versions else []

            tasks = [_Task(document, sections, former(document)) for document, sections in fresh]
            for document in stale:
                sections, origin = snapshot.sections_of(document.id), known.get(document.id)
                tasks.append(_Task(document, sections, former(document), origin, live=True))
            bases = {task.document.neutral_symbol for task in tasks} - {None}
            own = {task.document.id for task in tasks}
            for document in snapshot.documents():
                if document.id not in own and document.neutral_symbol in bases:
                    events = snapshot.events_of(document.id, document.version)
                    versions.add(document, snapshot.sections_of(document.id), events)
            return tasks, snapshot.events(all_versions=True), versions
    except NoStore:
        return [_Task(document, sections) for document, sections in fresh], [], versions


def _is_stale(origin: Origin | None, labeller: Labeller | None) -> bool:
    """Whether events of this origin are outdated.

    Events that the current rules made alone stay until their document changes, also if there is a labeller now: nobody
    asked for the cost of labelling the whole store. Without a labeller, the events of any labeller stay.
    """
    if origin is None or origin.rules != EVENTS_VERSION:
        return True
    if labeller is None or origin.labeller is None:
        return False
    return origin.labeller != labeller.name or origin.to_rules > 0


def _display_name(document: Document) -> str:
    """Return a name for messages. Only the readers of a channel's document may know its name."""
    return document.source if document.audience == EVERYBODY else "a document of a Slack channel"


@contextmanager
def _record_failure(document: Document, failed: dict[str, str]) -> Iterator[None]:
    """Record an error of the rules, or a limit, as the failure of this document, so that the others are unaffected."""
    try:
        yield
    except NotReadable as error:
        failed[document.id] = str(error)
    except Exception as error:
        _LOG.warning("the dates of %s cannot be read", document.source, exc_info=True)
        failed[document.id] = fault(error)


class _Steps:
    """Reports how many of all sections are done: each is counted for its dates, and again for its events."""

    def __init__(self, total: int, notify: ProgressListener) -> None:
        self._total = total
        self._notify = notify
        self._done = 0

    @contextmanager
    def of(self, sections: Sequence[Section]) -> Iterator[Callable[[], None]]:
        """Yield a function to call for each section; those that it was not called for are done in the end."""
        end = self._done + len(sections)
        self._report()
        try:
            yield self._step
        finally:
            self._done = end
            self._report()

    def _step(self) -> None:
        self._done += 1
        if self._done % _REPORTED_SECTIONS == 0:
            self._report()

    def _report(self) -> None:
        self._notify(IngestProgress("events", self._done, self._total))


def _each(
    sections: Iterable[NumberedDates], check: Callable[[], None], step: Callable[[], None]
) -> Iterator[NumberedDates]:
    for section in sections:
        check()
        yield section
        step()


def _number_dates(task: _Task, limits: DocumentLimits, step: Callable[[], None]) -> Iterator[NumberedDates]:
    """Yield the dates of each section. Raises NotReadable at a limit."""
    count = 0
    for section in _each(number_dates(task.document, task.sections), limits.clock(), step):
        count += len(section.heading) + len(section.text)
        if count > limits.dates:
            raise NotReadable(f"it has more than the {limits.dates:,} dates of one document: split it")
        yield section


def _labels(
    catalog: Catalog,
    tasks: Sequence[_Task],
    dated: Mapping[str, Sequence[tuple[str, DatedSection]]],
    labeller: Labeller | None,
    notify: ProgressListener,
) -> tuple[SectionLabels, Labelling | None]:
    """Return the labels of all dates; without a labeller, the stored ones of unchanged documents."""
    if labeller is not None:
        every = [section for sections in dated.values() for section in sections]
        return label_sections(catalog, labeller, every, notify)
    stored = [
        stored_labels(catalog, task.origin.labeller, dated[task.document.id])
        for task in tasks
        if task.origin is not None and task.origin.labeller is not None
    ]
    by_section = {section_id: labels for found in stored for section_id, labels in found.labels.items()}
    return SectionLabels(by_section, frozenset[str]().union(*(found.to_rules for found in stored))), None


def _notes(rebuilt: int, labelling: Labelling | None) -> list[str]:
    notes = []
    if rebuilt:
        documents = "1 document" if rebuilt == 1 else f"{rebuilt} documents"
        notes.append(f"the register was rebuilt for {documents} from the stored paragraphs")
    if labelling is not None and labelling.to_rules:
        count = "1 section" if labelling.to_rules == 1 else f"{labelling.to_rules} sections"
        why = "; ".join(labelling.why)
        notes.append(
            f"the dates of {count} were read by the rules alone ({why}); the next ingest asks the model again"
        )
    return notes


def _joined(
    stored: Sequence[Event], new: Sequence[Event], audiences: Mapping[str, Audience]
) -> list[JoinedChain]:
    """Return the chains of private documents that become chains of new events for everybody.

    A document for everybody is never chained to a private one. Where the private one came first, its chain changes.
    """

    def of(events: Sequence[Event], *, public: bool) -> list[Event]:
        return [event for event in events if (audiences[event.document_id] == EVERYBODY) is public]

    fresh = of(new, public=True)
    private = of(stored, public=False)
    if not fresh or not private:
        return []
    shared = {event.chain_id for event in (*of(stored, public=True), *fresh)}
    joined: dict[tuple[Audience, str], str] = {}
    known = Chains(fresh)
    for event in private:
        own = audiences[event.document_id], event.chain_id
        if event.chain_id not in shared and own not in joined and (chain := known.match(event)):
            joined[own] = chain
    return [JoinedChain(audience, former, chain) for (audience, former), chain in joined.items()]
