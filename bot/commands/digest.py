"""`itubot digest`: what is due and what changed, printed or posted to Slack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.context import AsJson, AsOf, CliContext, cli_context, token_of_channels
from bot.errors import BotError, SettingsError
from bot.register.digest import STATE, Digest, DigestState, build_digest, digest_text
from bot.safe_text import visible
from bot.terminal.console import emit_json, only_result, show, stderr_console
from store.audiences import PUBLIC

if TYPE_CHECKING:
    from bot.wiring import Services

# Days that a digest looks ahead by default.
DAYS = 30

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
    ] = DAYS,
    post: Annotated[bool, typer.Option("--post", help="Send it to the digest channel in Slack.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what is due, what to watch, and what changed since the last digest."""
    cli = cli_context(context)
    day = as_of or cli.settings.today()
    cli.require_documents()
    with only_result():
        made = make_digest(cli.services, day, days, previous_state(cli, cli.services, day))
        posted = post_digest(cli, day, days) if post else None
    if as_json:
        emit_json(made.to_json())
    elif posted is None:
        show(visible(digest_text(made)))
    if posted is not None:
        stderr_console().print(posted)


def make_digest(services: Services, day: date, days: int, previous: DigestState | None) -> Digest:
    """Return the digest of a day, of the documents that the services see."""
    made = build_digest(services.register(day), day, days, previous, services.catalog.documents())
    if services.audiences == PUBLIC:
        return made
    public = services.seen_by(PUBLIC)
    for_everybody = build_digest(public.register(day), day, days, documents=public.catalog.documents())
    return replace(made, state=replace(made.state, for_everybody=for_everybody.state))


def make_digest_on(services: Services, day: date, previous: DigestState | None, topic: str) -> Digest:
    """Return the digest of a day on a topic, or on the document that it names; on everything for ""."""
    if not topic:
        return make_digest(services, day, DAYS, previous)
    # Imported late: the command itself searches nothing.
    from bot.register.subscriptions import documents_of, on_topic

    documents = services.catalog.documents()
    entries = on_topic(services.register(day), documents, topic)
    return build_digest(entries, day, DAYS, previous, documents_of(entries, documents))


def previous_state(cli: CliContext, services: Services, day: date) -> DigestState | None:
    """Return the state of the last posted digest, limited to the documents that the services see; None without one."""
    channel = cli.settings.digest_channel
    last = cli.services.shared.digest_store.last_state(channel, day) if channel else None
    if not last:
        return None
    state = STATE.validate_json(last)
    own = f"{cli.settings.first_workspace}/{channel}"
    if any(audience.endswith(own) for audience in services.audiences):
        return state
    return state.for_everybody or state


def post_digest(cli: CliContext, day: date, days: int) -> str:
    """Post the digest, once a day; returns the message for the user. Raises BotError if it cannot be posted."""
    settings = cli.settings
    if not settings.digest_channel:
        raise SettingsError("there is no channel for the digest; set ITUBOT_DIGEST_CHANNEL to a channel's id")
    # Imported late: printing a digest needs no Slack.
    import asyncio

    from bot.slack.identity import team_of
    from bot.slack.schedule.digests import DigestSender, channel_digest
    from bot.slack.sending.clients import FAILURES, SlackClients
    from bot.slack.sending.posting import Poster

    channel = settings.digest_channel
    clients = SlackClients(token_of_channels(cli), settings.slack_api_url)

    async def post() -> str:
        try:
            identity = await clients.retrying.auth_test()
        except FAILURES:
            return "failed"
        team, bot_user = team_of(identity), str(identity.get("user_id") or "")
        sender = DigestSender(
            cli.services.shared.digest_store.of(settings.first_workspace),
            lambda _: None,
            lambda audience, at, previous, _: make_digest(cli.seen_from(audience), at, days, previous),
            Poster(clients.posting, clients.retrying, bot_user),
        )
        try:
            return await sender.post(channel_digest(team, channel), day)
        finally:
            await sender.close(0)

    outcome = asyncio.run(post())
    if outcome not in _POSTED:
        raise BotError(
            f"Slack did not take the digest ({outcome}); check that the bot is in the channel, then try again"
        )
    return _POSTED[outcome].format(day=day.isoformat(), channel=settings.digest_channel)
