"""What is gone at its source, in the digests of those who are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.digests import make_digest
from bot.settings import Settings
from bot.wiring import Services, build
from store.audiences import Audience
from store.jobs import Holder
from store.records import EVERYBODY
from tests.ingest.sources.site import Site, serving
from tests.small_store import HashingEmbedder

HERE, ELSEWHERE = "T1/C1", "T1/C2"
DAY = date(2025, 6, 3)
FORUM = "1.1\tThe {name} Forum will be held in Geneva on 7 July 2025.\n"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def services(tmp_path: Path, site: Site) -> Services:
    """A library with a document for everybody and one of a channel, both gone at their sources since 1 June."""
    settings = Settings(
        data_dir=tmp_path,
        sources_private=True,
        sources_http=True,
        sources_pause=0,
        sources_kept_days=30,
        _env_file=None,
    )
    services = build(settings, HashingEmbedder())
    services.shared._export = lambda _: ""  # type: ignore[method-assign]
    for name, audience in (("public", EVERYBODY), ("private", HERE)):
        site.put(f"/{name}.txt", FORUM.format(name=name))
        _fetch_and_lose(services, f"{site.url}/{name}.txt", name, audience)
    return services


def _fetch_and_lose(services: Services, url: str, name: str, audience: Audience) -> None:
    """Fetch a document; its file is gone afterwards."""
    shared = services.shared
    source = shared.source_store.add(url, audience, name=name, every=3600.0)
    assert source is not None
    job = shared.fetch_store.take(source, Holder("test", 60.0))
    assert job is not None
    shared.fetch(source, job.lease)
    again = shared.fetch_store.take(replace(source, fetches=1), Holder("test", 60.0))
    assert again is not None
    [file] = shared.source_store.files(source)
    shared.fetch_store.record(again.lease, replace(file, missing_on=date(2025, 6, 1), gone=True))


@pytest.mark.parametrize(
    ("audience", "keeps_library", "named"),
    [
        (EVERYBODY, True, ["public.txt"]),
        (EVERYBODY, False, []),
        (HERE, True, ["private.txt", "public.txt"]),
        (HERE, False, ["private.txt"]),
        (ELSEWHERE, True, ["public.txt"]),
        (ELSEWHERE, False, []),
    ],
)
def test_who_is_told_what_is_gone(
    services: Services, audience: Audience, keeps_library: bool, named: list[str]
) -> None:
    made = make_digest(services.seen_from(audience), DAY, None, keeps_library=keeps_library)

    assert sorted(document.source for document, _until in made.gone) == named
    assert {until for _document, until in made.gone} <= {date(2025, 7, 1)}


def test_the_digest_of_a_topic_names_what_is_gone_of_its_documents_alone(services: Services) -> None:
    made = make_digest(services.seen_from(HERE), DAY, None, "private.txt", True)

    assert [document.source for document, _until in made.gone] == ["private.txt"]
