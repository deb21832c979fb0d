"""A process that posts a digest: `python -m tests.bot.slack.processes.digest_bot API_URL TOKEN DATABASE DAY`."""

from __future__ import annotations

import asyncio
import sys
from datetime import date

from bot.register.digest import build_digest
from bot.slack.digest_schedule import DigestPoster
from bot.slack.sending.clients import SlackClients
from store.jobs import DigestStore
from tests.bot.register_entries import spring


def main(api_url: str, token: str, database: str, day: str) -> None:
    poster = DigestPoster(
        DigestStore.open(database),
        lambda at, previous: build_digest(spring(), at, previous=previous),
        SlackClients(token, api_url).posting,
        SlackClients(token, api_url).retrying,
        "C0DIGEST",
    )
    sys.stdout.write(asyncio.run(poster.post(date.fromisoformat(day))))


if __name__ == "__main__":
    main(*sys.argv[1:])
