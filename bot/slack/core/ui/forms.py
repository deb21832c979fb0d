"""Modals and the fields of forms, and how what somebody entered is read. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot.locales import _
from bot.slack.core.ui.elements import Block, Message, plain_text, section

# Each block of a form has one element, which goes by this id.
_ELEMENT = "value"
# The line above a form that was refused is in the block of this id.
_REFUSAL = "refusal"
# Slack lets somebody type so many into a field.
LONGEST_TEXT_CHARS = 3_000


def modal(
    callback_id: str,
    title: str,
    blocks: Iterable[Block],
    *,
    submit: str = "",
    close: str = "",
    known: Any = None,
) -> Block:
    """Return a modal; with the button `submit` it is a form. `known` is JSON for the bot, which Slack sends back."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title),
        **({"submit": plain_text(submit)} if submit else {}),
        "close": plain_text(close or _("Close")),
        **({"private_metadata": json.dumps(known, ensure_ascii=False)} if known is not None else {}),
        "blocks": list(blocks),
    }


def not_done(blocks: Iterable[Block]) -> Block:
    """Return the modal that says why something did not work."""
    return modal("refused", _("That did not work"), blocks)


def loading() -> Block:
    """Return the window that is shown until its content is made."""
    return modal("loading", _("One moment"), [section(_("Loading…"))])


def result_view(form: Mapping[str, Any], message: Message) -> Block:
    """Return what a form becomes once it is submitted: a message below its title."""
    return modal("result", form["title"]["text"], message.blocks)


def filled_in(form: Mapping[str, Any], line: str) -> Block:
    """Return a submitted form as it was, with what was entered, below a line that says what is wrong."""
    values = entered(form)
    # What an earlier refusal said is not true any more.
    blocks = [
        {**block, "element": _begun(block["element"], values.get(block["block_id"], {}))}
        if block["type"] == "input"
        else block
        for block in form["blocks"]
        if block.get("block_id") != _REFUSAL
    ]
    kept = {key: form[key] for key in ("title", "submit", "close", "private_metadata") if form.get(key)}
    said = {**section(line), "block_id": _REFUSAL}
    return {"type": "modal", "callback_id": form["callback_id"], **kept, "blocks": [said, *blocks]}


def _begun(element: Mapping[str, Any], value: Mapping[str, Any]) -> Block:
    """Return an element of a form that begins with what was entered."""
    names = {
        "value": "initial_value",
        "selected_option": "initial_option",
        "selected_options": "initial_options",
        "selected_date": "initial_date",
    }
    initial = {names[name]: content for name, content in value.items() if name in names and content}
    return {**{name: part for name, part in element.items() if name not in names.values()}, **initial}


def known(view: Mapping[str, Any]) -> Any:
    """Return the JSON that the modal was made with."""
    return json.loads(view["private_metadata"])


def input_field(name: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    """Return a field of a form, with an element to type or choose in."""
    more = {"hint": plain_text(hint)} if hint else {}
    block = {"type": "input", "block_id": name, "label": plain_text(label), "optional": optional}
    return {**block, "element": {**element, "action_id": _ELEMENT}, **more}


def text_area(text: str = "", longest: int = LONGEST_TEXT_CHARS) -> Block:
    """Return the element for a text of several lines, filled in with `text`."""
    initial = {"initial_value": text[:longest]} if text else {}
    return {"type": "plain_text_input", "multiline": True, "max_length": longest, **initial}


def entered(view: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what was entered into a submitted form, by field, as Slack sends it."""
    return {name: elements[_ELEMENT] for name, elements in view["state"]["values"].items()}


def typed(value: Mapping[str, Any]) -> str:
    """Return the text that was typed into a field."""
    return (value.get("value") or "").strip()


def chosen(value: Mapping[str, Any]) -> Any:
    """Return the value of the option that was chosen in a field, None if none was."""
    return (value.get("selected_option") or {}).get("value")
