"""Documents that are not what they seem: two languages, a wrong letter, wrong letters of the text, unknown scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.document.facts import DocumentFacts, find_facts
from ingest.readers.base import Block, Extract
from tests.small_store import SmallStore, stored_events

FRENCH = "Le Conseil est invité à prendre note du présent document et à formuler des observations à ce sujet."
ENGLISH = "The Council is invited to take note of this document and to make comments on it, as it sees fit."


def facts(*texts: str) -> DocumentFacts:
    return find_facts(
        Extract(blocks=[Block("paragraph", text) for text in texts]), name="paper.txt", sidecar={}
    )


@pytest.mark.parametrize(
    "text", [FRENCH, "Ответ на вопрос № 5 «сегодня»", "会议将于2025年举行。", "تعقد الدورة"]
)
def test_wrong_letters_are_said(text: str) -> None:
    broken = text.encode().decode("cp1252", errors="replace")
    assert any("wrong encoding" in note for note in facts(f"{broken} {broken}").notes)
    assert not any("wrong encoding" in note for note in facts(text).notes)


def days(store: SmallStore, folder: Path, text: str) -> dict[str, str]:
    """Return number of the section -> first day of its event."""
    folder.mkdir()
    (folder / "paper.txt").write_text(text, "utf-8")
    store.pipeline.ingest([folder])
    with store.catalog.snapshot() as snapshot:
        mentions = [event.mentions[0] for event in stored_events(store.catalog)]
        sections = snapshot.sections([mention.section_id for mention in mentions])
    return {sections[m.section_id].number: str(m.start) for m in mentions}


def test_each_paragraph_is_read_in_its_own_language(store: SmallStore, tmp_path: Path) -> None:
    text = (
        f"Report\n1\t{ENGLISH}\n2\tThe workshop on broadband will be held in Geneva on 4 March 2025.\n"
        "3\tL'atelier sur le large bande se tiendra à Genève le 5 août 2025, à l'invitation du Conseil.\n"
        "4\tEl taller sobre la banda ancha se celebrará en Ginebra el 6 de agosto de 2025 para los miembros.\n"
        "5\tСеминар по широкополосной связи состоится в Женеве 7 августа 2025 года.\n"
    )
    assert days(store, tmp_path / "papers", text) == {
        "2": "2025-03-04",
        "3": "2025-08-05",
        "4": "2025-08-06",
        "5": "2025-08-07",
    }
