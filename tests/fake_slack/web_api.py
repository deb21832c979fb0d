"""The methods of the fake Slack's Web API: what a call needs, what is wrong with it, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.settings import Settings
from bot.slack.manifest import make_manifest
from tests.fake_slack.agents import Agents
from tests.fake_slack.channels import Channels, error
from tests.fake_slack.directory import Directory
from tests.fake_slack.files import Uploads
from tests.fake_slack.forms import Forms
from tests.fake_slack.hosted_files import Hosted
from tests.fake_slack.rules.methods import METHODS, refusal
from tests.fake_slack.streams import Streams


def every_feature() -> Settings:
    """Return settings that switch every feature of the bot on."""
    return Settings(library_users="U1", experts_channel="C9", model="openai:any", workspaces="T1")


def own_manifest() -> dict[str, Any]:
    """Return the manifest of the bot with every feature."""
    settings = every_feature()
    return make_manifest(settings, command=settings.command)


class WebApi:
    """The app is what its `manifest` makes of it; `scopes` are those that its token was granted.

    `who` is what `auth.test` says of the bot and its workspace.

    `mistakes` are the calls that break a rule, or need a scope that the manifest does not have.
    """

    def __init__(self, who: dict[str, Any], manifest: dict[str, Any], now: Callable[[], str]) -> None:
        self._who = who
        features = manifest["features"]
        self.needed = frozenset(manifest["oauth_config"]["scopes"]["bot"])
        self.scopes = set(self.needed)
        self.channels = Channels(who["user_id"], now)
        self.directory = Directory(who["team_id"])
        self.streams = Streams(self.channels)
        self.agents = Agents(self.channels, "agent_view" in features)
        self.forms = Forms(features["app_home"]["home_tab_enabled"])
        self.uploads = Uploads()
        self.hosted = Hosted()
        self.mistakes: list[str] = []

    def do(self, method: str, arguments: dict[str, Any], url: str) -> dict[str, Any]:
        """Do what a call asks for, or refuse it as Slack does; `url` is the API's own."""
        if method not in METHODS:
            self.mistakes.append(f"{method}: unknown to the fake; its rules are missing")
            return error("unknown_method")
        if refused := self._out_of_scope(method, arguments):
            return refused
        if wrong := refusal(method, arguments):
            self.mistakes += [f"{method}: {words}" for words in wrong.messages]
            return wrong.as_response()
        # A person's id names a conversation for `chat.postMessage` alone.
        if method != "chat.postMessage" and str(arguments.get("channel", "")).startswith("U"):
            return error("channel_not_found")
        if method == "chat.postEphemeral":
            self.check_private(arguments)
        return self._carry_out(method, arguments, url)

    def check_private(self, message: dict[str, Any]) -> None:
        """Note a private message that nobody sees.

        https://docs.slack.dev/reference/methods/chat.postEphemeral: shown "if there is already an active thread".
        """
        thread = message.get("thread_ts")
        if thread and not self.channels.has_replies(thread):
            self.mistakes.append("a private message in a thread that has not begun is not shown")

    def _out_of_scope(self, method: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """Return Slack's refusal of a call for which the token has no scope."""
        channel = str(arguments.get("channel", ""))
        scope = METHODS[method].scope.replace("*", self.directory.kind(channel))
        if not scope or scope in self.scopes:
            return None
        if scope not in self.needed:
            self.mistakes.append(f"{method} needs {scope}, which is not in the manifest")
        provided = ",".join(sorted(self.scopes))
        return {"ok": False, "error": "missing_scope", "needed": scope, "provided": provided}

    def _carry_out(self, method: str, arguments: dict[str, Any], url: str) -> dict[str, Any]:
        match method.split("."):
            case ["auth", "test"]:
                return {"ok": True, "url": "https://test.slack.com/", "bot_id": "B0BOT", **self._who}
            case ["apps", "uninstall"]:
                return {"ok": True}
            case ["apps", "connections", "open"]:
                address = url.replace("http://", "ws://").replace("/api/", "/link")
                return {"ok": True, "url": address}
            case ["chat", "postEphemeral"] if arguments["channel"] in self.channels.closed:
                return error("not_in_channel")
            case ["chat", name] if name != "postEphemeral":
                return self._chat(method, arguments)
            case ["conversations", "replies" | "history"]:
                return self.channels.read(method, arguments)
            case ["files", "getUploadURLExternal"]:
                return self.uploads.open(arguments, url)
            case ["files", "completeUploadExternal"]:
                result, message = self.uploads.complete(arguments)
                if message is not None:
                    self.channels.put(arguments["channel_id"], message)
                return result
            case ["usergroups", *_] if self._who["is_enterprise_install"] and "team_id" not in arguments:
                # https://docs.slack.dev/reference/methods/usergroups.list: required with a token of an organization.
                return error("missing_argument")
            case ["files" | "usergroups", *_]:
                return self.hosted.tell(method, arguments, url)
            case ["views", _]:
                return self.forms.do(method, arguments)
            case ["assistant" | "agents", *_]:
                return self.agents.do(method, arguments)
        return self.directory.tell(method, arguments)

    def _chat(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if method in ("chat.postMessage", "chat.startStream"):
            self.agents.posted(arguments.get("thread_ts", ""))
        match method:
            case "chat.postMessage":
                return self.channels.post(arguments)
            case "chat.update":
                return self.channels.update(arguments)
            case "chat.delete":
                return self.channels.delete(arguments)
            case "chat.getPermalink":
                return self.channels.link(arguments)
        done = self.streams.do(method, arguments)
        if done["ok"]:
            self.agents.streamed(method, self.channels.own(done["channel"], done["ts"]), arguments)
        return done
