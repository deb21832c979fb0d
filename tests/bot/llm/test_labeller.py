"""Labels of dates by a model on a server: langchain's client of OpenAI, and OpenAI's interface on loopback."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.llm.labeller import ModelLabeller, label_prompt
from bot.models.chat import ChatModel, ReplyLimits
from bot.settings import Settings
from bot.wiring import Services, build
from ingest.events.labels import DatedSection, Label
from tests.bot.models.fake_chat import FakeChat
from tests.ingest.scripted_labeller import shown
from tests.model_server import NAME, ModelServer, serving
from tests.small_store import REPORT, HashingEmbedder, stored_events

MEETS = "Working Party 7A will meet in Geneva on 14 May 2025. Contributions are due by 1 May 2025."
FIRST = {"number": 1, "event": True, "title": "Working Party 7A", "kind": "meeting", "place": "Geneva"}
SECOND = {"number": 2, "event": True, "title": "Working Party 7A: contributions due", "kind": "deadline"}


def labels(messages: list[str]) -> dict[str, Any]:
    """Say of every date of a request that the report is then."""
    numbers = re.findall(r"^(\d+): ", messages[-1].rpartition("numbers ")[2], re.M)
    return {"labels": [{"number": int(n), "event": True, "title": "The report"} for n in numbers]}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with serving(labels) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def section() -> DatedSection:
    return shown(MEETS, "Meetings")[0]


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """The program's own wiring with a model, and an embedder that costs nothing."""
    return build(Settings(data_dir=tmp_path / "data", model=NAME, _env_file=None), HashingEmbedder())


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    paper = tmp_path / "report.txt"
    paper.write_text(REPORT)
    return paper


def test_labels_come_from_a_tool_call_with_tokens(server: ModelServer, section: DatedSection) -> None:
    server.reply = lambda _: {"labels": [FIRST, {**SECOND, "replaces": 1, "outcome": "proposed"}]}

    reply = ModelLabeller(ChatModel(NAME)).label(section)

    assert reply.labels == (
        Label(1, True, "Working Party 7A", "meeting", "Geneva"),
        Label(2, True, "Working Party 7A: contributions due", "deadline", None, "proposed", 1),
    )
    assert (reply.why, reply.read > 100, reply.wrote > 10) == ("", True, True)
    assert [tool["function"]["name"] for tool in server.asked[0]["tools"]] == ["DateLabels"]


def test_prompt_shows_the_document_the_heading_and_the_numbers(section: DatedSection) -> None:
    instructions, request = (str(message.content) for message in label_prompt(section))

    assert "never write a date" in instructions
    assert "Document: Circular of Working Party 7A\n\nDate of the document: 10 January 2025" in request
    assert "Heading of the paragraph: Meetings" in request
    assert "on [1: 14 May 2025]. Contributions are due by [2: 1 May 2025]." in request
    assert request.endswith("numbers 1 to 2:\n\n1: 14 May 2025\n2: 1 May 2025")


def test_invalid_label_is_dropped(server: ModelServer, section: DatedSection) -> None:
    server.reply = lambda _: {"labels": [FIRST, {**SECOND, "kind": "party"}, {"event": True}, "none"]}

    assert [label.number for label in ModelLabeller(ChatModel(NAME)).label(section).labels or ()] == [1]


@pytest.mark.parametrize(
    "reply",
    [
        "I call no tools. The meeting is on 14 May 2025.",
        {"labels": [{"number": "one"}]},
        {"labels": "none"},
        {"something": "else"},
    ],
)
def test_reply_of_another_shape_has_no_labels(server: ModelServer, section: DatedSection, reply: Any) -> None:
    server.reply = lambda _: reply

    said = ModelLabeller(ChatModel(NAME)).label(section)

    assert (said.labels, said.why) == (None, f"{NAME} gave no structured reply")
    assert said.read > 0


def test_failure_names_the_http_status(server: ModelServer, section: DatedSection) -> None:
    server.reply = lambda _: 400

    said = ModelLabeller(ChatModel(NAME)).label(section)

    assert said.labels is None
    assert re.fullmatch(r"openai:recorded failed \(\w+ 400\)", said.why)


def test_temporary_failure_is_retried(server: ModelServer, section: DatedSection) -> None:
    server.reply = lambda _: {"labels": [FIRST]} if len(server.asked) == 2 else 503

    assert ModelLabeller(ChatModel(NAME)).label(section).labels is not None


@pytest.mark.parametrize("spoilt", [401, "no tools"])
def test_fallback_labels_if_the_model_fails(server: ModelServer, section: DatedSection, spoilt: Any) -> None:
    server.reply = lambda _: spoilt if server.asked[-1]["model"] == "recorded" else {"labels": [FIRST]}

    assert ModelLabeller(ChatModel(NAME, "openai:other")).label(section).labels is not None


@pytest.mark.slow
def test_fallback_labels_if_the_model_is_too_slow(server: ModelServer, section: DatedSection) -> None:
    # Time enough for the fallback on a busy machine.
    limits, end = ReplyLimits(total=100.0, attempt=2.0), threading.Event()

    def reply(_: list[str]) -> dict[str, Any]:
        if server.asked[-1]["model"] == "recorded":
            end.wait(100)
        return {"labels": [FIRST]}

    server.reply = reply

    labels = ModelLabeller(ChatModel(NAME, "openai:other", limits)).label(section).labels
    end.set()
    assert labels is not None


def test_word_in_a_reply_is_no_refused_option(server: ModelServer, section: DatedSection) -> None:
    server.reply = lambda _: {"labels": "sea surface temperature workshop"}
    model = ChatModel(NAME)

    ModelLabeller(model).label(section)
    ModelLabeller(model).label(section)

    assert ["temperature" in asked for asked in server.asked] == [True, True]


def test_model_without_tools_is_named(section: DatedSection) -> None:
    said = ModelLabeller(FakeChat(["[1]"], takes_tools=False).model()).label(section)

    assert (said.labels, said.why) == (None, "fake:model takes no tools")


def test_rules_label_if_the_model_cannot_be_made(services: Services, paper: Path) -> None:
    services.shared.settings = services.settings.model_copy(update={"model": "nobody:model"})

    report = services.shared.ingest([paper])

    assert report.documents[0].events == 2
    assert report.labelling is not None
    assert report.labelling.to_rules == 2
    assert "langchain knows no provider 'nobody'" in report.notes[0]


def test_ingest_requests_each_label_once(server: ModelServer, services: Services, paper: Path) -> None:
    report = services.shared.ingest([paper])

    assert report.labelling is not None
    assert (report.labelling.model, report.labelling.asked) == (NAME, 2)
    assert report.labelling.read > 0
    assert {event.title for event in stored_events(services.catalog)} == {"The report"}
    paper.write_text(REPORT.replace("eighty-four", "ninety"))
    assert services.shared.ingest([paper]).documents[0].status == "changed"
    assert len(server.asked) == 2


def test_ingest_without_model_requests_nothing(server: ModelServer, services: Services, paper: Path) -> None:
    report = services.shared.ingest([paper], label=False)

    assert (report.labelling, server.asked) == (None, [])


def test_rules_label_if_the_server_has_no_tools(
    server: ModelServer, services: Services, paper: Path, tmp_path: Path
) -> None:
    server.reply = lambda _: "There are no tools here."
    plain = build(Settings(data_dir=tmp_path / "plain", _env_file=None), HashingEmbedder())

    report = services.shared.ingest([paper])
    plain.shared.ingest([paper])

    assert report.notes == (
        f"the dates of 2 sections were read by the rules alone ({NAME} gave no structured reply); "
        "the next ingest asks the model again",
    )
    assert [replaced(e) for e in stored_events(services.catalog)] == [
        replaced(e) for e in stored_events(plain.catalog)
    ]


def test_invented_facts_do_not_reach_the_register(
    server: ModelServer, services: Services, paper: Path
) -> None:
    invented = {"title": "Gala of Atlantis, 1 April 2031", "kind": "meeting", "place": "Atlantis"}
    server.reply = lambda _: {"labels": [{"number": n, "event": True, **invented} for n in (0, 1, 2, 77, -5)]}

    services.shared.ingest([paper])

    events = stored_events(services.catalog)
    assert len(events) == 2
    assert {str(m.start) for e in events for m in e.mentions} == {"2025-07-07", "2025-06-16"}
    assert not any("Atlantis" in f"{e.title} {e.location}" for e in events)


def replaced(event: Any) -> tuple[Any, ...]:
    """Return all of an event but its chain, which is minted."""
    return event.title, event.kind, event.location, event.mentions
