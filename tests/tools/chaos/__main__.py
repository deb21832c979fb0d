"""Raises a storm for CHAOS_SECONDS (180) from CHAOS_SEED (any), and reports what came out of it.

    python -m tests.tools.chaos              # two bots on one data folder
    python -m tests.tools.chaos --servers    # three bots, each with a data folder of its own, on two servers
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
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from store.catalog import Catalog
from tests.bot.slack.processes.bot_process import ingest_report, noon_zone, settings_for
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.model_server import NAME
from tests.model_server import serving as serving_model
from tests.servers import both_servers, database_url
from tests.tools.chaos.bots import PROGRAM, Bot, connected, had_digest, on_own_host
from tests.tools.chaos.checks import Check, Done, Published, Seen, answers, check
from tests.tools.chaos.disk import Disk, mounted
from tests.tools.chaos.model import reply
from tests.tools.chaos.script import BETWEEN_KILLS, DUE_AFTER, Action, FillDisk, Kill, script
from tests.tools.chaos.storm import Storm
from tests.tools.chaos.subjects import lamps_written

DIGESTS = "C0DIGEST"
# Seconds: what a dead process left is taken up after 15 of silence; so long nothing may come any more.
QUIET = 22.0
# Seconds after the last question until which everything has to be settled.
PATIENCE = 900.0
# Seconds from the start of the bots to that of the storm, about, and as a multiple of those of the first two ingests.
_LOADING, _LOADING_PER_FILL = 20.0, 2.5
_FAULTS = [Fault("429"), Fault("500", done=True), Fault("drop"), Fault("drop", done=True), Fault("500")]


class Server(Protocol):
    """A server that the bots share."""

    def restart(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """The checks of a storm, and what there was of each kind."""

    checks: list[Check]
    counts: dict[str, int | str]


def fill(folder: Path) -> None:
    """Ingest the bundled report, and a paper with a date of which a digest tells, into `folder`/data."""
    paper = folder / "dates.txt"
    tomorrow = datetime.now(ZoneInfo(noon_zone())) + timedelta(days=1)
    paper.write_text(f"1.1\tThe Forum on Harbours will be held in Geneva on {tomorrow:%-d %B %Y}.\n", "utf-8")
    ingest_report(folder / "data", PROGRAM, paper)
    ingest_report(folder / "data", PROGRAM)


async def raise_storm(
    folder: Path,
    seed: int,
    seconds: float,
    servers: Sequence[Server] = (),
    *,
    disk: Disk,
    loading: float = _LOADING,
    program: str = PROGRAM,
    patience: float = PATIENCE,
) -> Outcome:
    """Let it happen over the data in `folder`/data, or on servers that are restarted, with logs in `folder`.

    `loading`: seconds until the storm begins, about.
    """
    names = ("A", "B", "C") if servers else ("A", "B")
    slack = FakeSlack()
    await slack.start()

    # A digest is due in the storm, at a full minute, as its time has no seconds.
    zone = noon_zone()
    due = datetime.now(ZoneInfo(zone)) + timedelta(seconds=loading + DUE_AFTER * seconds)
    due = (due + timedelta(minutes=1)).replace(second=0, microsecond=0)
    had_digest(folder / "data", DIGESTS, due.date() - timedelta(days=1))
    actions = script(seed, seconds, len(names))

    with serving_model(reply) as server, (folder / "storm.log").open("w") as log:
        environment = settings_for(slack, folder / "data") | server.environment
        environment |= {
            "ITUBOT_LIBRARY_USERS": "U1",
            "ITUBOT_MODEL": NAME,
            "ITUBOT_DIGEST_CHANNEL": DIGESTS,
            "ITUBOT_DIGEST_TIME": f"{due:%H:%M}",
            "ITUBOT_TIMEZONE": zone,
        }
        own = {name: on_own_host(environment, folder, name) if servers else environment for name in names}
        bots = [Bot(name, own[name], folder / f"bot-{name}.log", program) for name in names]
        storm = Storm(slack, bots, log, disk)
        try:
            await connected(slack, bots)
            await storm.prepare()
            for method in ("chat.postMessage", "chat.update", "chat.startStream", "chat.stopStream"):
                slack.stumble(method, _FAULTS, every=19)
            await asyncio.sleep(-time.time() % BETWEEN_KILLS)
            await asyncio.gather(storm.run(actions), _restart(servers, seconds, storm.outage))
            calm = time.monotonic()
            await asyncio.sleep(due.timestamp() - time.time())
            await _settle(storm, slack, patience)
            settled = time.monotonic() - calm
            for bot in bots:
                await bot.stop()
        finally:
            await storm.close()
            for bot in bots:
                await bot.close()
            await slack.stop()
            (folder / "slack.json").write_text(json.dumps(slack.messages, indent=1, ensure_ascii=False))
            (folder / "calls.json").write_text(json.dumps(slack.calls, indent=1, ensure_ascii=False))

    saw = storm.saw()
    storm.done.redeliveries += sum(max(0, envelope.attempts - 1) for envelope in slack.envelopes.values())
    counts = _counts(storm.done, saw) | {"seconds until all was quiet": round(settled)}
    checks = [
        *check(storm.done, _published(folder / "data"), saw),
        Check("no bot ends by itself", len(bots), [line for bot in bots for line in bot.complaints]),
        Check("Slack takes every message as it is", len(slack.calls), slack.problems),
        Check("nothing that was planned is left out", len(actions), _left_out(actions, storm.done, disk)),
    ]
    return Outcome(checks, counts)


def _counts(done: Done, saw: Seen) -> dict[str, int | str]:
    """Return what there was of each kind."""
    results = list(answers(done, saw))
    right = sum(one.right and not one.wrong for one in results)
    return {
        "questions": len(results),
        "answered with the right phrase": right,
        "share": f"{100 * right / max(1, len(results)):.1f} %",
        "asked before a document answered": len(done.questions) - len(results),
        "files": len(done.uploads),
        "kills": len(done.kills),
        "all bots dead at once": done.kills_of_all,
        "redeliveries": done.redeliveries,
        "full disks": done.full_disks,
    }


def _left_out(actions: Sequence[Action], done: Done, disk: Disk) -> list[str]:
    """Return the kinds of which a script has something, and a storm had nothing."""
    kills = [action for action in actions if isinstance(action, Kill)]
    fills = [action for action in actions if isinstance(action, FillDisk)]
    kinds = {
        "questions": done.questions,
        "redeliveries": done.redeliveries,
        "kills": done.kills or not kills,
        "kills of all bots": done.kills_of_all or all(len(kill.bots) == 1 for kill in kills),
        "full disks": done.full_disks or disk.missing or not fills,
    }
    return [f"there were no {kind}" for kind, had in kinds.items() if not had]


async def _restart(
    servers: Sequence[Server], seconds: float, outage: Callable[[str], AbstractAsyncContextManager[None]]
) -> None:
    """Restart each server once, spread over the storm."""
    for server in servers:
        await asyncio.sleep(seconds / (len(servers) + 1))
        async with outage(f"{type(server).__name__} restarts"):
            await asyncio.to_thread(server.restart)


async def _settle(storm: Storm, slack: FakeSlack, patience: float) -> None:
    """Wait until everything is replied to and nothing comes any more, or for as long as there is patience."""
    storm.note("the storm is over")
    try:
        async with asyncio.timeout(patience):
            await storm.settled()
            storm.note("everything is replied to")
            # A bot looks once a minute whether the digest is due.
            await slack.until(lambda: bool(storm.saw().digests), patience)
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
    with Catalog(database_url(data)).snapshot() as view:
        return [
            Published(document.source, one.version, number, one.version == document.version)
            for document in view.documents()
            for one in view.versions(document.id)
            for section in view.sections_of(one.id, one.version)
            for number in lamps_written(section.text)
        ]


def table(outcome: Outcome, seed: int, seconds: float) -> str:
    """Return the report."""
    rows = {"seed": seed, "seconds": round(seconds), **outcome.counts}
    lines = [f"{what:62} {count:>8}" for what, count in rows.items()]
    lines += ["", f"{'':62} {'checked':>8} {'broken':>7}"]
    lines += [f"{one.name:62} {one.count:8} {len(one.violations):7}" for one in outcome.checks]
    for one in outcome.checks:
        lines += ["", f"Broken: {one.name}", *one.violations] if one.violations else []
    return "\n".join(lines)


def main() -> int:
    seconds = float(os.environ.get("CHAOS_SECONDS") or 180)
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(1_000_000))  # noqa: S311  not for secrets
    folder = Path(tempfile.mkdtemp(prefix="itubot-chaos-"))
    print(f"Seed {seed}; the logs are in {folder}", flush=True)
    on_servers = "--servers" in sys.argv
    # On servers it is the disk of the stored files: that of the databases is the servers' own.
    with (
        both_servers() if on_servers else nullcontext(()) as servers,
        mounted(folder / ("files" if on_servers else "data")) as disk,
    ):
        began = time.monotonic()
        fill(folder)
        # A slow machine takes longer for the bots too.
        loading = max(_LOADING, _LOADING_PER_FILL * (time.monotonic() - began))
        outcome = asyncio.run(raise_storm(folder, seed, seconds, servers, disk=disk, loading=loading))
    print(table(outcome, seed, seconds))
    if any(one.violations for one in outcome.checks):
        print(
            f"\nThe logs are in {folder}: storm.log says what was done, bot-A.log and bot-B.log are the bots' own, "
            f"slack.json is what Slack has, calls.json each call, data/ the store.\n"
            f"The same script once more: CHAOS_SEED={seed} CHAOS_SECONDS={seconds:.0f} make chaos"
        )
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
