"""Which datings are of one event: by name and edition, across documents and within one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date

import pytest

from ingest.events import Dating
from ingest.events.same_event import Chains, assign_chains, merge, same_name
from store.records import Document, Event, Mention
from tests.growth import LINEAR, lines_run

PAPER = Document("C25/9", "paper.txt", "Report", date=date(2025, 3, 10))


def dating(title: str, day: str, *, cue: str | None = None, group: str = "", quoted: bool = False) -> Dating:
    first = date.fromisoformat(day)
    mention = Mention(
        section_id=f"s{day}", text=day, sentence_start=0, sentence_end=9, start=first, end=first, precision="day",
        cue=cue,  # type: ignore[arg-type]
    )  # fmt: skip
    return Dating(title, "meeting", mention, quoted=quoted, group=group)


def chained(*datings: Dating, document: Document = PAPER, known: Sequence[Event] = ()) -> list[Event]:
    numbers = itertools.count()
    return assign_chains(
        merge(document, datings), (), Chains(known), lambda: f"{document.id} {next(numbers)}"
    )


LLDC = "Conference on Landlocked Developing Countries"
CSW = "session of the Commission on the Status of Women"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (f"Third United Nations {LLDC}", f"3rd UN {LLDC}", True),
        (f"Sixty-eighth {CSW}", f"68th {CSW} (CSW68)", True),
        ("CSW68", f"68th {CSW} (CSW68)", True),
        ("Summit of the Future", "The Summit of the Future", True),
        ("CSW69 Plenary", "CSW68 Plenary", False),
        ("Second AI Standards Summit", "First AI Standards Summit", False),
        ("AI Standards Forum", "AI Ethics Forum", False),
        ("Council Retreat", "Council Workshop", False),
        ("WSIS Forum 2025", "WSIS Forum 2026", False),
    ],
)
def test_names(first: str, second: str, *, same: bool) -> None:
    assert same_name(first, second) is same


def test_datings_of_one_day_are_mentions_of_one_event() -> None:
    (event,) = chained(
        dating("Summit of the Future", "2025-09-22"), dating("The Summit of the Future", "2025-09-22")
    )
    assert len(event.mentions) == 2


def test_a_quotation_names_nothing_for_others() -> None:
    words = "It will be held then."
    (first,) = chained(dating(words, "2025-09-22", quoted=True))
    (second,) = chained(
        dating(words, "2025-10-01", quoted=True), document=Document("C25/10", "b.txt", "B"), known=[first]
    )
    assert first.chain_id != second.chain_id


def test_a_later_document_dates_the_same_event_anew() -> None:
    (first,) = chained(dating("Regional Forum on Floods", "2025-09-22"))
    (second,) = chained(
        dating("Regional Forum on Floods", "2025-10-01"),
        document=Document("C25/10", "b.txt", "B"),
        known=[first],
    )
    assert first.chain_id == second.chain_id


def test_old_and_new_date_of_a_statement_are_one_chain() -> None:
    found = chained(
        dating("“Words”", "2025-05-04", cue="postponed", group="g", quoted=True),
        dating("“Words”", "2025-05-11", group="g", quoted=True),
        dating("Council", "2025-05-11"),
    )
    assert [event.chain_id == found[0].chain_id for event in found] == [True, True, False]


def test_two_dates_of_one_name_in_a_document_are_two_events() -> None:
    found = chained(dating("Board meeting", "2025-05-04"), dating("Board meeting", "2025-06-11"))
    assert found[0].chain_id != found[1].chain_id


def test_the_same_words_keep_their_chain_whatever_the_title_is_now() -> None:
    former = chained(dating("Board meeting", "2025-05-04"))
    (again,) = assign_chains(
        merge(PAPER, [dating("Another name", "2025-05-04")]), former, Chains(), lambda: "new"
    )
    assert again.chain_id == former[0].chain_id


def test_the_work_is_linear() -> None:
    def steps(count: int) -> int:
        some = [dating(f"Meeting of group {n}", f"2025-05-{n % 28 + 1:02}") for n in range(count)]
        return lines_run(lambda: chained(*some))

    assert steps(80) < 1.5 * LINEAR * steps(40)
