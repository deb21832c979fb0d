"""What an ingest does with each file and each document: new, changed, unchanged, removed or failed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.document_matcher import Known, Places, gone
from ingest.errors import NotReadable, fault
from ingest.files import Source, content_hash, read_bytes, read_document
from ingest.readers.sandbox.process import ReadingProcess
from ingest.report import Listener, Outcome, Progress, Status
from store.audiences import Audience
from store.records import EVERYBODY, Document, Section

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What will become of documents, which are for `audience`.

    `names` are those that the given files have, by the documents' ids.
    """

    outcomes: list[Outcome]
    read: list[tuple[Document, list[Section], str]]
    removed: list[str]
    renamed: dict[str, str] = field(default_factory=dict)
    moved: dict[str, tuple[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    audience: Audience = EVERYBODY


def make_plan(
    known: Mapping[str, Known],
    sources: Sequence[Source],
    pruned: Sequence[Path],
    audience: Audience,
    tell: Listener,
    process: ReadingProcess,
) -> Plan:
    """Return what becomes of `sources`, for `audience`, and of the documents of the folders `pruned`.

    `known` are the audience's documents by id.
    """
    plan = Plan([], [], [], audience=audience)
    seen = plan.names
    places = Places(known, sources)
    for number, source in enumerate(sources):
        tell(Progress("read", number, len(sources), source.name))
        try:
            _consider(source, places, known, plan, process)
        except NotReadable as error:
            # What is there stays until the file can be read.
            own, here = places.own(source, "")
            plan.outcomes.append(Outcome(own.name, "failed", error=str(error), file=own.path))
            if here is not None:
                seen.setdefault(here.document.id, own.name)
    tell(Progress("read", len(sources), len(sources)))
    if pruned:
        # A folder that is no more, and of which something was found here, is the one that was moved here.
        left = {known[one].root for one in plan.moved if not Path(known[one].root).is_dir()}
        folders = [folder.resolve() for folder in pruned]
        for one in gone(known.values(), folders, left, {*seen, *plan.removed}):
            _drop(one, plan)
    return plan


def take_out_of(others: Mapping[str, Known], known: Mapping[str, Known], plan: Plan) -> None:
    """Plan to remove those of another audience's documents that are in the plan, with the same content."""
    there = {known[one].document.content_hash: one for one in plan.names if one in known}
    there |= {document.content_hash: document.id for document, _, _ in plan.read}
    for former, one in others.items():
        if (now := there.get(one.document.content_hash)) is not None:
            plan.removed.append(former)
            plan.renamed[former] = now


def leave_out(broken: Mapping[str, str], known: Mapping[str, Known], plan: Plan) -> None:
    """Take documents (id -> reason) out of the plan: what they would have replaced stays."""
    plan.read[:] = [one for one in plan.read if one[0].id not in broken]
    stays = {former for former, now in plan.renamed.items() if now in broken}
    for former in stays:
        del plan.renamed[former]
        plan.removed.remove(former)
    reasons = {plan.names[one]: reason for one, reason in broken.items() if one in plan.names}
    kept = {known[one].document.source for one in stays if one in known}
    plan.outcomes[:] = [
        Outcome(o.source, "failed", error=reasons[o.source]) if o.source in reasons else o
        for o in plan.outcomes
        if not (o.status == "removed" and o.source in kept)
    ]


def _drop(one: Known, plan: Plan) -> None:
    plan.outcomes.append(Outcome(one.document.source, "removed"))
    plan.removed.append(one.document.id)


def _consider(
    source: Source,
    places: Places,
    known: Mapping[str, Known],
    plan: Plan,
    process: ReadingProcess,
) -> None:
    """Put one file into the plan. Raises NotReadable."""
    seen = plan.names
    data = read_bytes(source)
    hashed = content_hash(source, data)
    source, here = places.own(source, hashed)
    root = str(source.root)
    former = places.former(hashed, seen) if here is None else None
    # A name may tell facts; one that told none can change without the document.
    stays = former and former.document.symbol and "file name" not in former.document.found.values()
    same = former if stays else here if here and here.document.content_hash == hashed else None
    if same is not None:
        seen[same.document.id] = source.name
        if (same.root, same.document.source) != (root, source.name) and not same.is_there():
            plan.moved[same.document.id] = (root, source.name)
        counts = (same.sections, same.events)
        plan.outcomes.append(
            Outcome(source.name, "unchanged", *counts, notes=same.document.notes, file=source.path)
        )
        return
    document, sections = _read(source, data, plan.audience, process)
    if document.id in seen:
        raise NotReadable(
            f"it is the same document ({document.symbol or document.source}) as {seen[document.id]}"
        )
    seen[document.id] = source.name
    # The file's document had another symbol, or none: it is this one now.
    renamed = (
        here is not None
        and here.document.id != document.id
        and (here.place == source.place or not here.is_there())
    )
    if here is not None and renamed:
        plan.removed.append(here.document.id)
        plan.renamed[here.document.id] = document.id
    if former is not None and former.document.id != document.id:
        _drop(former, plan)
        plan.renamed[former.document.id] = document.id
    status: Status = "changed" if document.id in known or renamed else "new"
    plan.outcomes.append(Outcome(source.name, status, len(sections), notes=document.notes, file=source.path))
    plan.read.append((document, sections, root))


def has_others(known: Mapping[str, Known], sources: Sequence[Source]) -> bool:
    """Whether there are documents, and none of these sources among them."""
    live = {one.document.source for one in known.values()}
    return bool(live) and live.isdisjoint(source.name for source in sources)


def _read(
    source: Source, data: bytes, audience: Audience, process: ReadingProcess
) -> tuple[Document, list[Section]]:
    """Return the document and its sections. Raises NotReadable."""
    try:
        return read_document(source, data, process.read, audience)
    except NotReadable:
        raise
    except Exception as error:
        # A fault of a reader shows at a file that nobody foresaw: it costs this file, and not all the others.
        _log.warning("%s cannot be read", source.name, exc_info=True)
        raise NotReadable(fault(error)) from error
