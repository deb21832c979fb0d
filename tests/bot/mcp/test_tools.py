"""The tools and resources, as the SDK's client sees them over HTTP; test_stdio compares those over stdio."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import ResourceLink, ResourceTemplateReference

from bot.cli import main
from bot.mcp.tools import CHANGES_A_PAGE, EVENTS_A_PAGE, TOOLS
from bot.wiring import Services
from tests.bot.mcp.connections import (
    found_by,
    new_token,
    served,
    services_on,
    text_of,
    with_token,
)
from tests.small_store import REPORT

DAY = "2025-06-01"
SYMBOL, NAME = "C25/INF/11", "C25-INF-11"
# Sections of the long paper, each with a day.
LONG = 120


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
        services.shared.ingest([short, write_paper(folder, "long.txt", long_paper(month))])
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


Connect = Callable[[], AbstractAsyncContextManager[Client]]


@pytest.fixture
def connect(services: Services) -> Connect:
    """Connects a client; not a client itself, as the task that opens it has to close it."""
    return partial(over_http, services)


def printed(data: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Return the JSON that a command prints."""

    def make(_settings: object) -> Services:
        return services_on(data)

    assert main([*arguments, "--json"], make) == 0
    return json.loads(capsys.readouterr().out)


async def test_every_tool_says_what_it_takes_and_returns_and_that_it_only_reads(connect: Connect) -> None:
    async with connect() as client:
        tools = (await client.list_tools()).tools

        assert [tool.name for tool in tools] == [
            "search",
            "fetch",
            "ask",
            "list_events",
            "what_changed",
            "check_statement",
        ]
        for tool in tools:
            Draft202012Validator.check_schema(tool.input_schema)
            assert tool.output_schema is not None
            Draft202012Validator.check_schema(tool.output_schema)
            assert tool.output_schema["type"] == "object"
            assert tool.annotations is not None
            assert tool.annotations.read_only_hint


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("search", {"query": "Forum on Broadband"}),
        ("fetch", {"id": f"itubot://{NAME}/1.1"}),
        ("ask", {"question": "When is the Forum on Broadband?", "as_of": DAY}),
        ("ask", {"question": "Who pays for the moon?", "as_of": DAY}),
        ("list_events", {"as_of": DAY}),
        ("what_changed", {"document": "long.txt"}),
        ("what_changed", {"document": SYMBOL}),
        (
            "check_statement",
            {"statement": "The Forum on Broadband will be held in Geneva from 7 to 11 July 2025."},
        ),
    ],
)
async def test_a_result_is_what_its_schema_says(
    connect: Connect, name: str, arguments: dict[str, Any]
) -> None:
    async with connect() as client:
        [schema] = [tool.result for tool in TOOLS if tool.name == name]
        closed = json.loads(json.dumps(schema), object_hook=_without_further_properties)

        Draft202012Validator(closed).validate(found_by(await client.call_tool(name, arguments)))


def _without_further_properties(schema: dict[str, Any]) -> dict[str, Any]:
    return schema | {"additionalProperties": False} if "properties" in schema else schema


async def test_search_gives_ids_that_fetch_takes(connect: Connect) -> None:
    async with connect() as client:
        results = found_by(await client.call_tool("search", {"query": "Schools Alliance partners"}))[
            "results"
        ]

        best = found_by(await client.call_tool("fetch", {"id": results[0]["id"]}))
        assert best["text"] == "The Schools Alliance has eighty-four partners."
        assert results[0] == {
            "id": f"itubot://{NAME}/2.1",
            "title": f"{SYMBOL}, § 2.1: Alliance",
            "url": f"itubot://{NAME}/2.1",
            "text": best["text"],
        }


async def test_every_result_of_a_search_has_one_sentence(connect: Connect) -> None:
    async with connect() as client:
        results = found_by(await client.call_tool("search", {"query": "panel on matter"}))["results"]

    assert len(results) == 10
    assert all(result["text"].startswith("The panel on matter") for result in results)


async def test_fetch_names_the_neighbours_of_a_paragraph(connect: Connect) -> None:
    async with connect() as client:
        found = found_by(await client.call_tool("fetch", {"id": f"itubot://{NAME}/1.2"}))

        assert found["metadata"]["before"] == f"itubot://{NAME}/1.1"
        assert found["metadata"]["after"] == f"itubot://{NAME}/2.1"


async def test_ask_equals_the_command(
    connect: Connect, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with connect() as client:
        question = "How many partners does the Schools Alliance have?"
        found = found_by(await client.call_tool("ask", {"question": question, "as_of": DAY}))
        command = printed(data, capsys, "ask", question, "--as-of", DAY)

        assert found["answered"]
        assert {**found, "timings_ms": {}} == {**command, "timings_ms": {}}


async def test_an_answer_links_the_paragraphs_that_it_cites(connect: Connect) -> None:
    async with connect() as client:
        result = await client.call_tool(
            "ask", {"question": "How many partners does the Schools Alliance have?"}
        )

        [link] = result.content[1:]
        assert isinstance(link, ResourceLink)
        contents = (await client.read_resource(link.uri)).contents
        assert "eighty-four partners" in contents[0].text  # type: ignore[union-attr]


async def test_events_equal_the_command_page_by_page(
    connect: Connect, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with connect() as client:
        pages, cursor = [], None
        while True:
            found = found_by(
                await client.call_tool("list_events", {"as_of": DAY, "all": True, "cursor": cursor})
            )
            pages.append(found["events"])
            if (cursor := found["next_cursor"]) is None:
                break

        assert [len(page) for page in pages[:2]] == [EVENTS_A_PAGE, EVENTS_A_PAGE]
        events = [event for page in pages for event in page]
        assert found["total"] == len(events)
        assert events == printed(data, capsys, "deadlines", "--as-of", DAY, "--all")


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ({}, []),
        ({"kind": "deadline"}, ["--kind", "deadline"]),
        ({"within": 40}, ["--within", "40"]),
        ({"from": "2025-07-07", "to": "2025-07-11"}, ["--from", "2025-07-07", "--to", "2025-07-11"]),
        ({"from": "2025-02-01", "to": "2025-07-11"}, ["--from", "2025-02-01", "--to", "2025-07-11"]),
    ],
)
async def test_chosen_events_equal_the_command(
    connect: Connect,
    data: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: dict[str, Any],
    options: list[str],
) -> None:
    async with connect() as client:
        found = found_by(await client.call_tool("list_events", {"as_of": DAY, **arguments}))
    command = printed(data, capsys, "deadlines", "--as-of", DAY, *options)

    assert found["events"] == command[:EVENTS_A_PAGE]
    assert found["total"] == len(command) > 0


async def test_events_of_a_topic(connect: Connect) -> None:
    async with connect() as client:
        found = found_by(await client.call_tool("list_events", {"as_of": DAY, "topic": "Forum on Broadband"}))

    assert {event["section"] for event in found["events"]} == {"1.1"}


async def test_changes_equal_the_command_page_by_page(
    connect: Connect, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with connect() as client:
        first = found_by(await client.call_tool("what_changed", {}))
        paragraphs, cursor = first["paragraphs"], first["next_cursor"]
        while cursor is not None:
            found = found_by(await client.call_tool("what_changed", {"cursor": cursor}))
            paragraphs, cursor = paragraphs + found["paragraphs"], found["next_cursor"]

        assert len(first["paragraphs"]) == CHANGES_A_PAGE
        del first["next_cursor"]
        assert first | {"paragraphs": paragraphs} == printed(data, capsys, "changes")


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("search", {}, "`query`: field required"),
        ("search", {"query": "x", "most": 3}, "search takes query; `most`"),
        ("search", {"query": " "}, "the question is empty"),
        ("fetch", {"id": "C25/INF/11"}, "not of the form itubot://{document}/{paragraph}"),
        ("fetch", {"id": "itubot://nothing/1.1"}, "there is no document 'nothing'"),
        ("fetch", {"id": f"itubot://{NAME}/9.9"}, "its first is 1.1 and its last 2.2"),
        ("ask", {"question": ""}, "ask something, as in"),
        ("ask", {"question": "x" * 3_000}, "ask it in 2,000 or fewer"),
        ("ask", {"question": "When?", "as_of": "May"}, "`as_of`: 'May' is not a date; write YYYY-MM-DD"),
        ("list_events", {"from": 86400}, "`from`: '86400' is not a date; write YYYY-MM-DD"),
        ("ask", {"question": "When?", "language": "tlh"}, "`language`"),
        ("list_events", {"from": "2025-02-01", "to": "2025-01-01"}, "exchange them"),
        ("list_events", {"from": "2025-02-01", "within": 3}, "not both"),
        ("list_events", {"kind": "party"}, "`kind`"),
        ("list_events", {"cursor": "nonsense"}, "leave it out"),
        ("list_events", {"cursor": "WyJ4IiwgNV0="}, "leave it out"),
        ("what_changed", {"document": "nothing"}, "there is no document 'nothing'; `search`"),
        ("what_changed", {"cursor": "WyJ4IiwgNV0="}, "leave it out"),
        ("check_statement", {"statement": " "}, "give one sentence"),
        ("check_statement", {"statement": "word " * 200}, "check one sentence at a time"),
    ],
)
async def test_a_wrong_call_says_what_to_do(
    connect: Connect, name: str, arguments: dict[str, Any], said: str
) -> None:
    async with connect() as client:
        result = await client.call_tool(name, arguments)

    assert result.is_error
    assert said in text_of(result)
    assert "\n" not in text_of(result)


async def test_an_unknown_tool_is_an_error_that_names_the_known_ones(connect: Connect) -> None:
    async with connect() as client:
        with pytest.raises(MCPError, match=r"there is no tool 'sing'; there are search, fetch, ask"):
            await client.call_tool("sing", {})


async def test_all_paragraphs_are_listed_page_by_page(connect: Connect) -> None:
    async with connect() as client:
        uris, cursor = [], None
        while True:
            page = await client.list_resources(cursor=cursor)
            uris.append([resource.uri for resource in page.resources])
            if (cursor := page.next_cursor) is None:
                break

        assert len(uris) == 2
        assert [uri for page in uris for uri in page] == [
            *(f"itubot://{NAME}/{number}" for number in ("1.1", "1.2", "2.1", "2.2")),
            *(f"itubot://long.txt/1.{n}" for n in range(1, LONG + 1)),
        ]


async def test_a_listed_paragraph_can_be_read(connect: Connect) -> None:
    async with connect() as client:
        resource = (await client.list_resources()).resources[2]
        [contents] = (await client.read_resource(resource.uri)).contents

        assert contents.text == (  # type: ignore[union-attr]
            f"{SYMBOL}, § 2.1: Alliance\n\nThe Schools Alliance has eighty-four partners."
        )


@pytest.mark.parametrize(
    "uri", [f"itubot://{SYMBOL}/2.1", "itubot://c25-inf-11/2.1", "itubot://FORUM.txt/2.1"]
)
async def test_a_document_is_also_found_by_its_symbol_and_its_file(connect: Connect, uri: str) -> None:
    async with connect() as client:
        [contents] = (await client.read_resource(uri)).contents

    assert "eighty-four" in contents.text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("uri", "said"),
    [("https://example.org/", "not of the form"), (f"itubot://{NAME}/7", "has no paragraph '7'")],
)
async def test_a_resource_that_is_not_there_says_what_is(connect: Connect, uri: str, said: str) -> None:
    async with connect() as client:
        with pytest.raises(MCPError, match=said):
            await client.read_resource(uri)


async def test_a_stale_cursor_of_resources_says_what_to_do(connect: Connect) -> None:
    async with connect() as client:
        with pytest.raises(MCPError, match="leave it out"):
            await client.list_resources(cursor="nonsense")


async def test_the_parts_of_a_uri_are_completed(connect: Connect) -> None:
    async with connect() as client:
        [template] = (await client.list_resource_templates()).resource_templates
        reference = ResourceTemplateReference(type="ref/resource", uri=template.uri_template)

        async def completed(name: str, value: str, **known: str) -> list[str]:
            found = await client.complete(reference, {"name": name, "value": value}, context_arguments=known)
            return found.completion.values

        assert await completed("document", "c25") == [NAME]
        assert await completed("document", "about") == [NAME, "long.txt"]
        assert await completed("paragraph", "2", document=NAME) == ["2.1", "2.2"]
        assert await completed("paragraph", "2") == []
        assert await completed("paragraph", "", document="nothing") == []


async def test_long_completions_are_cut_and_counted(connect: Connect) -> None:
    async with connect() as client:
        reference = ResourceTemplateReference(type="ref/resource", uri="itubot://{document}/{paragraph}")
        found = await client.complete(
            reference, {"name": "paragraph", "value": "1."}, context_arguments={"document": "long.txt"}
        )

        assert (len(found.completion.values), found.completion.total, found.completion.has_more) == (
            100,
            LONG,
            True,
        )


async def test_a_spent_budget_says_when_to_try_again(data: Path) -> None:
    async with over_http(services_on(data, questions_per_minute=2)) as client:
        answers = [await client.call_tool("ask", {"question": "When is the Forum?"}) for _ in range(3)]
        with pytest.raises(MCPError, match="try again in"):
            await client.list_resources()

    assert [answer.is_error for answer in answers] == [False, False, True]
    assert text_of(answers[2]).startswith("2 questions a minute are answered")


async def test_looking_costs_less_than_asking(data: Path) -> None:
    async with over_http(services_on(data, questions_per_minute=1)) as client:
        found = [await client.call_tool("search", {"query": "Forum"}) for _ in range(6)]

    assert [result.is_error for result in found] == [False] * 5 + [True]


async def test_a_list_that_has_changed_is_begun_again(tmp_path: Path) -> None:
    services = services_on(tmp_path / "data")
    services.shared.ingest([write_paper(tmp_path, "long.txt", long_paper("July"))])
    async with over_http(services) as client:
        events = found_by(await client.call_tool("list_events", {"as_of": DAY}))
        resources = await client.list_resources()
        services.shared.ingest([write_paper(tmp_path, "forum.txt", REPORT)])
        again = await client.call_tool("list_events", {"as_of": DAY, "cursor": events["next_cursor"]})
        with pytest.raises(MCPError, match="begin with the first page"):
            await client.list_resources(cursor=resources.next_cursor)

    assert again.is_error
    assert "begin with the first page" in text_of(again)


async def test_a_fault_of_the_program_shows_no_more_than_its_kind(
    services: Services, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("the inner of the program")

    monkeypatch.setattr(services, "changes", fails)
    async with connect() as client:
        result = await client.call_tool("what_changed", {})

    assert result.is_error
    assert text_of(result) == "a fault of the program (ValueError); tell whoever runs it"
