"""`itubot deadlines`, `correct` and `digest`: the register of dates."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich import box
from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from bot import results
from bot.commands.context import (
    LEASE_SECONDS,
    AsJson,
    AsOf,
    CliContext,
    InLanguage,
    cli_context,
    day_option,
    output_option,
    speak,
    token_of_channels,
    umask,
)
from bot.digests import make_digest, previous_state
from bot.errors import BotError, SettingsError
from bot.locales import _, commas, in_language, ngettext
from bot.register import RegisterEntry, select
from bot.register.agenda import State, agenda, earlier_datings, first_rows
from bot.register.digest import DAYS_AHEAD, DigestState, digest_text
from bot.register.export.data import to_csv
from bot.register.repository import EntryEdit, ListedCorrection, list_corrections
from bot.register.wording import (
    add_days,
    day,
    day_range,
    distance,
    kind_word,
    proposed_note,
    recurrence,
    status,
    status_word,
    title,
    when,
)
from bot.safe_text import one_line, visible
from bot.terminal import dump_json, emit, emit_json, only_result, short, show, stderr_console, table
from store.audiences import of_channel
from store.jobs import Runner, Subscription
from store.records import CorrectedStatus, Correction, Kind

Format = Literal["table", "json", "csv", "ics", "html"]


def render(
    entries: Sequence[RegisterEntry],
    register: Sequence[RegisterEntry],
    as_of: date,
    output_format: Format,
) -> bytes:
    """Return `entries`, a part of the whole `register`, in any format but the table; text is UTF-8."""
    if output_format == "json":
        return (dump_json(list[results.Event], entries) + "\n").encode()
    if output_format == "csv":
        return to_csv(entries).encode()
    if output_format == "ics":
        from bot.register.export.calendar import to_ics

        return to_ics(entries, as_of, datetime.now(UTC), history=register)
    from bot.register.export.timeline import to_html

    return to_html(entries, as_of).encode()


def deadlines(
    context: typer.Context,
    as_of: AsOf = None,
    within: Annotated[
        int | None,
        typer.Option("--within", min=0, max=36_500, metavar="DAYS", help="Only the next DAYS days."),
    ] = None,
    start: Annotated[date | None, day_option("--from", "Only from this day on.")] = None,
    end: Annotated[date | None, day_option("--to", "Only until this day.")] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only entries of this kind.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Include past entries.")] = False,
    output_format: Annotated[Format, typer.Option("--format", help="How to write it.")] = "table",
    output: Annotated[Path | None, output_option("Write to FILE, not to the terminal.")] = None,
    language: InLanguage = None,
    as_json: AsJson = False,
) -> None:
    """List what the documents say will happen, and when."""
    speak(language)
    cli = cli_context(context)
    output_format = "json" if as_json else output_format
    today = as_of or cli.settings.today()
    if within is not None and (start or end):
        raise typer.BadParameter("give --within or --from and --to, not both")
    if within is not None:
        end = add_days(today, within)
    if start and end and end < start:
        raise typer.BadParameter(f"--to {end} lies before --from {start}")
    if output_format == "table" and output is not None:
        raise typer.BadParameter("--output needs a --format: json, csv, ics or html")
    cli.require_documents()
    with only_result():
        # A start before today asks for past entries.
        include_past = everything or (start is not None and start < today)
        register = cli.services.register(today)
        chosen = select(register, today, start, end, kind, include_past)
        data = b"" if output_format == "table" else render(chosen, register, today, output_format)
    if output_format == "table":
        show(register_table(chosen, today))
    elif output is None:
        typer.get_binary_stream("stdout").write(data)
    else:
        with umask(cli.usual_umask):
            output.write_bytes(data)
        stderr_console().print(f"Wrote {len(chosen)} entries to {output}.")


YEAR_MARK = "*"
# Characters of an id that are shown; they identify it among thousands.
ID_LENGTH = 8
# Nobody reads a longer table, and rendering ten thousand rows takes seconds.
MOST_ROWS = 500
_KIND_STYLE = {"deadline": "bold red", "meeting": "cyan", "publication": "green", "milestone": "magenta"}


def register_table(entries: Sequence[RegisterEntry], as_of: date) -> RenderableType:
    """Return the table of `entries`, grouped as an `Agenda`: at most `MOST_ROWS`, with the number of those left out."""
    shown = agenda(entries, as_of)
    names: dict[State, str] = {state: name for state, name, _rows in shown.groups}
    groups, left_out = first_rows(
        [(state, rows) for state, _name, rows in shown.groups if state != "superseded"], MOST_ROWS
    )
    heading = Text(_("The register as of {day}", day=day(as_of)), style="bold")
    if not groups:
        return Group(heading, Text(_("Nothing in the documents falls into this period.")))

    # A group below its name; what an entry was before it moved is below the entry.
    earlier = earlier_datings(shown.superseded)
    columns = (
        Column(_("when"), min_width=15, ratio=1),
        Column(_("left"), no_wrap=True, min_width=11),
        short(_("kind")),
        Column(_("what"), ratio=3),
        short("§"),
        short("id"),
    )
    listing = table(columns, (), box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), header_style="dim")
    for number, (state, rows) in enumerate(groups):
        if number:
            listing.add_section()
        listing.add_row(Text(names[state], style="bold"))
        for entry in rows:
            listing.add_row(
                Text(visible(when(entry, year_mark=YEAR_MARK))),
                _left(state, entry, as_of),
                Text(kind_word(entry.kind), style=_KIND_STYLE[entry.kind]),
                _what(entry, earlier.get(entry.chain_id, ())),
                Text(one_line(entry.section)),
                Text(visible(entry.id[:ID_LENGTH]), style="dim"),
                style="dim" if state in {"past", "cancelled"} else "",
            )

    # What is left out, what the mark means, and where all this is from.
    listed = [entry for _state, rows in groups for entry in rows]
    parts: list[RenderableType] = [heading, listing]
    if left_out:
        more = ngettext(
            "… and {count} more: choose a window, or --format csv",
            "… and {count} more: choose a window, or --format csv",
            left_out,
        )
        parts.append(Text(more, style="bold"))
    if any(entry.year_inferred for entry in listed):
        inferred = _("the year is inferred: the document does not state it")
        parts.append(Text(f"{YEAR_MARK} {inferred}", style="dim"))
    sources = list(dict.fromkeys(entry.document for entry in listed))
    named = "; ".join(sources[:5]) + (" …" if len(sources) > 5 else "")
    return Group(*parts, Text(one_line(_("from {documents}", documents=named)), style="dim"))


def _left(state: State, entry: RegisterEntry, as_of: date) -> Text:
    """Return the time left; of what is postponed or cancelled that word, since the dates no longer count."""
    if state == "postponed" or state == "cancelled":
        return Text(status_word(state))
    is_near = state in ("now", "upcoming") and (entry.first_day or date.max) <= add_days(as_of, 1)
    style = "bold yellow" if is_near and entry.precision == "day" else ""
    return Text(distance(entry, as_of) or "–", style=style)


def _what(entry: RegisterEntry, earlier: Sequence[RegisterEntry]) -> Text:
    notes = {
        f", {entry.location}" if entry.location else "": "dim",
        f" ({proposed_note(entry)})" if proposed_note(entry) else "": "italic yellow",
        f" ({_('probably over')})" if entry.likely_past else "": "dim",
        f" ({recurrence(entry)})" if entry.recurrence and entry.start else "": "dim",
    }
    text = Text(one_line(title(entry)))
    for note, style in notes.items():
        text.append(one_line(note), style=style)
    for old in earlier:
        text.append(visible("\n" + _("was {dates}", dates=when(old))), style="dim strike")
    if entry.corrected:
        by = one_line(entry.corrected.by)
        at = day(entry.corrected.at.date())
        text.append("\n" + _("corrected by {person}, {day}", person=by, day=at), style="dim")
    return text


def correct(
    context: typer.Context,
    entry_id: Annotated[
        str | None,
        typer.Argument(
            metavar="ID",
            help="The entry's id, as `itubot deadlines` shows it, or its beginning; without it, the list.",
            show_default=False,
        ),
    ] = None,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="What it is called.")] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="What it is.")] = None,
    start: Annotated[date | None, day_option("--start", "Its first or only day (YYYY-MM-DD).")] = None,
    end: Annotated[date | None, day_option("--end", "Its last day.")] = None,
    status: Annotated[CorrectedStatus | None, typer.Option("--status", help="Its status.")] = None,
    no_event: Annotated[
        bool, typer.Option("--no-event", help="It is not an event: remove it from the register.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Undo the correction, including --no-event.")] = False,
    as_json: AsJson = False,
) -> None:
    """Correct an entry of the register, as long as the document has the sentence; without ID, list the corrections."""
    edit = EntryEdit(title, kind, start, end, status, no_event)
    if entry_id is None:
        if undo or edit:
            raise typer.BadParameter("name the entry by its ID; `itubot deadlines` shows the ids.")
        with only_result():
            listed = list_corrections(cli_context(context).services.catalog)
        return emit(as_json, list[results.ListedCorrection], corrections_view, listed)
    if undo and edit:
        raise typer.BadParameter("--undo cannot be combined with corrections.")
    if not undo and not edit:
        raise typer.BadParameter("say what to correct, as with --title or --start, or --undo.")
    if no_event and edit != EntryEdit(no_event=True):
        raise typer.BadParameter("--no-event cannot be combined with other corrections.")
    services = cli_context(context).services
    with only_result():
        entry = services.undo(entry_id) if undo else services.correct(entry_id, edit, _login())
    if as_json:
        event = results.Event.model_validate(entry).model_dump(mode="json")
        emit_json(Any, event | {"no_event": no_event})
    else:
        show(visible(_result_line(entry, undo=undo, no_event=no_event)))


def _result_line(entry: RegisterEntry, *, undo: bool, no_event: bool) -> str:
    short_id = entry.id[:8]
    if no_event:
        return f"Taken out: {entry.title}. `itubot correct {short_id} --undo` brings it back."
    done = "As in the document again" if undo else "Corrected"
    return f"{done}: {entry.title}, {when(entry)}: {commas([entry.kind, status(entry)])} [{short_id}]"


def _login() -> str:
    try:
        # An "@" in front marks user ids of Slack.
        name = visible(getpass.getuser()).lstrip("@")
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        name = ""
    return name or "somebody at the terminal"


def corrections_view(listed: Sequence[ListedCorrection]) -> RenderableType:
    """Return the table of corrections."""
    if not listed:
        return Text("Nothing in the register is corrected.")
    columns = (
        short("id"),
        Column("entry in the document", ratio=1),
        Column("correction", ratio=1),
        "by",
        short("on"),
    )
    rows = (
        (
            one.id[:ID_LENGTH],
            one.title,
            _new_values(one.correction),
            one.correction.by,
            day(one.correction.at),
        )
        for one in listed
    )
    return Group(table(columns, rows), "", Text("`itubot correct ID --undo` takes a correction back."))


def _new_values(correction: Correction) -> str:
    if correction.no_event:
        return "no event: taken out"
    days = day_range(correction.start, correction.end or correction.start) if correction.start else None
    parts = (correction.title and f"“{correction.title}”", correction.kind, days, correction.status)
    return ", ".join(part for part in parts if part)


# Outcome of DigestSender.post -> message.
_POSTED = {
    "posted": "Posted the digest of {day} to {channel}.",
    "already": "The digest of {day} was posted to {channel} before; it is not posted twice.",
    "taken": "Another bot is posting the digest of {day} to {channel}.",
}


def digest(
    context: typer.Context,
    as_of: AsOf = None,
    days: Annotated[
        int, typer.Option("--days", min=1, max=366, metavar="N", help="Days to look ahead.")
    ] = DAYS_AHEAD,
    post: Annotated[bool, typer.Option("--post", help="Send it to the digest channel in Slack.")] = False,
    language: InLanguage = None,
    as_json: AsJson = False,
) -> None:
    """Say what is due, what to watch, and what changed since the last digest."""
    speak(language)
    cli = cli_context(context)
    day = as_of or cli.settings.today()
    cli.require_documents()
    with only_result():
        previous = previous_state(cli.settings, cli.services, day)
        # Whoever is at the terminal runs the bot.
        made = make_digest(cli.services, day, previous, keeps_library=True, days=days)
        posted = post_digest(cli, day, days, language) if post else None
    if as_json:
        emit_json(results.Digest, made)
    elif posted is None:
        show(visible(digest_text(made)))
    if posted is not None:
        stderr_console().print(posted)


def post_digest(cli: CliContext, day: date, days: int, language: str | None = None) -> str:
    """Post the digest, once a day, by default in the channel's language; return the message for the user.

    Raises BotError if it cannot be posted.
    """
    settings = cli.settings
    if not settings.digest_channel:
        raise SettingsError("there is no channel for the digest; set ITUBOT_DIGEST_CHANNEL to a channel's id")
    # Imported late: printing a digest needs no Slack.
    import asyncio

    from bot.slack.core.sending.clients import FAILURES, SlackClients
    from bot.slack.core.sending.posting import Poster
    from bot.slack.core.ui.elements import Message
    from bot.slack.features.follow.subscriptions import DigestSender, channel_digest, digest_message
    from bot.slack.workspaces.workspace import team_of

    channel = settings.digest_channel
    clients = SlackClients(token_of_channels(cli), settings.slack_api_url)

    async def make(
        subscription: Subscription, at: date, previous: DigestState | None
    ) -> tuple[Message, DigestState]:
        audience = of_channel(subscription.team, subscription.channel)
        made = make_digest(cli.seen_from(audience), at, previous, days=days)
        return digest_message(made), made.state

    async def post() -> str:
        try:
            identity = await clients.retrying.auth_test()
        except FAILURES:
            return "failed"
        team, bot_user = team_of(identity), str(identity.get("user_id") or "")
        sender = DigestSender(
            cli.services.shared.digest_store.of(settings.first_workspace),
            Poster(clients.posting, clients.retrying, bot_user),
            runner := Runner(renew_every=LEASE_SECONDS / 5, lease_seconds=LEASE_SECONDS),
            make,
            lambda job: runner.withdraw(job.lease),
        )
        try:
            return await sender.post(channel_digest(team, channel), day)
        finally:
            await runner.close(0)

    with in_language(language or settings.channel_languages.get(channel, "en")):
        outcome = asyncio.run(post())
    if outcome not in _POSTED:
        raise BotError(
            f"Slack did not take the digest ({outcome}); check that the bot is in the channel, then try again"
        )
    return _POSTED[outcome].format(day=day.isoformat(), channel=settings.digest_channel)


COMMANDS = {"deadlines": deadlines, "correct": correct, "digest": digest}
