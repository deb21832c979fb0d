"""The fake Slack's streaming methods, as those who have measured them describe: a message grows until it is stopped.

A message that is streamed into cannot be updated, one that is not cannot be appended to.
"""

from __future__ import annotations

from typing import Any

from tests.bot.slack.fakes.channels import Channels, Message
from tests.bot.slack.fakes.limits import problems_of_stream

_OVER = {"ok": False, "error": "message_not_in_streaming_state"}


class Streams:
    """`unsupported` is Slack's word where it streams nowhere; `texts` holds each piece that arrived, in order."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self.unsupported = ""
        self.texts: list[str] = []

    def chat(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Do any method of the family `chat`."""
        match method:
            case "chat.postMessage":
                return self._channels.post(arguments)
            case "chat.update":
                return self._channels.update(arguments)
            case "chat.startStream" | "chat.appendStream" | "chat.stopStream":
                return self._stream(method, arguments)
        return {"ok": False, "error": "unknown_method"}

    def expire(self) -> None:
        """End every stream, as Slack does with those that are some minutes old."""
        self._channels.streaming.clear()

    def _stream(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        found = problems_of_stream(method, arguments)
        if found:
            self._channels.problems += found
            return {"ok": False, "error": "invalid_arguments", "response_metadata": {"messages": found}}
        channel, text = arguments["channel"], arguments.get("markdown_text", "")
        if method == "chat.startStream":
            if self.unsupported or channel in self._channels.closed:
                return {"ok": False, "error": self.unsupported or "not_in_channel"}
            message = self._channels.put(channel, {"thread_ts": arguments["thread_ts"], "text": ""})
            self._channels.streaming.add(message["ts"])
        else:
            known = self._channels.own(channel, arguments["ts"])
            if known is None:
                return {"ok": False, "error": "message_not_found"}
            if known["ts"] not in self._channels.streaming:
                return dict(_OVER)
            message = known
        self._grow(message, text)
        if method == "chat.stopStream":
            self._channels.streaming.discard(message["ts"])
            message["blocks"] += arguments.get("blocks", [])
            message |= {"metadata": arguments["metadata"]} if "metadata" in arguments else {}
        return {"ok": True, "channel": channel, "ts": message["ts"]}

    def _grow(self, message: Message, text: str) -> None:
        if text:
            self.texts.append(text)
        message["text"] += text
        message["blocks"] = [{"type": "markdown", "text": message["text"]}]
