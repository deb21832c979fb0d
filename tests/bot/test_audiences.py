"""Documents of one channel influence no answer, list or command elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot import results
from bot.cli import main
from bot.commands.context import CliContext
from bot.digests import make_digest, previous_state
from bot.register.digest import STATE
from bot.register.export.timeline import to_html
from bot.settings import Settings
from bot.slack.core.ui.documents import changes_message
from bot.slack.features.follow.calendars import calendar_file
from bot.slack.features.follow.subscriptions import digest_message
from bot.slack.features.questions import messages as blocks
from bot.slack.features.register import deadlines_message, entry_details_message
from bot.terminal import dump_json
from bot.wiring import Services, build
from store.audiences import PUBLIC
from store.jobs import DailyDigest, Holder
from tests.bot.private_papers import SECRET_YEAR, cases, questions, write
from tests.small_store import HashingEmbedder, stored_sections

pytestmark = pytest.mark.slow

HERE, ELSEWHERE = "T1/C1", "T1/C2"
DAY = date(2025, 3, 1)
CASES = cases(seed=25)
# Ids of chains differ between stores, and times between runs.
_ID = re.compile(r"\b[0-9a-f]{32}\b|(?<=\[)[0-9a-f]{8}(?=\])")
_CLOCK = re.compile(
    r'"(?:ingested_at|total|retrieve|compose|verify)": [^,}]+|DTSTAMP(?:;[^:]*)?:\S+|LAST-MODIFIED:\S+'
)


def services(folder: Path) -> Services:
    return build(Settings(data_dir=folder, timezone="UTC", _env_file=None), HashingEmbedder())


def filled(folder: Path, *, private: bool) -> Path:
    """Fill a store with the public papers, the last of them in two versions; the private ones come in between."""
    opened = services(folder / "data")
    for parts in (range(5), range(5, 10)):
        if private:
            papers = [write(folder / "here", CASES, part, private=True) for part in parts]
            opened.shared.ingest(papers, audience=HERE)
        opened.shared.ingest([write(folder / "all", CASES, part, private=False) for part in parts])
    changed = folder / "all" / "paper-9.txt"
    changed.write_text(changed.read_text().replace("Geneva", "Nairobi"))
    opened.shared.ingest([changed])
    if private:
        changed = folder / "here" / "paper-9.txt"
        changed.write_text(changed.read_text().replace("asked", "demanded"))
        opened.shared.ingest([changed], audience=HERE)
    return folder / "data"


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A store with private papers, and one that never had any."""
    folder = tmp_path_factory.mktemp("audiences")
    return filled(folder / "with", private=True), filled(folder / "without", private=False)


def normalized(output: str) -> str:
    """Return an output with ids replaced by their order, and without times."""
    known: dict[str, str] = {}
    return _CLOCK.sub("", _ID.sub(lambda found: known.setdefault(found[0], f"#{len(known)}"), output))


def list_outputs(seen: Services) -> Iterator[tuple[str, str]]:
    """Yield (name, output) of lists, files and views."""
    register, documents = seen.register(DAY), seen.catalog.documents()
    deadlines = deadlines_message(register, DAY, None, documents)
    yield "deadlines", deadlines.text + json.dumps(deadlines.blocks)
    yield "digest", json.dumps(digest_message(make_digest(seen, DAY, None, days=366)).blocks)
    yield "digest --json", dump_json(results.Digest, make_digest(seen, DAY, None, days=366))
    calendar = calendar_file(register, DAY, datetime(2025, 3, 1, tzinfo=UTC))
    yield "calendar", (calendar.data if calendar else b"").decode()
    yield "timeline", to_html(register, DAY)
    for entry in register:
        shown = entry_details_message(entry, register, DAY, may_correct=True)
        yield "details", json.dumps(shown.blocks)
    for document in documents:
        yield "changes", json.dumps(changes_message(seen.changes(document.source)).blocks)
        yield "sections", str([(s.number, s.text) for s in stored_sections(seen.catalog, document.id)])
    yield "last change", dump_json(results.Changes, seen.changes())


def answer_outputs(seen: Services) -> Iterator[tuple[str, str]]:
    """Yield (question, answer as JSON and as Slack shows it) of questions about every third case."""
    for question in list(questions(CASES))[::3]:
        answer = seen.assistant.answer(question, as_of=DAY)
        yield (
            question,
            dump_json(results.Answered, answer) + json.dumps(blocks.answer_message(answer, "key").blocks),
        )


def search_outputs(seen: Services) -> Iterator[tuple[str, str]]:
    """Yield (words, search result) of the words of each private paragraph."""
    for case in CASES:
        result = seen.search.search(case.private)
        scores = [(hit.section.text, round(hit.score, 9), round(hit.cosine, 6)) for hit in result.hits]
        yield (
            case.private,
            str((scores, result.frequencies, result.section_count, result.names)),
        )


def shows_private(output: str) -> bool:
    """Whether an output has something that only the private papers have."""
    return SECRET_YEAR in output or any(case.marker in output.casefold() for case in CASES)


Outputs = Callable[[Services], Iterator[tuple[str, str]]]


@pytest.mark.parametrize("outputs", [list_outputs, answer_outputs, search_outputs])
def test_other_channels_get_the_answers_of_a_store_without_private_papers(
    stores: tuple[Path, Path], outputs: Outputs
) -> None:
    audiences = PUBLIC | {ELSEWHERE}
    kept, never = (outputs(services(folder).seen_by(audiences)) for folder in stores)
    for (where, with_private), (_, without) in zip(kept, never, strict=True):
        assert normalized(with_private) == normalized(without), where


@pytest.mark.parametrize("outputs", [list_outputs, answer_outputs])
def test_own_channel_gets_answers_from_private_papers(stores: tuple[Path, Path], outputs: Outputs) -> None:
    output = " ".join(what for _, what in outputs(services(stores[0]).seen_by(PUBLIC | {HERE})))
    assert shows_private(output)


COMMANDS = (
    ["deadlines", "--all"],
    ["deadlines", "--all", "--json"],
    ["deadlines", "--all", "--format", "csv"],
    ["deadlines", "--all", "--format", "ics"],
    ["digest", "--as-of", "2025-03-01", "--days", "366"],
    ["digest", "--as-of", "2025-03-01", "--days", "366", "--json"],
    ["documents"],
    ["documents", "--json"],
    ["changes"],
    ["changes", "C25/10", "--json"],
    ["changes", "C25/51"],
    ["changes", "T1/C1:C25/51"],
    ["correct"],
    ["correct", "--json"],
    ["remove", "C25/51"],
    ["ask", "What is zq000vex?", "--json"],
    ["ask", "When is the Forum on rural cable?", "--as-of", "2025-03-01"],
)


@pytest.mark.parametrize("channel", [[], ["--audience", ELSEWHERE]])
def test_commands_show_no_private_papers(
    stores: tuple[Path, Path],
    channel: Sequence[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for command in COMMANDS:
        outputs = []
        for folder in stores:
            code = main([*channel, *command], lambda _, folder=folder: services(folder))
            captured = capsys.readouterr()
            outputs.append(normalized(f"{code}\n{captured.out}\n{captured.err}"))
        assert outputs[0] == outputs[1], command
        question = "".join(command).casefold()
        assert not shows_private(
            outputs[0].replace("zq000vex", "") if "zq000vex" in question else outputs[0]
        ), command


def test_digest_of_another_channel_ignores_private_papers(stores: tuple[Path, Path]) -> None:
    own = services(stores[0])
    settings = own.settings.model_copy(update={"digest_channel": "C1"})
    posted = make_digest(own.seen_by(PUBLIC | {HERE}), DAY, None).state
    claimed = own.shared.digest_store.claim(DailyDigest("C1", DAY), Holder("bot", 60.0))
    assert claimed is not None
    own.shared.digest_store.change(claimed.lease, True, ts="1.1", state=STATE.dump_json(posted).decode())
    cli = CliContext(lambda _: own)
    cli.settings = settings
    tomorrow = DAY + timedelta(days=1)
    assert previous_state(settings, cli.seen_from(HERE), tomorrow) == posted
    public = make_digest(own, DAY, None).state
    assert previous_state(settings, cli.seen_from(ELSEWHERE), tomorrow) == public
    several = settings.model_copy(update={"workspaces": ("T1", "T2")})
    assert previous_state(several, cli.seen_from(HERE), tomorrow) == posted
    assert previous_state(several, own.seen_by(PUBLIC | {"T2/C1"}), tomorrow) == public
