"""Makes a brief: gathers what the documents have, lets the model write or quotes, checks, and names the gaps."""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING, get_args

from bot.answers.citations import citation
from bot.briefing.brief import Brief, PartKind, numbered
from bot.briefing.material import gather, with_newer
from bot.briefing.quoted import LINES, quoted_gaps, quoted_parts
from bot.checking import Engine
from bot.errors import ModelError
from bot.locales import _, language, ngettext
from bot.question import read_question

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from bot.briefing.written import OnPart
    from bot.wiring import Services

_LOG = logging.getLogger(__name__)
# With fewer paragraphs a brief says that there is hardly anything.
_HARDLY = 4
# Paragraphs that a refusal names.
_NEAREST = 3


def make_brief(
    services: Services,
    topic: str,
    as_of: date,
    pages: int = 1,
    on_part: OnPart = lambda done, count: None,
) -> Brief:
    """Return the brief on a topic in the language in use. Raises QuestionError, StoreError."""
    topic = read_question(topic)
    material = gather(services, topic, as_of)
    if not material.hits:
        nearest = tuple(
            citation(n, hit.document, hit.section, 0, len(hit.section.text))
            for n, hit in enumerate(material.found[:_NEAREST], start=1)
        )
        return Brief(topic, as_of, language(), 0, nearest=nearest)
    count = len(material.hits)
    notes = (
        [
            ngettext(
                "The documents have {count} paragraph on this.",
                "The documents have {count} paragraphs on this.",
                count,
            )
        ]
        if count < _HARDLY
        else []
    )
    lines = LINES * pages
    parts, model, tokens, judged = None, "extractive", None, False
    if (writer := services.shared.brief_writer) is not None:
        # It loads langchain.
        from bot.llm.usage import Usage

        usage = Usage()
        config: RunnableConfig = {"callbacks": [usage]}
        engine = Engine(services, as_of, language(), config)
        try:
            newest = with_newer(services, material)
            parts, judged = writer.write(engine, newest, lines, on_part, config)
            model = writer.name
        except ModelError as error:
            _LOG.warning("the brief is made of quotations: %s", error)
            notes.append(_("The language model did not answer; these are the documents' own sentences."))
        tokens = usage.tokens
    if parts is None:
        parts, said = quoted_parts(services, material, pages, lambda: on_part(0, len(get_args(PartKind))))
        parts["missing"] = quoted_gaps(material, said)[:lines]
    made, citations = numbered(parts.items())
    return Brief(
        topic,
        as_of,
        language(),
        count,
        made,
        citations,
        model=model,
        judged=judged,
        note=" ".join(notes) or None,
        tokens=tokens,
    )
