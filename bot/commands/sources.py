"""The commands `itubot source` and `itubot fetch`: sources that a running bot fetches itself, and their fetch now."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from bot.commands.context import LEASE_SECONDS, AsJson, CliContext, audience_option, cli_context, time_of
from bot.commands.library import ORDER, STYLES, only_for, progress_bars
from bot.errors import BotError
from bot.plural import counted
from bot.safe_text import hosts_only, one_line
from bot.terminal import cell, emit_json, only_result, short, show, table
from ingest.errors import IngestError
from ingest.report import FetchReport
from store.audiences import Audience
from store.errors import LeaseLost, StoreError
from store.jobs import Holder, Source, SourceFile
from store.kept import EVERY

if TYPE_CHECKING:
    from ingest.report import ProgressListener


# Between two fetches.
_SHORTEST = 300.0
_UNITS = {"m": 60.0, "h": 3600.0, "d": 24 * 3600.0, "w": 7 * 24 * 3600.0}
_NAME = re.compile(r"[\w.-]{1,60}")


def parse_interval(value: str) -> float:
    """Return the seconds of "30m", "6h", "1d" or "2w". Raises typer.BadParameter."""
    found = re.fullmatch(r"\s*(\d{1,4})\s*([mhdw])\s*", value.casefold())
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0.0
    if seconds < _SHORTEST:
        raise typer.BadParameter(
            f"{value!r} is not a time between two fetches; write 30m, 6h, 1d or 1w, at least 5m"
        )
    return seconds


def parse_name(value: str) -> str:
    """Return the name of a source. Raises typer.BadParameter."""
    if not _NAME.fullmatch(value):
        raise typer.BadParameter(
            f"{value!r} is not a name; write one word of letters, digits, dots and dashes, as in council-2025"
        )
    return value


_Name = Annotated[str, typer.Argument(metavar="NAME", help="A name, as `itubot source list` shows it.")]
_Audience = Annotated[str | None, audience_option("The Slack channel that the documents are for.")]


def add(
    context: typer.Context,
    address: Annotated[
        str,
        typer.Argument(
            metavar="URL|FOLDER",
            help="A document, a page or feed that lists some, or a folder.",
            show_default=False,
        ),
    ],
    every: Annotated[
        float | None,
        typer.Option(
            parser=parse_interval, metavar="TIME", help="How often to look: 30m, 1d; by default 6h."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(parser=parse_name, help="A name; by default that of the host or folder.")
    ] = None,
    match: Annotated[
        str, typer.Option(metavar="PATTERN", help="Take only what has these words, or is like C25*.pdf.")
    ] = "",
    audience: _Audience = None,
) -> None:
    """Add a source, from which documents come by themselves from now on."""
    cli = cli_context(context)
    shared = cli.services.shared
    try:
        url = shared.source_address(address)
    except IngestError as error:
        raise BotError(f"{hosts_only(address)} cannot be a source: {error}") from error
    whom = audience or cli.audience
    store = shared.source_store
    every = every or EVERY
    added = (
        store.add(url, whom, name=name, pattern=match, every=every)
        if name
        else store.add_unnamed(url, whom, pattern=match, every=every)
    )
    if added is None:
        raise BotError(
            f"there is a source {name!r} already; give this one another --name, or remove that one"
        )
    show(
        f"Added {one_line(added.name)}, which is looked at every {interval_words(added.every)}. "
        f"`itubot fetch {one_line(added.name)}` gets its documents now; a running bot does so by itself."
    )


def list_sources(context: typer.Context, as_json: AsJson = False) -> None:
    """List the sources, with what came of the last fetch of each."""
    store = cli_context(context).services.shared.source_store
    found = store.all()
    files = {each.id: store.files(each) for each in found}
    if as_json:
        emit_json(Any, [_source_json(each, files[each.id]) for each in found])
    else:
        show(sources_view(found, files))


def remove(context: typer.Context, name: _Name, audience: _Audience = None) -> None:
    """Remove a source; its documents stay in the library."""
    cli = cli_context(context)
    store = cli.services.shared.source_store
    [chosen] = _chosen(store.all(), [name], _named(cli, audience))
    documents = sum(bool(file.given) for file in store.files(chosen))
    store.remove(chosen)
    stay = "stays" if documents == 1 else "stay"
    kept = f"; its {counted(documents, 'document')} {stay} until `itubot remove`" if documents else ""
    show(f"Removed the source {one_line(chosen.name)}{kept}.")


def fetch(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME ...]", help="Names of sources; without any, all are fetched."),
    ] = None,
    audience: _Audience = None,
    as_json: AsJson = False,
) -> None:
    """Fetch sources at once: what is new or changed goes into the store."""
    cli = cli_context(context)
    shared = cli.services.shared
    chosen = _chosen(shared.source_store.all(), names or [], _named(cli, audience))
    if not chosen:
        raise BotError("there is no source; `itubot source add URL` adds one")
    with only_result() if as_json else nullcontext(), progress_bars() as show_progress:
        reports = [_fetch(cli, each, show_progress) for each in chosen]
    if as_json:
        emit_json(Any, {"sources": reports})
    else:
        show(fetch_view(reports))
    if any(report.status == "failed" for report in reports):
        raise typer.Exit(1)


def interval_words(seconds: float) -> str:
    """Return a time between two fetches: "6 hours"."""
    for unit, noun in (("w", "week"), ("d", "day"), ("h", "hour")):
        if seconds % _UNITS[unit] == 0:
            count = int(seconds // _UNITS[unit])
            return noun if count == 1 else counted(count, noun)
    return counted(round(seconds / 60), "minute")


def _named(cli: CliContext, audience: Audience | None) -> Audience | None:
    """Return the audience that was named, here or before the command; None for any."""
    return audience or (cli.audience if cli.channels else None)


def _chosen(found: Sequence[Source], names: Sequence[str], audience: Audience | None) -> list[Source]:
    """Return the sources of these names, all for none. Raises BotError for a name that no source has, or several."""
    found = [each for each in found if audience is None or each.audience == audience]
    chosen = []
    for name in dict.fromkeys(names):
        same = [each for each in found if each.name == name]
        if not same:
            raise BotError(f"no source {name!r}; `itubot source list` lists them")
        if len(same) > 1:
            raise BotError(f"several audiences have a source {name!r}; name one with --audience TEAM/CHANNEL")
        chosen += same
    return chosen if names else list(found)


def _fetch(cli: CliContext, source: Source, progress: ProgressListener) -> FetchReport:
    """Fetch one source, unless another process does. Raises StoreError."""
    shared = cli.services.shared
    holder = Holder(secrets.token_hex(8), LEASE_SECONDS)
    job = shared.fetch_store.take(source, holder)
    busy = FetchReport(
        source.name, source.url, "failed", error="another process is fetching it; try again later"
    )
    if job is None:
        return busy
    try:
        return shared.fetch(source, job.lease, progress)
    except LeaseLost:
        return busy
    except BaseException:
        # What came is recorded: the next fetch goes on from there.
        with suppress(StoreError):
            shared.fetch_store.release(job.lease)
        raise


def _source_json(source: Source, files: Sequence[SourceFile]) -> dict[str, Any]:
    """Return the JSON of a source; `kind` is null before the first fetch."""
    given = [file for file in files if file.given]
    return {
        "name": source.name,
        "url": source.url,
        "kind": source.form or None,
        "match": source.pattern or None,
        "audience": source.audience,
        "every": source.every,
        "documents": sorted(file.name for file in given if not file.gone),
        "gone": sorted(file.name for file in given if file.gone),
        "not_taken": [{"url": file.url, "why": file.problem} for file in files if file.problem],
        "fetched_at": time_of(source.fetched_at).isoformat() if source.fetched_at else None,
        "next": time_of(source.due_at).isoformat() if source.due_at else None,
        "failures": source.failures,
        "error": source.problem or None,
    }


def sources_view(found: Sequence[Source], files: Mapping[str, Sequence[SourceFile]]) -> RenderableType:
    """Return the table of sources."""
    if not found:
        return Text("There is no source; `itubot source add URL` adds one.")
    rows = []
    for each in found:
        match = f", only {each.pattern}" if each.pattern else ""
        name = cell(each.name, each.url + match, only_for(each.audience))
        if each.problem:
            times = f" ({counted(each.failures, 'time')} in a row)" if each.failures > 1 else ""
            failing = f"it fails{times}: {each.problem}" if each.failures else each.problem
            name.append(f"\n{one_line(failing)}", style="bold red")
        given = [file for file in files[each.id] if file.given]
        gone = sum(file.gone for file in given)
        not_taken = sum(bool(file.problem) for file in files[each.id])
        documents = cell(
            str(len(given)), f"{gone} gone" if gone else "", f"{not_taken} not taken" if not_taken else ""
        )
        rows.append(
            (name, each.form or "not looked at", documents, _minute(each.fetched_at), _minute(each.due_at))
        )
    columns = (
        Column("Source", ratio=1, min_width=24, overflow="fold"),
        "What",
        "Documents",
        "Last fetch",
        "Next",
    )
    return table(columns, rows)


def fetch_view(reports: Sequence[FetchReport]) -> RenderableType:
    """Return a line for each source, and the documents with news below it."""
    lines: list[RenderableType] = []
    for report in reports:
        line = Text(f"{one_line(report.name)}: ").append(report.status, style=STYLES[report.status])
        count = Counter[str](document.status for document in report.documents)
        parts = ", ".join(f"{count[status]} {status}" for status in ORDER if count[status])
        line.append(f"; {parts}" if parts else "").append(
            f"; {one_line(report.error)}" if report.error else ""
        )
        lines += [line, *(Text(f"  {one_line(note)}", style="yellow") for note in report.notes)]
        news = [document for document in report.documents if document.status != "unchanged" or document.error]
        rows = []
        for document in sorted(news, key=lambda row: (ORDER.index(row.status), row.source)):
            name = cell(document.source, document.error)
            rows.append(("", name, Text(document.status, style=STYLES[document.status])))
        if rows:
            lines.append(table((Column("", width=1), Column(overflow="fold"), short("")), rows))
    return Group(*lines)


def _minute(seconds: float) -> str:
    return f"{time_of(seconds).astimezone():%Y-%m-%d %H:%M}" if seconds else "-"


COMMANDS = {"source add": add, "source list": list_sources, "source remove": remove, "fetch": fetch}
