"""Raises a storm for CHAOS_SECONDS (180) from CHAOS_SEED (any), and reports what came out of it.

    python -m tests.bot.slack.chaos              # two bots on one data folder
    python -m tests.bot.slack.chaos --servers    # three bots, each with a data folder of its own, on two servers
                                               # (PostgreSQL, Chroma), each of which restarts once

Exit code 1 where a promise was broken: then the logs are kept, and the last line says where.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from store.catalog import Catalog
from tests.bot.slack.chaos.bots import (
    PROGRAM,
    Bot,
    connected,
    environment_of,
    had_digest,
    on_own_host,
)
from tests.bot.slack.chaos.checks import Check, check, is_settled
from tests.bot.slack.chaos.model import reply
from tests.bot.slack.chaos.records import Published, is_notice, lamps_said
from tests.bot.slack.chaos.script import BETWEEN_KILLS, NETWORKS, script
from tests.bot.slack.chaos.storm import Storm
from tests.bot.slack.fakes.faults import Fault
from tests.bot.slack.fakes.slack import FakeSlack
from tests.bot.slack.processes.bot_process import ingest_report, noon_zone
from tests.model_server import NAME
from tests.model_server import serving as serving_model
from tests.servers import both_servers, catalog_url

DIGESTS = "C0DIGEST"
# Seconds: what a dead process left is taken up after 15 of silence; so long nothing may come any more.
QUIET = 22.0
# Seconds after the last question until which everything has to be settled.
PATIENCE = 300.0
# Seconds from the start of the bots to that of the storm, about.
_LOADING = 20.0
_FAULTS = [Fault("429"), Fault("500", done=True), Fault("drop"), Fault("drop", done=True), Fault("500")]


class Server(Protocol):
    """A server that the bots share."""

    def restart(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """The checks of a storm, and what there was of each kind."""

    checks: list[Check]
    counts: dict[str, int]


async def raise_storm(folder: Path, seed: int, seconds: float, servers: Sequence[Server] = ()) -> Outcome:
    """Let it happen over the data in `folder`/data, or on servers that are restarted, with logs in `folder`."""
    names = ("A", "B", "C") if servers else ("A", "B")
    slack = FakeSlack()
    await slack.start()
    zone = noon_zone()
    due = _full_minute(datetime.now(ZoneInfo(zone)) + timedelta(seconds=_LOADING + 0.4 * seconds))
    had_digest(folder / "data", DIGESTS, due.date() - timedelta(days=1))
    digest = {
        "ITUBOT_DIGEST_CHANNEL": DIGESTS,
        "ITUBOT_DIGEST_TIME": f"{due:%H:%M}",
        "ITUBOT_TIMEZONE": zone,
    }
    with serving_model(reply) as server, (folder / "storm.log").open("w") as log:
        model = {"ITUBOT_MODEL": NAME, **server.environment}
        environment = environment_of(slack, folder / "data", digest, model)
        own = {name: on_own_host(environment, folder, name) if servers else environment for name in names}
        bots = [Bot(name, own[name], folder / f"bot-{name}.log") for name in names]
        storm = Storm(slack, bots, log)
        try:
            await connected(slack, bots)
            await storm.prepare()
            for method in ("chat.postMessage", "chat.update", "chat.startStream", "chat.stopStream"):
                slack.stumble(method, _FAULTS, every=19)
            await asyncio.sleep(-time.time() % BETWEEN_KILLS)
            await asyncio.gather(
                storm.run(script(seed, seconds, len(bots))), _restart(servers, seconds, storm.note)
            )
            calm = time.monotonic()
            await asyncio.sleep(due.timestamp() - time.time())
            await _settle(storm, slack)
            settled = time.monotonic() - calm
            for bot in bots:
                await bot.stop()
        finally:
            for bot in bots:
                await bot.close()
            await slack.stop()
            (folder / "slack.json").write_text(json.dumps(slack.messages, indent=1, ensure_ascii=False))
            (folder / "calls.json").write_text(json.dumps(slack.calls, indent=1, ensure_ascii=False))
    saw = storm.saw()
    checks = [
        *check(storm.questions, storm.uploads, storm.kills, _published(folder / "data"), saw),
        Check("no bot ends by itself", len(bots), [line for bot in bots for line in bot.complaints]),
        Check("Slack takes every message as it is", len(slack.calls), slack.problems),
    ]
    replies = [message for question in storm.questions for message in saw.replies(question)]
    counts = {
        "kills": len(storm.kills),
        "replies that tell of a failure": sum(map(is_notice, replies)),
        "files": len(storm.uploads),
        "seconds until all was quiet": round(settled),
    }
    return Outcome(checks, counts)


async def _restart(servers: Sequence[Server], seconds: float, note: Callable[[str], None]) -> None:
    """Restart each server once, spread over the storm."""
    for server in servers:
        await asyncio.sleep(seconds / (len(servers) + 1))
        note(f"{type(server).__name__} restarts")
        await asyncio.to_thread(server.restart)
        note(f"{type(server).__name__} is back")


async def _settle(storm: Storm, slack: FakeSlack) -> None:
    """Wait until everything is replied to and nothing comes any more, or for as long as there is patience."""
    storm.note("the storm is over")
    try:
        async with asyncio.timeout(PATIENCE):
            await slack.until(lambda: is_settled(storm.questions, storm.uploads, storm.saw()), PATIENCE)
            storm.note("everything is replied to")
            # A bot looks once a minute whether the digest is due.
            await slack.until(lambda: bool(storm.saw().digests), PATIENCE)
            await _quiet(slack)
    except TimeoutError:
        storm.note("the patience is over")
    else:
        storm.note("all is quiet")


async def _quiet(slack: FakeSlack) -> None:
    """Wait until the bots have called nothing for a while."""
    while True:
        before = len(slack.calls)
        try:
            await slack.until(lambda before=before: len(slack.calls) > before, QUIET)  # type: ignore[misc]
        except TimeoutError:
            return


def _published(data: Path) -> list[Published]:
    """Return every version of every paper in the catalog."""
    found = []
    with Catalog(catalog_url(data)).snapshot() as view:
        for document in view.documents():
            for one in view.versions(document.id):
                text = "\n".join(section.text for section in view.sections_of(one.id, one.version))
                said = [number for network in NETWORKS for number in lamps_said(text, network)]
                live = one.version == document.version
                found += [Published(document.source, one.version, number, live) for number in said]
    return found


def _full_minute(moment: datetime) -> datetime:
    """Return the first full minute from a moment on: a digest's time has no seconds."""
    return (moment + timedelta(minutes=1)).replace(second=0, microsecond=0)


def table(outcome: Outcome, seed: int, seconds: float) -> str:
    """Return the report."""
    counts = ", ".join(f"{count} {what}" for what, count in outcome.counts.items())
    lines = [f"{seconds:.0f} seconds from seed {seed}: {counts}", ""]
    lines.append(f"{'':54} {'checked':>8} {'broken':>7}")
    lines += [f"{one.name:54} {one.count:8} {len(one.violations):7}" for one in outcome.checks]
    for one in outcome.checks:
        lines += ["", f"Broken: {one.name}", *one.violations] if one.violations else []
    return "\n".join(lines)


def main() -> int:
    seconds = float(os.environ.get("CHAOS_SECONDS") or 180)
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(1_000_000))  # noqa: S311  not for secrets
    folder = Path(tempfile.mkdtemp(prefix="itubot-chaos-"))
    sys.stdout.write(f"Seed {seed}; the logs are in {folder}\n")
    sys.stdout.flush()
    with both_servers() if "--servers" in sys.argv else nullcontext(()) as servers:
        ingest_report(folder / "data", PROGRAM)
        outcome = asyncio.run(raise_storm(folder, seed, seconds, servers))
    sys.stdout.write(f"{table(outcome, seed, seconds)}\n")
    if any(one.violations for one in outcome.checks):
        sys.stdout.write(
            f"\nThe logs are in {folder}: storm.log says what was done, bot-A.log and bot-B.log are the bots' own, "
            f"slack.json is what Slack has, calls.json each call, data/ the store.\n"
            f"The same script once more: CHAOS_SEED={seed} CHAOS_SECONDS={seconds:.0f} make chaos\n"
        )
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
