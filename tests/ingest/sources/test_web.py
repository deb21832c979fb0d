"""What a server is asked, and what is refused: addresses, redirects, limits, robots.txt, credentials."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.sources.errors import SourceError
from ingest.sources.web import Manners, Web, checked_url, is_allowed
from tests.cases import table
from tests.ingest.sources.conftest import ON_LOOPBACK, Watched
from tests.ingest.sources.site import Page, Site, dripping, endless, serving

FORUM = "1.1\tThe Forum will be held in Geneva from 7 to 11 July 2025.\n"


def error_of(watched: Watched, url: str) -> str:
    """Return why a source cannot be fetched."""
    report = watched.fetch(watched.watch(url))
    assert report.status == "failed"
    return report.error or ""


@pytest.mark.parametrize("case", table("addresses")["hosts"], ids=lambda case: case["name"])
def test_which_addresses_are_asked(case: dict[str, Any]) -> None:
    for address in map(ipaddress.ip_address, case["addresses"]):
        assert [is_allowed(address), is_allowed(address, private=True)] == case["allowed"], address


@pytest.mark.parametrize("case", table("addresses")["pages"])
def test_an_address_that_is_refused_before_it_is_asked(case: dict[str, str]) -> None:
    with pytest.raises(SourceError, match=case["why"]) as raised:
        checked_url(case["url"], Manners())
    assert "secret" not in str(raised.value)


def test_a_host_of_which_one_address_is_private_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("192.88.99.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: both)
    monkeypatch.setattr(socket, "create_connection", refuse_to_connect)
    with pytest.raises(SourceError, match="is not in the public internet"):
        Web(Manners(pause=0.0)).fetch("https://both.example/a.txt", tmp_path / "a.txt")


def refuse_to_connect(*_arguments: object, **_options: object) -> socket.socket:
    raise OSError("no connection")


# Of localhost, with its key, for these tests alone.
CERTIFICATE = Path(__file__).with_name("localhost.pem")


def test_the_certificate_is_that_of_the_name_and_not_of_the_address_that_is_connected_to(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with serving(CERTIFICATE) as site:
        site.put("/forum.txt", FORUM)
        by_name = watched.fetch(watched.watch(f"{site.url}/forum.txt", name="by-name"))
        address = site.url.replace("localhost", "127.0.0.1")
        by_address = watched.fetch(watched.watch(f"{address}/forum.txt", name="by-address"))

    assert (by_name.status, site.headers[0]["Host"]) == ("changed", site.url.removeprefix("https://"))
    assert by_address.error == "the certificate of its server is not valid"


def test_a_redirect_from_https_to_http_is_not_followed(
    watched: Watched, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    watched.use(without_tls=False)
    site.put("/forum.txt", FORUM)
    with serving(CERTIFICATE) as safe:
        safe.put("/forum.txt", status=302, headers={"Location": f"{site.url}/forum.txt"})
        error = error_of(watched, f"{safe.url}/forum.txt")

    assert "http and not with https" in error
    assert site.asked == []


def test_a_redirect_to_another_host_is_followed_without_the_credentials(watched: Watched, site: Site) -> None:
    with serving() as other:
        watched.use(credentials={site.url.removeprefix("http://"): "Bearer token-of-the-site"})
        site.put("/forum.txt", status=302, headers={"Location": f"{other.url}/moved.txt"})
        other.put("/moved.txt", FORUM)

        report = watched.fetch(watched.watch(f"{site.url}/forum.txt"))

    assert report.status == "changed"
    assert site.headers[0]["Authorization"] == "Bearer token-of-the-site"
    assert "Authorization" not in other.headers[0]


def test_a_body_without_an_end(watched: Watched, site: Site) -> None:
    watched.use(max_bytes=2_000_000)
    site.put("/forum.txt", answer=endless)

    assert error_of(watched, f"{site.url}/forum.txt") == "it has more than 2 MB, which is the most"


def test_a_body_that_comes_in_drips(watched: Watched, site: Site) -> None:
    watched.use(longest=1.0)
    site.put("/forum.txt", answer=dripping)

    assert error_of(watched, f"{site.url}/forum.txt") == "it takes longer than 1 seconds"


def test_robots_txt_is_read_once_a_fetch_and_between_two_requests_is_a_pause(
    site: Site, tmp_path: Path
) -> None:
    site.robots = Page(b"User-agent: *\nCrawl-delay: 7\n")
    site.put("/forum.txt", FORUM)
    pauses: list[float] = []
    web = Web(replace(ON_LOOPBACK, pause=3.0), sleep=pauses.append)

    for _ in range(2):
        assert web.fetch(f"{site.url}/forum.txt", tmp_path / "forum.txt") is not None

    assert site.robots_asked == 1
    assert [round(pause) for pause in pauses] == [3, 7]
