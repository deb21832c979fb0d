"""Documents of one channel reach no token of another: 100 cases, by every tool and as resources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import ResourceTemplateReference

from bot.mcp.paragraphs import TEMPLATE, Paragraphs
from bot.wiring import Services
from tests.bot.mcp.connections import found_by, new_token, served, services_on, text_of, with_token
from tests.bot.private_papers import SECRET_YEAR, Case, cases, questions, write
from tests.bot.test_audiences import normalized

pytestmark = pytest.mark.slow

HERE, ELSEWHERE, EVERYBODY = "T1/C1", "T1/C2", "everybody"
DAY = "2025-03-01"
CASES = cases(seed=30)
QUESTIONS = list(questions(CASES))
# Of a result: what repeats the query, and what depends on the store's ids or on the clock.
_LEFT_OUT = {"question", "standalone_question", "statement", "timings_ms", "next_cursor"}


def filled(folder: Path, *, private: bool) -> Services:
    """Return the services of a store with the public papers in two versions, and with private ones."""
    services = services_on(folder / "data", questions_per_minute=0)
    for part in range(10):
        services.shared.ingest([write(folder / "all", CASES, part, private=False)])
        if private:
            services.shared.ingest([write(folder / "here", CASES, part, private=True)], audience=HERE)
    changed = folder / "all" / "paper-9.txt"
    changed.write_text(changed.read_text().replace("Geneva", "Nairobi"))
    services.shared.ingest([changed])
    return services


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, Services]]:
    """A store with private papers, and one that never had any."""
    folder = tmp_path_factory.mktemp("audiences")
    kept, never = filled(folder / "with", private=True), filled(folder / "without", private=False)
    yield kept, never
    for services in (kept, never):
        services.shared.close()


async def answers(client: Client, case: Case, question: str) -> list[str]:
    """Return all that a client gets about a case."""
    calls = (
        ("search", {"query": case.private}),
        ("ask", {"question": question, "as_of": DAY}),
        ("check_statement", {"statement": case.private, "as_of": DAY}),
        ("list_events", {"topic": case.marker, "as_of": DAY, "all": True}),
        ("list_events", {"topic": case.topic, "as_of": DAY, "all": True}),
    )
    found = [found_by(await client.call_tool(name, arguments)) for name, arguments in calls]
    shown = [{k: v for k, v in one.items() if k not in _LEFT_OUT} for one in found]
    return [normalized(json.dumps(one)) for one in shown]


async def lists(client: Client) -> list[str]:
    """Return all that a client gets without a query: each page of lists, each paragraph, and all completions."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await client.list_resources(cursor=cursor)
        for resource in page.resources:
            [contents] = (await client.read_resource(resource.uri)).contents
            found.append(f"{resource} {contents}")
        found.append(str(page.next_cursor))
        if (cursor := page.next_cursor) is None:
            break
    while True:
        events = found_by(
            await client.call_tool("list_events", {"as_of": DAY, "all": True, "cursor": cursor})
        )
        found.append(json.dumps([events["events"], events["total"]]))
        if (cursor := events["next_cursor"]) is None:
            break
    for document in [None, *(f"C25/{n}" for n in range(10, 61)), "paper-1.txt", f"{HERE}:C25/51"]:
        changed = await client.call_tool("what_changed", {"document": document} if document else {})
        found.append(json.dumps([changed.structured_content, changed.is_error]))
    reference = ResourceTemplateReference(type="ref/resource", uri=TEMPLATE)
    names = await client.complete(reference, {"name": "document", "value": ""})
    return [normalized(one) for one in [*found, str(names.completion)]]


def is_private(text: str, case: Case | None = None) -> bool:
    markers = [case.marker] if case else [one.marker for one in CASES]
    return SECRET_YEAR in text or any(marker in text.casefold() for marker in markers)


# A channel sees what everybody does; so for everybody a twentieth of the cases is enough.
@pytest.mark.parametrize(("audience", "every"), [(ELSEWHERE, 1), (EVERYBODY, 20)])
async def test_others_get_what_a_store_without_private_papers_gives(
    stores: tuple[Services, Services], audience: str, every: int
) -> None:
    kept, never = stores
    async with (
        served(kept) as url,
        served(never) as other_url,
        with_token(url, new_token(kept, audience)) as client,
        with_token(other_url, new_token(never, audience)) as other,
    ):
        assert await lists(client) == await lists(other)
        for case, question in zip(CASES[::every], QUESTIONS[::every], strict=True):
            got, expected = await answers(client, case, question), await answers(other, case, question)
            assert got == expected, case


async def test_the_channel_gets_its_papers(stores: tuple[Services, Services]) -> None:
    kept, _ = stores
    async with served(kept) as url, with_token(url, new_token(kept, HERE)) as client:
        found = " ".join(await lists(client))
        for case, question in zip(CASES[::10], QUESTIONS[::10], strict=True):
            assert is_private(" ".join(await answers(client, case, question)), case)

    assert all(case.marker in found.casefold() for case in CASES)


async def test_a_uri_of_another_channel_is_as_one_that_nobody_has(stores: tuple[Services, Services]) -> None:
    kept, _ = stores
    seen = kept.seen_from(HERE)
    with seen.search.view() as view:
        every = Paragraphs(view).page(0, 1_000)
    private = [one for one in every if one.document.audience == HERE]
    assert len(private) == len(CASES)
    async with served(kept) as url, with_token(url, new_token(kept, ELSEWHERE)) as client:
        for paragraph in private:
            said = [
                text_of(await client.call_tool("fetch", {"id": uri}))
                for uri in (paragraph.uri, paragraph.uri.replace("C25", "C26"))
            ]
            assert said[0].startswith("there is no document 'T1-C1:C25-")
            assert said[0] == said[1].replace("C26", "C25")
        with pytest.raises(MCPError, match="there is no document"):
            await client.read_resource(private[0].uri)
