"""The parts of a brief as a model writes them; each sentence is held against the documents before it is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import date
from typing import TYPE_CHECKING

from bot.briefing.brief import CitedLine, PartKind
from bot.briefing.material import Material
from bot.briefing.quoted import dated_lines
from bot.checking import Claim, Engine
from bot.grounding.grounder import overlap
from bot.llm.prompt import escaped, quoted_passage, with_warnings
from bot.llm.reply import is_no_answer, sentences_of
from bot.locales import in_language, language
from bot.question.lexicon import language_name
from prompts import chat_prompt, render
from store.records import Hit

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from bot.llm import ChatModel

_PARTS: Mapping[PartKind, str] = {
    "about": "what it is, what it is for, and where it stands",
    "who": "who leads it, who takes part, and what ITU's role is",
    "decided": "what was decided, adopted, agreed or rejected, and what is still open",
    "dates": "its dates, those ahead first, each with what it is, its place, and whether it is certain",
    "figures": "its figures: participants, members, money, results",
    "changed": "what changed since the older documents: what was said before, and what holds now",
}
_IN_FLIGHT = 3
_PASSAGES = 40
# Sentences of a reply that are read, and the share of its terms by which one repeats another.
_MOST_SENTENCES = 20
_SAME = 0.8
# Characters.
_LONGEST_GAP = 160
_GAPS = 12
# Gets how many parts of how many are made.
OnPart = Callable[[int, int], None]


class BriefWriter:
    """A chat model that writes the parts of briefs. Safe between threads."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The model's name."""
        return self._model.name

    def write(
        self, engine: Engine, material: Material, lines: int, on_part: OnPart, config: RunnableConfig | None
    ) -> tuple[dict[PartKind, list[CitedLine]], bool]:
        """Return the lines of each part that the documents support, in the language in use, and whether all are judged.

        Raises ModelError if a part is not written, StoreError, and what `on_part` raises.
        """
        asked: dict[PartKind, tuple[str, str, int]] = {
            kind: ("brief", part, lines) for kind, part in _PARTS.items()
        }
        asked["missing"] = ("brief_gaps", "what the passages do not say", _GAPS)
        found: dict[PartKind, list[CitedLine]] = {}
        judged = engine.judges
        pool = ThreadPoolExecutor(_IN_FLIGHT, "brief")
        try:
            futures = {
                kind: pool.submit(copy_context().run, self._ask, prompt, part, material, most, config)
                for kind, (prompt, part, most) in asked.items()
            }
            for kind, future in futures.items():
                reply = future.result()
                known = [line.text for own in found.values() for line in own]
                if kind == "missing":
                    lines_of_part = _gaps(reply)
                else:
                    lines_of_part, all_judged = _supported(engine, material, kind, reply, known)
                    judged = judged and all_judged
                found[kind] = lines_of_part[: asked[kind][2]]
                on_part(len(found), len(asked))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return found, judged

    def _ask(
        self, prompt: str, part: str, material: Material, lines: int, config: RunnableConfig | None
    ) -> str:
        hits = _passages(material)
        place = {hit.section.id: n for n, hit in enumerate(hits, start=1)}
        name = language_name(language())
        with in_language("en"):
            dates = [
                f"[{place[line.citations[0].section_id]}] {with_warnings(escaped(line.text))}"
                for line in dated_lines(material, len(material.entries))
                if line.citations[0].section_id in place
            ]
        as_of = f"{material.as_of:%-d %B %Y}"
        messages = chat_prompt(prompt, "brief_part").format_messages(
            language=name,
            translated="" if language() == "en" else f"\n{render('translated', language=name)}",
            lines=lines,
            as_of=as_of,
            passages="\n\n".join(quoted_passage(n, hit) for n, hit in enumerate(hits, start=1)),
            dates=render("dates", as_of=as_of, entries="\n".join(dates)) if dates else "",
            topic=escaped(material.topic.turn),
            part=part,
        )
        return self._model.ask(messages, config)


def _passages(material: Material) -> list[Hit]:
    """Return what the model reads: the paragraphs about the topic, and of the others those that the search finds."""
    about = {hit.section.id: hit for hit in material.hits}
    others = {hit.section.id: hit for hit in material.found if hit.section.id not in about}
    hits = [*about.values(), *others.values()][:_PASSAGES]
    return sorted(hits, key=lambda hit: hit.document.date or date.min, reverse=True)


def _supported(
    engine: Engine, material: Material, kind: PartKind, reply: str, known: Sequence[str]
) -> tuple[list[CitedLine], bool]:
    """Return the sentences of a reply that the documents support, with the passages that do, and if all are judged.

    Those that repeat what is `known` are left out, but for dates.
    """
    drafts = [
        draft
        for draft in sentences_of(reply)[:_MOST_SENTENCES]
        if not is_no_answer(draft.text)
        and (kind == "dates" or not any(overlap(draft.text, line) >= _SAME for line in known))
    ]
    hits = _passages(material)
    claims = [
        Claim(draft.text, passages=tuple(hits[n] for n in draft.cites if n < len(hits))) for draft in drafts
    ]
    checks = dict(engine.check_all(claims))
    taken = {n: check for n, check in checks.items() if check.verdict in ("supported", "same facts")}
    lines = [CitedLine(claims[n].text, taken[n].citations) for n in sorted(taken)]
    return lines, all(check.judged for check in taken.values())


def _gaps(reply: str) -> list[CitedLine]:
    found = [line.strip(" -•*.") for line in reply.splitlines() if line.strip()]
    return [CitedLine(line) for line in found if not is_no_answer(line) and len(line) <= _LONGEST_GAP]
