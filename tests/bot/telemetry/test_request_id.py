"""Request ids: the same in all bots of an app, and of no use to whoever has only the logs."""

from __future__ import annotations

import hashlib

import pytest

from bot.telemetry import request_id

KEY = "T1/C1/1714298400.000100"


def id_with(monkeypatch: pytest.MonkeyPatch, *shared: str | None) -> str:
    """Return the id of KEY in a process of its own that knows these secrets."""
    monkeypatch.setattr(request_id, "_key", hashlib.sha256(repr(shared).encode()).digest())
    request_id.share_key(*shared)
    request_id.bind_key(KEY)
    found = request_id.current()
    request_id.bind("")
    return found


def test_bots_of_one_app_give_a_message_the_same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    assert id_with(monkeypatch, "xapp-1", None) == id_with(monkeypatch, "xapp-1")


@pytest.mark.parametrize("others", [("xapp-2",), (), (None, None)])
def test_without_the_secrets_the_id_of_a_message_is_another_one(
    monkeypatch: pytest.MonkeyPatch, others: tuple[str | None, ...]
) -> None:
    own = id_with(monkeypatch, "xapp-1")

    assert own != id_with(monkeypatch, *others)
    assert own != hashlib.sha256(KEY.encode()).hexdigest()[:16]
