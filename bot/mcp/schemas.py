"""The JSON Schemas of what tools return; a property that may be missing in meaning is null."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
_FLAG: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer"}
_MAYBE_COUNT: Schema = {"type": ["integer", "null"]}


def _described(schema: Schema, description: str) -> Schema:
    return schema | {"description": description}


def _each(names: str, schema: Schema) -> Schema:
    return dict.fromkeys(names.split(), schema)


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": [*properties]}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_URI = _described(_TEXT, "itubot://DOCUMENT/PARAGRAPH; `fetch` and resources/read take it")
_DAY = _described(_TEXT, "the day that counted as today, YYYY-MM-DD")
_CURSOR = _described(_MAYBE_TEXT, "give it as `cursor` for the next page; null on the last one")

SEARCH = _object(
    results=_list(
        _object(
            id=_URI,
            title=_TEXT,
            url=_URI,
            text=_described(_TEXT, "the sentence nearest to the query, verbatim"),
        )
    )
)

FETCH = _object(
    id=_URI,
    title=_TEXT,
    text=_described(_TEXT, "the whole paragraph, verbatim"),
    url=_URI,
    metadata=_object(
        document=_described(_TEXT, "the title of the document"),
        symbol=_MAYBE_TEXT,
        source=_described(_TEXT, "the file name of the document"),
        section=_described(_TEXT, "the number of the paragraph"),
        heading=_TEXT,
        page=_MAYBE_COUNT,
        date=_described(_MAYBE_TEXT, "the date of the document, YYYY-MM-DD"),
        language=_TEXT,
        version=_COUNT,
        before=_described(_MAYBE_TEXT, "the URI of the paragraph before it"),
        after=_described(_MAYBE_TEXT, "the URI of the paragraph after it"),
    ),
)

_CITATION = _object(
    marker=_described(_COUNT, "the number n of [n]"),
    **_each("source document section heading", _TEXT),
    symbol=_MAYBE_TEXT,
    page=_MAYBE_COUNT,
    quote=_described(_TEXT, "verbatim from the paragraph"),
)

ASK = _object(
    **_each("question standalone_question", _TEXT),
    answer=_described(
        _TEXT, "if answered, sentences that each end in the [n] of a citation; else why there is none"
    ),
    answered=_FLAG,
    confidence={"enum": ["high", "low"]},
    reason=_described(_MAYBE_TEXT, "why it is not answered"),
    as_of=_DAY,
    model=_described(_TEXT, '"extractive" for sentences of the documents, else the name of the model'),
    basis=_object(
        documents=_COUNT, newest_document=_MAYBE_TEXT, newest_date=_MAYBE_TEXT, full_text_only=_FLAG
    ),
    citations=_list(_CITATION),
    nearest=_described(
        _list(_object(**_each("source section heading quote", _TEXT))), "where to look, if it is not answered"
    ),
    removed=_described(
        _list(_object(**_each("sentence why check", _TEXT), replaced_by=_MAYBE_TEXT)),
        "sentences of the model that the documents do not support",
    ),
    judged=_described(
        {"type": ["boolean", "null"]},
        "whether a judge confirmed all sentences of a model; null without a model",
    ),
    note=_MAYBE_TEXT,
    unanswered=_described(_list(_TEXT), "the parts of the question that are not answered"),
    language=_TEXT,
    tokens=_maybe(_object(input=_COUNT, output=_COUNT, estimated=_FLAG)),
    timings_ms={"type": "object", "additionalProperties": {"type": "number"}},
)

_MENTION = _object(**_each("source section text quote language", _TEXT), **_each("start end", _MAYBE_TEXT))
_ENTRY = _object(
    id=_TEXT,
    chain_id=_described(_TEXT, "shared by all dates that one event has had"),
    title=_TEXT,
    kind={"enum": ["meeting", "deadline", "publication", "milestone"]},
    start=_described(_MAYBE_TEXT, "the first day, YYYY-MM-DD"),
    end=_described(_MAYBE_TEXT, "the last day, inclusive"),
    **_each("time timezone recurrence location", _MAYBE_TEXT),
    bound=_described(
        {"enum": ["on", "by", "from"]}, "on the days, due by the last one, or open from the first one"
    ),
    precision={"enum": ["day", "month", "quarter", "half", "season", "year", "none"]},
    **_each("approximate year_inferred tentative likely_past", _FLAG),
    status={"enum": ["scheduled", "postponed", "cancelled", "past", "unknown"]},
    corrected=_maybe(_object(by=_TEXT, at=_TEXT)),
    rescheduled_to=_described(_MAYBE_TEXT, "the id of the event that has the new date"),
    **_each("source document section", _TEXT),
    quote=_described(_TEXT, "the sentence that dates it, verbatim"),
    mentions=_list(_MENTION),
)

LIST_EVENTS = _object(as_of=_DAY, total=_COUNT, events=_list(_ENTRY), next_cursor=_CURSOR)

_VERSION = _object(**_each("source ingested_at", _TEXT), **_each("symbol date", _MAYBE_TEXT), version=_COUNT)
_DATING = _object(
    **_each("when precision status section quote", _TEXT), **_each("start end time", _MAYBE_TEXT)
)
_PARAGRAPH_CHANGE = _object(
    kind={"enum": ["added", "removed", "reworded", "renumbered"]},
    **_each("section heading", _TEXT),
    **_each("section_before before after", _MAYBE_TEXT),
    page=_MAYBE_COUNT,
    words=_list(_object(op={"enum": ["same", "added", "removed"]}, text=_TEXT)),
)

WHAT_CHANGED = _object(
    **_each("source title", _TEXT),
    symbol=_MAYBE_TEXT,
    compared={"enum": ["versions", "editions"]},
    before=_described(_maybe(_VERSION), "null: there is no earlier version to compare with"),
    after=_VERSION,
    unchanged=_described(_COUNT, "how many paragraphs are the same"),
    paragraphs=_list(_PARAGRAPH_CHANGE),
    headings=_list(_object(**_each("section before after", _TEXT))),
    dates=_list(
        _object(
            kind={"enum": ["moved", "narrowed", "postponed", "cancelled", "restored", "added", "dropped"]},
            **_each("title chain_id", _TEXT),
            before=_maybe(_DATING),
            after=_maybe(_DATING),
        )
    ),
    next_cursor=_CURSOR,
)

CHECK_STATEMENT = _object(
    statement=_TEXT,
    verdict={
        "enum": ["supported", "same facts", "contradicted", "different fact", "superseded", "not found"]
    },
    note=_described(_MAYBE_TEXT, "why, in a clause"),
    judged=_described(_FLAG, "whether a judge has compared the meaning"),
    as_of=_DAY,
    citations=_list(_CITATION),
)
