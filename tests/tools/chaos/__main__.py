"""Raises a storm for CHAOS_SECONDS (180) from CHAOS_SEED (any), and reports what came out of it.

    python -m tests.tools.chaos              # two bots on one data folder
    python -m tests.tools.chaos --servers    # three bots, each with a data folder of its own, on two servers
                                               # (PostgreSQL, Chroma), each of which restarts once

With CHAOS_EMBEDDER=real the bots have the bundled model, fewer questions and longer lives. Exit code 1 where a promise
was broken: then the logs are kept, and the last line says where.
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
from store.jobs import ExpertQuestionStore, ReminderStore
from tests.bot.slack.processes.bot_process import ingest_report, noon_zone
from tests.fake_slack.faults import Fault
from tests.fake_slack.slack import FakeSlack
from tests.model_server import NAME
from tests.model_server import serving as serving_model
from tests.servers import both_servers, database_url
from tests.tools.chaos.bots import (
    PROGRAM,
    Bot,
    connected,
    environment_of,
    had_digest,
    has_real_embedder,
    on_own_host,
)
from tests.tools.chaos.checks import Check, answers, check
from tests.tools.chaos.disk import Disk, mounted
from tests.tools.chaos.model import reply
from tests.tools.chaos.records import Done, Published, Seen
from tests.tools.chaos.script import BETWEEN_KILLS, DUE_AFTER, Action, FillDisk, Kill, Remind, script
from tests.tools.chaos.storm import FULL_DISK, Storm
from tests.tools.chaos.subjects import LATER, NETWORKS, SOON, lamps_written

DIGESTS = "C0DIGEST"
# Seconds: what a dead process left is taken up after 15 of silence; so long nothing may come any more.
QUIET = 22.0
# Seconds after the last question until which everything has to be settled.
PATIENCE = 900.0
# Seconds from the start of the bots to that of the storm, about, and as a multiple of those of the two first ingests,
# which with the bundled model take most of their time to export it.
_LOADING, _LOADING_PER_FILL, _REAL_LOADING_PER_FILL = 20.0, 2.5, 0.7
_FAULTS = [Fault("429"), Fault("500", done=True), Fault("drop"), Fault("drop", done=True), Fault("500")]
# Bots that load the bundled model live twice as long, and get a third of the questions.
_REAL_BETWEEN_KILLS, _REAL_PACE = 30.0, 0.33


class Server(Protocol):
    """A server that the bots share."""

    def restart(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """The checks of a storm, and what there was of each kind."""

    checks: list[Check]
    counts: dict[str, int | str]


def fill(data: Path, papers: Path, zone: str) -> None:
    """Ingest the bundled report, and a paper with two dates to come."""
    today = datetime.now(ZoneInfo(zone)).date()
    paper = papers / "dates.txt"
    paper.write_text(
        "".join(
            f"1.{number}\tThe {title} will be held in Geneva on {today + timedelta(days=days):%-d %B %Y}.\n"
            for number, title, days in ((1, SOON, 1), (2, LATER, 40))
        ),
        "utf-8",
    )
    ingest_report(data, PROGRAM)
    ingest_report(data, PROGRAM, paper)


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
    zone = noon_zone()
    due = _full_minute(datetime.now(ZoneInfo(zone)) + timedelta(seconds=loading + DUE_AFTER * seconds))
    had_digest(folder / "data", DIGESTS, due.date() - timedelta(days=1))
    digest = {
        "ITUBOT_DIGEST_CHANNEL": DIGESTS,
        "ITUBOT_DIGEST_TIME": f"{due:%H:%M}",
        "ITUBOT_TIMEZONE": zone,
    }
    state = database_url(folder / "data")
    options = {"between_kills": _REAL_BETWEEN_KILLS, "pace": _REAL_PACE} if has_real_embedder() else {}
    actions = script(seed, seconds, len(names), **options)
    with serving_model(reply) as server, (folder / "storm.log").open("w") as log:
        model = {"ITUBOT_MODEL": NAME, **server.environment}
        environment = environment_of(slack, folder / "data", digest, model)
        own = {name: on_own_host(environment, folder, name) if servers else environment for name in names}
        bots = [Bot(name, own[name], folder / f"bot-{name}.log", program) for name in names]
        storm = Storm(
            slack, bots, log, zone=zone, disk=disk, expert_questions=ExpertQuestionStore.open(state)
        )
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
    stored = ReminderStore.open(state).all()
    counts = _counts(storm.done, saw, settled, disk)
    checks = [
        *check(storm.done, _published(folder / "data"), stored, saw),
        Check("no bot ends by itself", len(bots), [line for bot in bots for line in bot.complaints]),
        Check("Slack takes every message as it is", len(slack.calls), slack.problems),
        Check("nothing that was planned is left out", len(actions), left_out(actions, counts)),
    ]
    return Outcome(checks, counts)


def _counts(done: Done, saw: Seen, settled: float, disk: Disk) -> dict[str, int | str]:
    """Return what there was of each kind."""
    results = list(answers(done, saw))
    right = sum(one.right and not one.wrong for one in results)
    return {
        "questions": len(results),
        "answered with the right phrase": right,
        "share": f"{100 * right / max(1, len(results)):.1f} %",
        "asked before a document answered": len(done.questions)
        + sum(bool(command.about) for command in done.commands)
        - len(results),
        "files": len(done.uploads),
        "kills": len(done.kills),
        "all bots dead at once": done.kills_of_all,
        "commands": len(done.commands),
        "shares": len(done.shares),
        "reminders": len(done.reminders),
        "reminders sent": sum(len(saw.reminded(one.user)) for one in done.reminders),
        "experts' answers": sum(bool(saw.named.get(f"{one.key}/expert")) for one in done.passed_on),
        "redeliveries": done.redeliveries,
        "full disks": sum(one.what == FULL_DISK for one in done.outages) or disk.missing or 0,
        "seconds until all was quiet": round(settled),
    }


def left_out(actions: Sequence[Action], counts: dict[str, int | str]) -> list[str]:
    """Return the kinds of which a script has something, and a storm had nothing."""
    kills = [action for action in actions if isinstance(action, Kill)]
    # Where no disk can be mounted, the count says why not.
    planned = {
        "kills": bool(kills),
        "all bots dead at once": any(len(kill.bots) > 1 for kill in kills),
        "full disks": any(isinstance(action, FillDisk) for action in actions),
        "reminders sent": any(isinstance(action, Remind) and action.soon for action in actions),
    } | dict.fromkeys(
        ("questions", "files", "commands", "shares", "reminders", "experts' answers", "redeliveries"), True
    )
    return [
        f"there were no {kind}" for kind, is_planned in planned.items() if is_planned and not counts[kind]
    ]


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
    found = []
    with Catalog(database_url(data)).snapshot() as view:
        for document in view.documents():
            for one in view.versions(document.id):
                text = "\n".join(section.text for section in view.sections_of(one.id, one.version))
                said = [number for network in NETWORKS for number in lamps_written(text, network)]
                live = one.version == document.version
                found += [Published(document.source, one.version, number, live) for number in said]
    return found


def _full_minute(moment: datetime) -> datetime:
    """Return the first full minute from a moment on: a digest's time has no seconds."""
    return (moment + timedelta(minutes=1)).replace(second=0, microsecond=0)


def table(outcome: Outcome, seed: int, seconds: float) -> str:
    """Return the report."""
    lines = [f"{'':62} {'count':>8}"]
    rows = {"seed": seed, "seconds": round(seconds), **outcome.counts}
    lines += [f"{what:62} {count:>8}" for what, count in rows.items()]
    lines += ["", f"{'':62} {'checked':>8} {'broken':>7}"]
    lines += [f"{one.name:62} {one.count:8} {len(one.violations):7}" for one in outcome.checks]
    for one in outcome.checks:
        lines += ["", f"Broken: {one.name}", *one.violations] if one.violations else []
    return "\n".join(lines)


def main() -> int:
    seconds = float(os.environ.get("CHAOS_SECONDS") or 180)
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(1_000_000))  # noqa: S311  not for secrets
    folder = Path(tempfile.mkdtemp(prefix="itubot-chaos-"))
    sys.stdout.write(f"Seed {seed}; the logs are in {folder}\n")
    sys.stdout.flush()
    on_servers = "--servers" in sys.argv
    # On servers it is the disk of the stored files: that of the databases is the servers' own.
    with (
        both_servers() if on_servers else nullcontext(()) as servers,
        mounted(folder / ("files" if on_servers else "data")) as disk,
    ):
        began = time.monotonic()
        fill(folder / "data", folder, noon_zone())
        # A slow machine takes longer for the bots too.
        per_fill = _REAL_LOADING_PER_FILL if has_real_embedder() else _LOADING_PER_FILL
        loading = max(_LOADING, per_fill * (time.monotonic() - began))
        outcome = asyncio.run(raise_storm(folder, seed, seconds, servers, disk=disk, loading=loading))
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
