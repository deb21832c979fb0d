"""A checked draft in words, in the language in use: the counts, the verdicts, and the comments in its Word file."""

from __future__ import annotations

from collections.abc import Mapping

from bot.drafts.draft import CheckedDraft
from bot.drafts.verdicts import Check, Verdict
from bot.locales import N_, _, commas, ngettext, number, quoted, semicolons
from store.records import Citation

_VERDICTS: Mapping[Verdict, str] = {
    "supported": N_("supported"),
    "contradicted": N_("contradicted"),
    "superseded": N_("superseded"),
    "not found": N_("not found"),
    "no claim": N_("no claim"),
    "same facts": N_("same facts"),
    "different fact": N_("different fact"),
}


def verdict_word(verdict: Verdict) -> str:
    """Return a verdict in the language in use."""
    return _(_VERDICTS[verdict])


def counts_line(draft: CheckedDraft) -> str:
    """Return the counts: "40 sentences: 21 supported, 3 contradicted, 16 no claim"."""
    sentences = ngettext("{count} sentence", "{count} sentences", len(draft.sentences))
    counts = commas(f"{count} {verdict_word(verdict)}" for verdict, count in draft.counts.items())
    return f"{sentences}: {counts}" if counts else sentences


def remarks(draft: CheckedDraft) -> list[str]:
    """Return what a reader must know of the whole check: what is missing, and that nobody judged."""
    found = []
    if not draft.is_complete:
        done = sum(sentence.check is not None for sentence in draft.sentences)
        found.append(
            _("Stopped. Sentences checked: {done} of {count}.", done=done, count=len(draft.sentences))
        )
    failed = sum(bool(sentence.check and sentence.check.lacks_judge) for sentence in draft.sentences)
    if failed:
        found.append(
            ngettext(
                "The judge did not answer for {count} sentence; its facts alone are compared.",
                "The judge did not answer for {count} sentences; their facts alone are compared.",
                failed,
            )
        )
    elif not draft.judged:
        found.append(
            _(
                "No judge is set: days, figures and symbols are compared, and not what a sentence says of them."
            )
        )
    if draft.tokens:
        read, wrote = number(draft.tokens.input), number(draft.tokens.output)
        found.append(_("The models read {read} tokens and wrote {wrote}.", read=read, wrote=wrote))
    return found


def cited(citation: Citation) -> str:
    """Return where a citation is: "§ 2.2, C24/INF/11"."""
    return commas([f"§ {citation.section}", citation.symbol or citation.document or citation.source])


def comment(check: Check) -> str:
    """Return what a comment beside a sentence says: the verdict, why, and the paragraphs with their quotes."""
    verdict = verdict_word(check.verdict)
    head = semicolons([f"{verdict[:1].upper()}{verdict[1:]}", check.note or ""])
    return "\n".join([head, *(f"{cited(c)}: {quoted(c.quote)}" for c in check.citations)])


def takes_comments(name: str) -> bool:
    """Whether the name of a file is that of a Word file."""
    return name.casefold().endswith((".docx", ".docm", ".dotx"))


def commented(data: bytes, draft: CheckedDraft) -> tuple[bytes, int]:
    """Return a draft's Word file with comments at the sentences that need work, and how many found no place in it.

    Raises NotReadable.
    """
    from bot.word import Remark, with_comments

    wanted = {sentence.n: comment(found) for sentence, found in draft.to_mend}
    made = with_comments(
        data, [Remark(s.sentence.place, wanted.get(s.n, "")) for s in draft.sentences], author="itubot"
    )
    return made.data, len(made.unplaced)
