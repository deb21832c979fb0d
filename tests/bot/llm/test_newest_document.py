"""If documents differ, a model's answer opens with the newest."""

from __future__ import annotations

from store.records import Hit
from tests.bot.llm.fake_chat import FakeChat
from tests.bot.llm.fake_writer import DAY, hits_of, material, write
from tests.bot.passages import passages

WHERE = "Where does the World Conference on Digital Inclusion take place?"


def _reports() -> tuple[Hit, Hit]:
    """Return what the report of 2024 and that of 2026 say of the conference."""
    old, new = (
        next(
            h for h in hits_of(*passages(r), report=r) if "Conference on Digital Inclusion" in h.section.text
        )
        for r in ("report-2024", "report-2026")
    )
    return old, new


def test_newest_document_comes_first_if_documents_differ() -> None:
    old, new = _reports()
    asked = material(WHERE, hits=[old, new], as_of=DAY)
    assert any(s.superseded for s in asked.sentences), "otherwise there is nothing to be seen"
    text = old.section.text[: old.section.text.index(".") + 1]

    draft = write(FakeChat([f"{text} [1]"]), asked)

    assert draft.citations[0].source == new.document.source
    assert "[Earlier, " in draft.text
    assert draft.text.index("[Earlier, ") > draft.text.index("[1]")


def test_newest_document_is_not_added_if_the_model_cites_it() -> None:
    old, new = _reports()
    text = new.section.text[: new.section.text.index(".") + 1]

    draft = write(FakeChat([f"{text} [2]"]), material(WHERE, hits=[old, new], as_of=DAY))

    assert draft.text == f"{text} [1]"
