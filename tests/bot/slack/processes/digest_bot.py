"""A process that posts a digest: `python -m tests.bot.slack.processes.digest_bot API_URL TOKEN DATABASE DAY`."""

from __future__ import annotations

import asyncio
import sys
from datetime import date

from bot.register.digest import build_digest
from bot.slack.core.sending.clients import SlackClients
from bot.slack.core.sending.posting import Poster
from bot.slack.features.subscriptions.digests import DigestSender, channel_digest
from store.jobs import DigestStore, Runner
from tests.bot.register_entries import spring


def main(api_url: str, token: str, database: str, day: str) -> None:
    asyncio.run(post(api_url, token, database, date.fromisoformat(day)))


async def post(api_url: str, token: str, database: str, day: date) -> None:
    clients = SlackClients(token, api_url)
    sender = DigestSender(
        DigestStore.open(database),
        lambda _: None,
        lambda _audience, at, previous, *_: build_digest(spring(), at, previous=previous),
        Poster(clients.posting, clients.retrying, "U0BOT"),
        Runner(renew_every=3.0, lease_seconds=300.0),
    )
    sys.stdout.write(await sender.post(channel_digest("T0TEAM", "C0DIGEST"), day))
    await sender.runner.close(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
