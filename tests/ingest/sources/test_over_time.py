"""What is in the library after each fetch of a site that changes: documents, pages, feeds, revisions, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.sources.listing import look
from store.records import Document
from tests.cases import cases
from tests.ingest.sources.conftest import DAY, Watched
from tests.ingest.sources.site import Page, Site


def change_site(site: Site, step: dict[str, Any]) -> None:
    """Put pages and change them, as a step says."""

    def given(values: dict[str, Any]) -> dict[str, Any]:
        body = {"body": values["body"].replace("{url}", site.url).encode()} if "body" in values else {}
        return values | body

    if "robots_txt" in step:
        site.robots = Page(**given(step["robots_txt"]))
    for path, values in step.get("put", {}).items():
        if "links" in values:
            site.list(path, *values["links"]).etag = values.get("etag", "")
        else:
            site.pages[path] = Page(**given(values))
    for path, values in step.get("change", {}).items():
        vars(site.pages[path]).update(given(values))


@pytest.mark.parametrize("steps", cases("sources"))
def test_a_source_over_time(watched: Watched, site: Site, steps: list[dict[str, Any]]) -> None:
    source: Any = None
    own: dict[str, Document] = {}
    for step in steps:
        # People and the site do what the step says.
        for name, text in step.get("ours", {}).items():
            watched.store.ingest_stored(watched.store.send(name, text.encode(), watched.clock.now - DAY))
            own = watched.documents()
        change_site(site, step)
        watched.use(**step.get("use", {}))
        if "watch" in step:
            source = watched.watch(site.url + step["watch"], pattern=step.get("pattern", ""))

        # The source is fetched, once or several times.
        hours = step["fetch"] if isinstance(step["fetch"], list) else [step["fetch"]]
        for after in hours:
            site.forget()
            report = watched.fetch(source, after=after * 3600)

        documents, now = watched.documents(), watched.source(source)
        told = {
            "status": report.status,
            "error": report.error,
            "documents": {each.source: each.status for each in report.documents},
            "versions": watched.versions(),
            "symbols": sorted(document.symbol or "" for document in documents.values()),
            "files": [file.url.removeprefix(site.url) for file in watched.sources.files(source)],
            "problems": [
                file.url.removeprefix(site.url) for file in watched.sources.files(source) if file.problem
            ],
            "asked": [[*each] for each in site.asked],
            "robots": site.robots_asked,
            "waits": (now.due_at - watched.clock.now) / 3600,
            "failures": now.failures,
            "problem": now.problem,
            "form": now.form,
            "keeps": documents == own,
        }
        expected = {name: step[name] for name in told if name in step}
        assert {name: told[name] for name in expected} == expected
        assert step.get("said", "") in str(report)


@pytest.mark.parametrize("case", cases("links"))
def test_links_of_a_page(case: dict[str, Any]) -> None:
    place = "https://itu.int/council/"
    found = look(case["page"].encode("latin-1"), place, case.get("pattern", "")).links
    assert [link.removeprefix(place) for link in found] == case["links"]
