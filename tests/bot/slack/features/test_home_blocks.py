"""The blocks of the Home tab."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.register.repository import ListedCorrection
from bot.slack.core.ui.elements import section
from bot.slack.features.home import Home, LibraryPart, home_view, is_same, library_view, page_of
from store.records import Correction, Dating
from tests.bot.register_entries import entry, spring
from tests.bot.slack.conftest import REPORT, TODAY
from tests.fake_slack.forms import labels
from tests.fake_slack.limits import problems_of_form, problems_of_home

HOME = Home(TODAY, spring(), [REPORT], keeps_library=True)
CORRECTION = ListedCorrection(
    "e1",
    "SIDS4",
    "report.txt",
    Correction(Dating("report.txt", "s", "t"), "@U7", datetime(2024, 5, 3, tzinfo=UTC)),
)


def test_fullest_home_keeps_slacks_limits() -> None:
    documents = [replace(REPORT, id=str(n), title=f"*Report* & <{n}> " * 20, version=2) for n in range(500)]
    register = [replace(entry, title="<!here> " * 60) for entry in spring() * 20]
    own = [section("x")] * 50
    full = replace(HOME, documents=documents, register=register, own=own, failed=own[:3])
    assert [problems_of_home(home_view(full, page)) for page in (0, 24, 99)] == [[], [], []]


def test_fullest_window_of_the_library_keeps_slacks_limits() -> None:
    full = LibraryPart([CORRECTION] * 50, ["<!here> why? " * 60] * 50, 9, 9, 9)
    assert problems_of_form(library_view(full)) == []


def test_empty_home_keeps_slacks_limits() -> None:
    assert problems_of_home(home_view(Home(TODAY, [], []))) == []


def test_home_has_the_dates_what_is_the_persons_own_and_the_documents() -> None:
    blocks = home_view(HOME)["blocks"]
    heads = [block["text"]["text"] for block in blocks if block["type"] == "header"]
    assert heads == ["Coming dates", "Yours", "Documents"]


def test_dates_that_do_not_fit_are_counted() -> None:
    many = [entry(f"Meeting {n}", "2024-06-03") for n in range(15)]
    assert "… and 5 more" in str(home_view(replace(HOME, register=many))["blocks"])


def test_document_is_named_once() -> None:
    shown = replace(HOME, register=[])
    assert str(home_view(shown)["blocks"]).count(REPORT.title) == 1


@pytest.mark.parametrize(("version", "shown"), [(1, False), (2, True)])
def test_only_a_document_with_a_version_before_has_changes_to_show(version: int, shown: bool) -> None:
    home = replace(HOME, documents=[replace(REPORT, version=version)])
    assert ("What changed" in labels(home_view(home))) is shown


def test_moved_date_names_the_former_one() -> None:
    [old] = [entry for entry in spring() if entry.rescheduled_to is None][:1]
    new = replace(old, id="new", start=date(2024, 6, 3), end=date(2024, 6, 4), status="scheduled")
    moved = replace(old, status="postponed", rescheduled_to="new")
    assert "moved to" in str(home_view(replace(HOME, register=[moved, new])))


def test_correction_names_who_made_it() -> None:
    shown = str(library_view(LibraryPart([CORRECTION])))
    assert "*SIDS4* by <@U7>, 3 May 2024" in shown


def test_home_is_the_same_until_something_changes() -> None:
    view = home_view(HOME)
    assert is_same(view, {"private_metadata": view["private_metadata"], "blocks": "as Slack sends them"})
    assert not is_same(home_view(replace(HOME, register=[])), view)


def test_home_that_was_never_published_is_another() -> None:
    assert not is_same(home_view(HOME), {})


def test_page_is_kept_with_the_view() -> None:
    documents = [replace(REPORT, id=str(n)) for n in range(50)]
    assert page_of(home_view(replace(HOME, documents=documents), 1)) == 1
