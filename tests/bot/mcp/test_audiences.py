"""Documents of one channel reach no token of another, by no tool and as no resource: papers on the same topics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from bot.wiring import Services
from tests.bot.mcp.connections import new_token, served, services_on, text_of, with_token
from tests.bot.private_papers import SECRET_YEAR, cases, questions, write
from tests.bot.test_audiences import normalized

pytestmark = pytest.mark.slow

HERE, ELSEWHERE, EVERYBODY = "T1/C1", "T1/C2", "everybody"
DAY = "2025-03-01"
PARTS = range(0, 10, 3)
CASES = cases(seed=30)
# Every form of a private paragraph, and both kinds of question.
ASKED = [
    (CASES[n], question) for n, question in enumerate(questions(CASES)) if n // 10 in PARTS and n % 3 == 0
]
# Of a result: what repeats the query, and what depends on the store's ids or on the clock.
_LEFT_OUT = {"question", "standalone_question", "statement", "timings_ms", "next_cursor"}


def filled(folder: Path, *, private: bool) -> Services:
    """Return the services of a store with the public papers in two versions, and with private ones."""
    services = services_on(folder / "data", questions_per_minute=0)
    for part in PARTS:
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


def calls() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield calls of each tool that may find private papers."""
    everything = {"as_of": DAY, "status": "all"}
    for case, question in ASKED:
        yield "search", {"query": case.private}
        yield "ask", {"question": question, "as_of": DAY}
        yield "check_statement", {"statement": case.private, "as_of": DAY}
        yield "list_events", {"topic": case.marker} | everything
        yield "list_events", {"topic": case.topic} | everything
    yield "list_documents", {}
    yield "list_events", everything
    yield "list_events", {"period": SECRET_YEAR} | everything
    for part in PARTS:
        for name in (f"C25/{part + 10}", f"C25/{part + 50}", f"{HERE}:C25/{part + 50}", f"paper-{part}.txt"):
            yield "what_changed", {"document": name}
            yield "fetch", {"id": name}
            yield "fetch", {"id": f"{name}/1.1"}
    yield "what_changed", {}


async def shown(client: Client) -> list[str]:
    """Return all that a client gets, and a paragraph of a channel as a resource."""
    found = []
    for name, arguments in calls():
        result = await client.call_tool(name, arguments)
        value = result.structured_content or {"error": text_of(result)}
        found.append(normalized(json.dumps({k: v for k, v in value.items() if k not in _LEFT_OUT})))
    try:
        found.append(str((await client.read_resource("itubot://T1-C1:C25-59/1.1")).contents))
    except MCPError as error:
        found.append(str(error))
    return found


@pytest.mark.parametrize("audience", [ELSEWHERE, EVERYBODY])
async def test_others_get_what_a_store_without_private_papers_gives(
    stores: tuple[Services, Services], audience: str
) -> None:
    kept, never = stores
    async with (
        served(kept) as url,
        served(never) as other_url,
        with_token(url, new_token(kept, audience)) as client,
        with_token(other_url, new_token(never, audience)) as other,
    ):
        for call, got, expected in zip(
            [*calls(), "resource"], await shown(client), await shown(other), strict=True
        ):
            assert got == expected, call


async def test_the_channel_gets_its_papers(stores: tuple[Services, Services]) -> None:
    kept, _ = stores
    async with served(kept) as url, with_token(url, new_token(kept, HERE)) as client:
        found = await shown(client)

    *tools, resource = found
    private = {
        name
        for (name, _arguments), text in zip(calls(), tools, strict=True)
        if any(case.marker in text.casefold() for case in CASES)
    }
    assert private >= {"search", "ask", "check_statement", "list_events", "fetch"}
    assert f"{HERE.replace('/', '-')}:C25-59" in " ".join(tools)
    assert CASES[90].marker in resource.casefold()
