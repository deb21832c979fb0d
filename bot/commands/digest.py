"""`itubot digest`: what is due and what changed, printed or posted to Slack."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from bot.commands.context import AsJson, AsOf, CliContext, InLanguage, cli_context, speak, token_of_channels
from bot.digests import DAYS, make_digest, previous_state
from bot.errors import BotError, SettingsError
from bot.locales import in_language
from bot.register.digest import digest_text
from bot.safe_text import visible
from bot.terminal import emit_json, only_result, show, stderr_console
from store.jobs import Runner

# Outcome of DigestSender.post -> message.
# Nobody waits for the digest of a day: its lease is renewed rarely, and lasts while the digest is made.
_LEASES = {"renew_every": 3.0, "lease_seconds": 300.0}
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
        made = make_digest(cli.services, day, days, previous, keeps_library=True)
        posted = post_digest(cli, day, days, language) if post else None
    if as_json:
        emit_json(made.to_json())
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
    from bot.slack.features.subscriptions.digests import DigestSender, channel_digest
    from bot.slack.workspaces.workspace import team_of

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
            lambda audience, at, previous, *_: make_digest(cli.seen_from(audience), at, days, previous),
            Poster(clients.posting, clients.retrying, bot_user),
            runner := Runner(**_LEASES),
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
