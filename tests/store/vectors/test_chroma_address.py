"""What the URL of a Chroma server says: where it is, who we are, and which database."""

from __future__ import annotations

import pytest

from store.vectors.chroma_server import parse_server


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://chroma", "http://chroma:8000"),
        ("http://chroma:9000", "http://chroma:9000"),
        ("https://chroma.example.org", "https://chroma.example.org"),
        ("http://gateway.example.org/chroma/", "http://gateway.example.org/chroma"),
        ("https://user:secret@chroma.example.org:8443/", "https://chroma.example.org:8443"),
    ],
)
def test_address_is_without_credentials(url: str, address: str) -> None:
    assert parse_server(url).address == address


def test_user_and_password_are_sent_by_basic_authentication() -> None:
    # base64 of "user:p@ss"
    assert parse_server("http://user:p%40ss@chroma").headers == {"Authorization": "Basic dXNlcjpwQHNz"}


def test_token_is_sent_in_chromas_header() -> None:
    assert parse_server("https://chroma?token=key").headers == {"X-Chroma-Token": "key"}


def test_tenant_and_database_are_those_of_the_url() -> None:
    server = parse_server("https://chroma?tenant=itu&database=reports")

    assert (server.tenant, server.database) == ("itu", "reports")
