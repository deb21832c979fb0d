"""The fake Slack's streaming methods, as those who have measured them describe: a message grows until it is stopped.

A message that is streamed into cannot be updated, one that is not cannot be appended to. The errors are those of
https://docs.slack.dev/reference/methods/chat.startStream, chat.appendStream and chat.stopStream.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.fake_slack.channels import Channels, Message, error

# Blocks that the chunks of one stream may have; those that end it are counted apart.
# https://docs.slack.dev/reference/methods/chat.stopStream
_MOST_BLOCKS = 50


class Streams:
    """`unsupported` is Slack's word where it streams nowhere, `no_chunks` where it takes no chunks.

    `texts` holds each piece of text that arrived, `cards` each task card, in order. `stopped_by_user` holds the `ts` of
    streams that somebody stopped.
    """

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self.unsupported = ""
        self.no_chunks = ""
        self.texts: list[str] = []
        self.cards: list[dict[str, Any]] = []
        self.stopped_by_user: set[str] = set()
        # By `ts`: "markdown_text" or "chunks", whichever came first.
        self._modes: dict[str, str] = {}
        self._blocks: Counter[str] = Counter()

    def expire(self) -> None:
        """End every stream, as Slack does with those that are some minutes old."""
        self._channels.streaming.clear()

    def do(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do `chat.startStream`, `chat.appendStream` or `chat.stopStream`."""
        channel = arguments["channel"]
        mode = next((name for name in ("markdown_text", "chunks") if name in arguments), "")
        if "markdown_text" in arguments and "chunks" in arguments:
            return error("cannot_provide_both_markdown_text_and_chunks")
        if method == "chat.startStream":
            if problem := self._unstartable(channel, arguments):
                return error(problem)
            message = self._channels.put(
                channel, {"thread_ts": arguments["thread_ts"], "text": "", "blocks": []}
            )
            self._channels.streaming.add(message["ts"])
        else:
            known = self._channels.own(channel, arguments["ts"])
            if known is None:
                return error("message_not_found")
            if known["ts"] in self.stopped_by_user and method == "chat.appendStream":
                return error("stopped_by_user")
            if known["ts"] not in self._channels.streaming:
                return error("message_not_in_streaming_state")
            if not mode and method == "chat.appendStream":
                return error("markdown_text_or_chunks_required")
            message = known
        if mode and self._modes.setdefault(message["ts"], mode) != mode:
            return error("streaming_mode_mismatch")
        self._blocks[message["ts"]] += sum(
            len(chunk.get("blocks", [])) for chunk in arguments.get("chunks", [])
        )
        if self._blocks[message["ts"]] > _MOST_BLOCKS:
            return error("msg_blocks_too_many")
        self._grow(message, arguments)
        if method == "chat.stopStream":
            self._channels.streaming.discard(message["ts"])
            message["blocks"] += arguments.get("blocks", [])
            message |= {"metadata": arguments["metadata"]} if "metadata" in arguments else {}
        return {"ok": True, "channel": channel, "ts": message["ts"]}

    def _unstartable(self, channel: str, arguments: dict[str, Any]) -> str:
        """Return Slack's word for why there is no stream; to channels it streams for one recipient."""
        refused = self.unsupported or ("chunks" in arguments and self.no_chunks)
        if refused or channel in self._channels.closed:
            return refused or "not_in_channel"
        if not channel.startswith("D"):
            for name in ("recipient_team_id", "recipient_user_id"):
                if name not in arguments:
                    return f"missing_{name}"
        return ""

    def _grow(self, message: Message, arguments: dict[str, Any]) -> None:
        chunks = arguments.get("chunks", [])
        self.cards += [chunk for chunk in chunks if chunk["type"] == "task_update"]
        texts = [chunk["text"] for chunk in chunks if chunk["type"] == "markdown_text"]
        if "markdown_text" in arguments:
            texts = [arguments["markdown_text"]]
        self.texts += texts
        message["text"] += "".join(texts)
        other = [block for chunk in chunks for block in chunk.get("blocks", [])]
        shown = [block for block in message["blocks"] if block["type"] != "markdown"] + other
        tasks = {block["task_id"]: block for block in shown if block["type"] == "task_card"}
        for task in (chunk for chunk in chunks if chunk["type"] == "task_update"):
            card = {
                "type": "task_card",
                "task_id": task["id"],
                "title": task["title"],
                "status": task["status"],
            }
            if task["id"] in tasks:
                tasks[task["id"]].update(card)
            else:
                shown.append(card)
        text = [{"type": "markdown", "text": message["text"]}] if message["text"] else []
        message["blocks"] = shown + text
