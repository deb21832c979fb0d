"""What a server is asked, and what is refused: addresses, redirects, limits, robots.txt, credentials."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.sources.errors import SourceError
from ingest.sources.web import Manners, Web, checked_url, is_allowed
from tests.ingest.sources.conftest import ON_LOOPBACK, Watched
from tests.ingest.sources.site import Page, Site, dripping, endless, serving

FORUM = "1.1\tThe Forum will be held in Geneva from 7 to 11 July 2025.\n"


def error_of(watched: Watched, url: str) -> str:
    """Return why a source cannot be fetched."""
    report = watched.fetch(watched.watch(url))
    assert report.status == "failed"
    return report.error or ""


# Addresses, and whether they are asked by default, and where the setting allows private ones.
ADDRESSES = {
    (True, True): "8.8.8.8 2001:4860:4860::8888 64:ff9b::808:808 193.239.220.10",
    (
        False,
        True,
    ): "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 100.64.0.1 ::1 fc00::1 ::ffff:10.0.0.1 2002:a00:1::",
    (False, False): (
        "0.0.0.0 169.254.169.254 192.0.0.192 168.63.129.16 100.100.100.200 224.0.0.1 :: fe80::1 fd00:ec2::254 fec0::1 "
        "ff02::1 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe 2001::1"
    ),
}


@pytest.mark.parametrize("allowed", ADDRESSES)
def test_which_addresses_are_asked(allowed: tuple[bool, bool]) -> None:
    for address in map(ipaddress.ip_address, ADDRESSES[allowed].split()):
        assert (is_allowed(address), is_allowed(address, private=True)) == allowed, address


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://www.itu.int/", "https"),
        ("ftp://www.itu.int/", "not a web address"),
        ("https://", "not a web address"),
        ("https://user:secret@www.itu.int/", "password"),
        ("file:///etc/passwd", "not a web address"),
        ("https://www.itu.int:port/", "not a web address"),
        ("https://www.itu.int/" + "x" * 3_000, "not a web address"),
    ],
)
def test_an_address_that_is_refused_before_it_is_asked(url: str, why: str) -> None:
    with pytest.raises(SourceError, match=why) as raised:
        checked_url(url, Manners())
    assert "secret" not in str(raised.value)


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
