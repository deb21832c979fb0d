"""What a server is asked, and what is refused: addresses, redirects, limits, robots.txt, credentials."""

from __future__ import annotations

import base64
import ipaddress
import time
from pathlib import Path

import pytest

from ingest.sources.errors import SourceError
from ingest.sources.web import Manners, checked_url, is_allowed
from tests.ingest.sources.conftest import Watched
from tests.ingest.sources.site import Page, Site, dripping, endless, serving

FORUM = "1.1\tThe Forum will be held in Geneva from 7 to 11 July 2025.\n"


def error_of(watched: Watched, url: str) -> str:
    """Return why a source cannot be fetched."""
    report = watched.fetch(watched.watch(url))
    assert report.status == "failed"
    return report.error or ""


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808", "193.239.220.10"])
def test_addresses_of_the_public_internet_are_asked(address: str) -> None:
    assert is_allowed(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.100.100.200"),
        *(
            "0.0.0.0",  # noqa: S104
            "169.254.169.254",
            "192.0.0.192",
            "168.63.129.16",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
        ),
        *("::1", "::", "fe80::1", "fd00:ec2::254", "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1"),
        *("::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "2002:a00:1::", "2001::1"),
    ],
)
def test_other_addresses_are_refused(address: str) -> None:
    assert not is_allowed(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "fd12::1"])
def test_the_setting_allows_private_addresses(address: str) -> None:
    assert is_allowed(ipaddress.ip_address(address), private=True)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "224.0.0.1",
    ],
)
def test_no_setting_allows_the_secrets_of_a_cloud(address: str) -> None:
    assert not is_allowed(ipaddress.ip_address(address), private=True)


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


def test_a_host_of_this_machine_is_not_asked(watched: Watched, site: Site) -> None:
    site.put("/forum.txt", FORUM)
    watched.use(private=False)

    error = error_of(watched, f"{site.url}/forum.txt")

    assert "not in the public internet" in error
    assert (site.asked, site.robots_asked) == ([], 0)


@pytest.mark.parametrize(
    "place",
    ["http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/", "file:///etc/passwd", "http://["],
)
def test_a_redirect_to_an_address_that_is_refused(watched: Watched, site: Site, place: str) -> None:
    site.put("/forum.txt", status=302, headers={"Location": place})

    error = error_of(watched, f"{site.url}/forum.txt")

    assert "public internet" in error or "not a web address" in error
    assert watched.versions() == {}


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


def test_redirects_without_an_end(watched: Watched, site: Site) -> None:
    site.put("/forum.txt", status=301, headers={"Location": "/forum.txt"})

    assert error_of(watched, f"{site.url}/forum.txt") == "its server redirects again and again"
    assert len(site.asked) == 6


def test_a_redirect_to_another_host_is_followed_without_the_credentials(watched: Watched, site: Site) -> None:
    with serving() as other:
        watched.use(credentials={site.url.removeprefix("http://"): "Bearer token-of-the-site"})
        site.put("/forum.txt", status=302, headers={"Location": f"{other.url}/moved.txt"})
        other.put("/moved.txt", FORUM)

        report = watched.fetch(watched.watch(f"{site.url}/forum.txt"))

    assert report.status == "changed"
    assert site.headers[0]["Authorization"] == "Bearer token-of-the-site"
    assert "Authorization" not in other.headers[0]


def test_the_bot_says_who_it_is(watched: Watched, site: Site) -> None:
    watched.use(user_agent="itubot/1.2")
    site.put("/forum.txt", FORUM)

    watched.fetch(watched.watch(f"{site.url}/forum.txt"))

    assert site.headers[0]["User-Agent"] == "itubot/1.2"


def test_a_body_without_an_end(watched: Watched, site: Site) -> None:
    watched.use(max_bytes=2_000_000)
    site.put("/forum.txt", answer=endless)

    assert error_of(watched, f"{site.url}/forum.txt") == "it has more than 2 MB, which is the most"


def test_a_body_that_is_announced_as_too_large_is_not_read(watched: Watched, site: Site) -> None:
    watched.use(max_bytes=1_000_000)
    site.put("/forum.txt", b"x" * 1_000_001)

    assert error_of(watched, f"{site.url}/forum.txt") == "it has more than 1 MB, which is the most"


def test_a_body_that_comes_in_drips(watched: Watched, site: Site) -> None:
    watched.use(longest=1.0)
    site.put("/forum.txt", answer=dripping)

    assert error_of(watched, f"{site.url}/forum.txt") == "it takes longer than 1 seconds"


def test_a_server_that_is_silent(watched: Watched, site: Site) -> None:
    watched.use(silence=0.5)
    site.put("/forum.txt", answer=lambda _: time.sleep(3))

    assert error_of(watched, f"{site.url}/forum.txt") == "its server is silent for more than 0.5 seconds"


def test_an_empty_body(watched: Watched, site: Site) -> None:
    site.put("/forum.txt", b"")

    assert error_of(watched, f"{site.url}/forum.txt") == "it is empty"


def test_a_host_that_nobody_serves(watched: Watched) -> None:
    with serving() as gone:
        url = gone.url

    assert error_of(watched, f"{url}/forum.txt") == "its server cannot be reached"


def test_what_robots_txt_forbids_is_not_asked_for(watched: Watched, site: Site) -> None:
    site.robots = Page(b"User-agent: *\nDisallow: /private/\n")
    site.list("/council", "private/forum.txt", "alliance.txt")
    site.put("/private/forum.txt", FORUM)
    site.put("/alliance.txt", "1.1\tThe Alliance has partners.\n")

    watched.fetch(watched.watch(f"{site.url}/council"))

    assert watched.versions() == {"alliance.txt": 1}
    assert site.count() == {"/council": 1, "/alliance.txt": 1}


def test_robots_txt_is_read_once_a_day(watched: Watched, site: Site) -> None:
    site.put("/forum.txt", FORUM)
    source = watched.watch(f"{site.url}/forum.txt")

    for hours in (0, 6, 12, 7):
        watched.fetch(source, after=hours * 3600)

    assert site.robots_asked == 2


def test_while_robots_txt_cannot_be_read_nothing_is_asked(watched: Watched, site: Site) -> None:
    site.robots = Page(status=500)
    site.put("/forum.txt", FORUM)

    error_of(watched, f"{site.url}/forum.txt")

    assert site.asked == []


def test_a_server_that_wants_to_be_asked_later_is_asked_then_and_for_the_rest_alone(
    watched: Watched, site: Site
) -> None:
    site.list("/council", "a.txt", "b.txt", "c.txt").etag = '"page"'
    for name in "abc":
        site.put(f"/{name}.txt", f"1.1\tPaper {name} is about lamps.\n")
    busy = site.put("/b.txt", "1.1\tPaper b is about lamps.\n", status=429, headers={"Retry-After": "7200"})
    source = watched.watch(f"{site.url}/council")

    report = watched.fetch(source)
    waits = watched.source(source).due_at - watched.clock.now

    assert (report.status, waits, watched.versions()) == ("failed", 7200, {"a.txt": 1})
    busy.status = 200
    site.forget()
    watched.fetch(source, after=7200)
    assert site.asked == [("/council", 304), ("/b.txt", 200), ("/c.txt", 200)]
    assert watched.versions() == {"a.txt": 1, "b.txt": 1, "c.txt": 1}


def test_between_two_requests_to_a_host_is_a_pause(watched: Watched, site: Site) -> None:
    # Longer than a fetch waits: it goes on after the pause.
    watched.use(pause=100.0)
    site.put("/forum.txt", FORUM)
    source = watched.watch(f"{site.url}/forum.txt")

    watched.fetch(source)
    asked = [(site.robots_asked, len(site.asked))]
    watched.fetch(source, after=80)
    asked.append((site.robots_asked, len(site.asked)))
    watched.fetch(source, after=20)

    assert [*asked, (site.robots_asked, len(site.asked))] == [(1, 0), (1, 0), (1, 1)]


def test_basic_credentials_are_those_of_the_setting(watched: Watched, site: Site) -> None:
    host = site.url.removeprefix("http://")
    basic = f"Basic {base64.b64encode(b'ann:secret').decode()}"
    watched.use(credentials={host: basic})
    site.put("/forum.txt", FORUM)

    watched.fetch(watched.watch(f"{site.url}/forum.txt"))

    assert site.headers[0]["Authorization"] == basic
    assert "secret" not in repr(watched.fetcher)
    assert basic not in repr(watched.fetcher)
