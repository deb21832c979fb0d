"""The tools and resources, as the protocol's own client sees them over HTTP; test_stdio compares those over stdio."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp import Client
from mcp.shared.exceptions import MCPError

from bot.cancellation import Cancelled, woken_by_cancellation
from bot.cli import main
from bot.mcp.tools import EVENTS_A_PAGE
from bot.wiring import Services
from tests.bot.mcp.connections import found_by, new_token, served, services_on, text_of, with_token
from tests.small_store import REPORT

DAY = "2025-06-01"
SYMBOL, NAME = "C25/INF/11", "C25-INF-11"
# Paragraphs of the long paper, each with a day.
# With the two other events one more than a page, so that the last page has one row.
LONG = 24


def write_paper(folder: Path, name: str, text: str, symbol: str = "") -> Path:
    """Write a paper with its facts beside it."""
    path = folder / name
    path.write_text(text)
    facts = f'symbol = "{symbol}"\n' if symbol else ""
    path.with_name(f"{name}.meta.toml").write_text(f'title = "About {path.stem}"\ndate = 2025-01-01\n{facts}')
    return path


def long_paper(month: str) -> str:
    lines = [
        f"1.{n}\tThe panel on matter {n} will meet on {n % 28 + 1} {month} 2025." for n in range(1, LONG + 1)
    ]
    return "\n".join(["1. Panels", *lines]) + "\n"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a short paper, and a long one in two versions."""
    folder = tmp_path_factory.mktemp("papers")
    services = services_on(folder / "data")
    short = write_paper(folder, "forum.txt", REPORT, SYMBOL)
    for month in ("July", "August"):
        services.shared.ingest([short, write_paper(folder, "long paper.txt", long_paper(month))])
    services.shared.close()
    return folder / "data"


@pytest.fixture(scope="module")
def services(data: Path) -> Iterator[Services]:
    services = services_on(data, questions_per_minute=0)
    yield services
    services.shared.close()


@asynccontextmanager
async def over_http(services: Services) -> AsyncIterator[Client]:
    async with served(services) as url, with_token(url, new_token(services)) as client:
        yield client


async def test_every_tool_says_what_it_takes_and_returns_and_that_it_only_reads(services: Services) -> None:
    async with over_http(services) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}

    assert set(tools) == {
        *("search", "fetch", "list_events", "what_changed", "list_documents"),
        *("ask", "check_statement"),
    }
    for tool in tools.values():
        assert tool.description
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.output_schema is not None
        assert tool.input_schema["additionalProperties"] is False
        for schema in (tool.input_schema, tool.output_schema):
            Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"


@pytest.mark.parametrize("question", ["When is the Forum on Broadband?", "Who pays for the moon?"])
async def test_an_answer_is_what_the_command_prints(
    services: Services, data: Path, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    async with over_http(services) as client:
        found = found_by(await client.call_tool("ask", {"question": question, "as_of": DAY}))

    assert found | {"timings_ms": {}} == printed(data, capsys, "ask", question, "--as-of", DAY) | {
        "timings_ms": {}
    }


async def test_lists_are_what_the_commands_print_page_by_page(
    services: Services, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with over_http(services) as client:
        events = await pages(client, "list_events", "events", {"as_of": DAY})
        changes = await pages(client, "what_changed", "paragraphs", {})

    assert [len(page["events"]) for page in events] == [EVENTS_A_PAGE, LONG + 2 - EVENTS_A_PAGE]
    assert [event for page in events for event in page["events"]] == printed(
        data, capsys, "deadlines", "--as-of", DAY
    )
    paragraphs = [change for page in changes for change in page.pop("paragraphs")]
    assert changes[0] | {"paragraphs": paragraphs} == printed(data, capsys, "changes")


async def test_a_cursor_of_another_list_is_refused(services: Services) -> None:
    async with over_http(services) as client:
        first = found_by(await client.call_tool("list_events", {"as_of": DAY}))
        other = {"as_of": DAY, "kind": "meeting", "cursor": first["next_cursor"]}
        result = await client.call_tool("list_events", other)

    assert result.is_error
    assert "leave it out to begin with the first page" in text_of(result)


async def pages(client: Client, name: str, rows: str, arguments: dict[str, Any]) -> list[Any]:
    """Return all pages of a list, without their cursors."""
    found = [found_by(await client.call_tool(name, arguments))]
    while cursor := found[-1].pop("next_cursor"):
        assert found[-1][rows]
        found.append(found_by(await client.call_tool(name, arguments | {"cursor": cursor})))
    return found


def printed(data: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Return the JSON that a command prints."""
    assert main([*arguments, "--json"], lambda _settings: services_on(data)) == 0
    return json.loads(capsys.readouterr().out)


async def test_what_a_search_finds_can_be_fetched_and_read(services: Services) -> None:
    async with over_http(services) as client:
        found = found_by(await client.call_tool("search", {"query": "panel on matter 7"}))["results"]
        for result in found[:3]:
            fetched = found_by(await client.call_tool("fetch", {"id": result["id"]}))
            [contents] = (await client.read_resource(result["url"])).contents

            assert result["text"] in fetched["text"]
            assert (fetched["id"], fetched["title"]) == (result["id"], result["title"])
            assert contents.text == f"{fetched['title']}\n\n{fetched['text']}"  # type: ignore[union-attr]

    assert {
        "id": "itubot://long%20paper.txt/1.7",
        "title": "About long paper, § 1.7: Panels",
        "url": "itubot://long%20paper.txt/1.7",
        "text": "The panel on matter 7 will meet on 8 August 2025.",
    } in found


async def test_a_paragraph_a_chapter_and_headings_are_fetched(services: Services) -> None:
    start = f"itubot://{NAME}/"
    cases: tuple[tuple[str, str, list[str], str | None, str | None], ...] = (
        (f"{start}2.1", "The Schools Alliance has", [], "1.2", "2.2"),
        (f"{SYMBOL}/2", "§ 2.1 The Schools", ["2.1", "2.2"], "1.2", None),
        ("about FORUM", "§ 1.1 Forum: The Forum on", ["1.1", "2.1"], None, "2.2"),
    )
    async with over_http(services) as client:
        for name, text, sections, before, after in cases:
            found = found_by(await client.call_tool("fetch", {"id": name}))
            metadata = found["metadata"]

            assert found["text"].startswith(text)
            assert [each["id"] for each in found["results"]] == [start + number for number in sections]
            assert (metadata["before"], metadata["after"]) == (
                before and start + before,
                after and start + after,
            )
            assert metadata["symbol"] == SYMBOL


async def test_listed_documents_can_be_fetched(services: Services) -> None:
    async with over_http(services) as client:
        listed = found_by(await client.call_tool("list_documents", {}))
        for document in listed["documents"]:
            fetched = found_by(await client.call_tool("fetch", {"id": document["id"]}))
            assert fetched["metadata"]["document"] == document["title"]

    assert "ITU" in listed["about"]
    assert {document["symbol"] for document in listed["documents"]} == {SYMBOL, None}


async def test_events_are_chosen(services: Services) -> None:
    async with over_http(services) as client:
        for arguments, sections in (
            ({"topic": "Forum on Broadband"}, {"1.1"}),
            ({"kind": "deadline"}, {"1.2"}),
            ({"place": "Geneva"}, {"1.1"}),
            ({"period": "2025-06"}, {"1.2"}),
            ({"status": "past", "period": "2025-06"}, set()),
        ):
            found = found_by(await client.call_tool("list_events", {"as_of": DAY} | arguments))

            assert {event["section"] for event in found["events"]} == sections


WRONG_CALLS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("sing", {}, "there is no such tool; there are search, fetch"),
    ("search", {}, "search takes query; `query`: field required"),
    ("search", {"query": "x", "most": 3}, "`most`: extra inputs are not permitted"),
    ("search", {"query": ["x"]}, "`query`"),
    ("search", {"query": " \0"}, "give some words"),
    ("search", {"query": "x" * 3_000}, "`query`"),
    ("fetch", {"id": "nothing\n/1.1"}, "there is no document or paragraph nothing /1.1"),
    ("fetch", {"id": f"itubot://{NAME}/9.9"}, "its first is 1.1 and its last 2.2"),
    ("fetch", {"id": "../../../etc/passwd"}, "there is no document or paragraph"),
    ("ask", {"question": ""}, "ask something, as in"),
    ("ask", {"question": "x" * 3_000}, "ask it in 2,000 or fewer"),
    ("ask", {"question": "When?", "as_of": "May"}, "`as_of`: 'May' is not a date; write YYYY-MM-DD"),
    ("ask", {"question": "When?", "as_of": 86400}, "'86400' is not a date"),
    ("ask", {"question": "When?", "language": "tlh"}, "`language`"),
    ("list_events", {"from": "2025-02-01"}, "list_events takes period, kind"),
    ("list_events", {"period": "soon"}, "'soon' is no period; write one of"),
    ("list_events", {"kind": "party"}, "`kind`"),
    ("list_events", {"cursor": "nonsense"}, "leave it out"),
    ("list_events", {"cursor": f"{'0' * 32}-5"}, "leave it out"),
    ("what_changed", {"document": "nothing"}, "there is no document nothing; list_documents"),
    ("what_changed", {"cursor": f"{'9' * 5_000}"}, "`cursor`"),
    ("list_documents", {"audience": "T1/C1"}, "`audience`"),
    ("check_statement", {"statement": " "}, "is empty"),
    ("check_statement", {"statement": "word " * 200}, "at most 800 characters"),
)


async def test_a_wrong_call_says_what_to_do(services: Services) -> None:
    async with over_http(services) as client:
        for name, arguments, said in WRONG_CALLS:
            result = await client.call_tool(name, arguments)

            assert result.is_error, name
            assert said in text_of(result)
            assert "\n" not in text_of(result)


async def test_a_resource_that_is_not_there_says_so(services: Services) -> None:
    async with over_http(services) as client:
        for uri, said in (
            ("https://example.org/", "Unknown resource"),
            (f"itubot://{NAME}/7", "has no paragraph '7'"),
            ("itubot://nothing/1", "list_documents names them"),
        ):
            with pytest.raises(MCPError, match=said):
                await client.read_resource(uri)


async def test_each_caller_has_a_budget_and_is_told_when_to_try_again(data: Path) -> None:
    # A look-up costs a fifth of a question, and a wrong call nothing.
    calls = [("search", {"query": "Forum"})] * 5 + [("search", {})] + [("ask", {"question": "When?"})] * 2
    limited = services_on(data, questions_per_minute=2)
    for _ in range(2):
        async with over_http(limited) as client:
            answers = [await client.call_tool(name, arguments) for name, arguments in calls]
            with pytest.raises(MCPError, match="try again in"):
                await client.read_resource(f"itubot://{NAME}/1.1")

        assert [answer.is_error for answer in answers] == [False] * 5 + [True, False, True]
        assert text_of(answers[-1]).startswith("2 questions a minute are answered")


async def test_a_fault_of_the_program_shows_no_more_than_its_kind(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("the inner of the program")

    monkeypatch.setattr("bot.answering.tools.Tools.changes", fails)
    async with over_http(services) as client:
        result = await client.call_tool("what_changed", {})

    assert result.is_error
    assert text_of(result) == "a fault of the program (ValueError); tell whoever runs it"


async def test_the_work_of_a_cancelled_request_ends(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, woken = threading.Event(), threading.Event()

    def waits(*_: object, **_options: object) -> None:
        with woken_by_cancellation(woken.set):
            begun.set()
            woken.wait()
            raise Cancelled

    monkeypatch.setattr(services.assistant, "answer", waits)
    monkeypatch.setattr(services, "seen_from", lambda _audience: services)
    async with over_http(services) as client:
        asking = asyncio.ensure_future(client.call_tool("ask", {"question": "When?"}))
        await asyncio.to_thread(begun.wait)
        asking.cancel()
        await asyncio.to_thread(woken.wait)
