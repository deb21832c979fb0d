"""The arguments of all other methods."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Json, model_validator

from tests.fake_slack.rules.base import MAYBE_JSON, OMITTED, Rule, exactly_one
from tests.fake_slack.rules.messages import Arguments, Id
from tests.fake_slack.rules.text import check_mrkdwn


class UploadUrl(Arguments):
    """https://docs.slack.dev/reference/methods/files.getUploadURLExternal"""

    filename: Id
    length: int = Field(ge=1)
    alt_txt: str = Field(default=None, max_length=1_000)
    snippet_type: str = OMITTED

    @model_validator(mode="after")
    def _described(self) -> UploadUrl:
        """Ours: whoever does not see a picture hears what it shows."""
        if self.filename.endswith((".png", ".jpg", ".gif")) and not self.alt_txt:
            raise ValueError("a picture without alt text")
        return self


class _File(Rule):
    """https://docs.slack.dev/reference/methods/files.completeUploadExternal"""

    id: Id
    title: Id


class CompleteUpload(Arguments):
    """https://docs.slack.dev/reference/methods/files.completeUploadExternal"""

    files: Json[list[_File]] | list[_File]
    channel_id: Id
    initial_comment: Annotated[str, AfterValidator(check_mrkdwn)] = OMITTED
    thread_ts: Id = OMITTED


class Prompt(Rule):
    """https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts"""

    title: Id
    message: Id


class SuggestedPrompts(Arguments):
    """https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts: four at most."""

    channel_id: Id
    prompts: Annotated[list[Prompt], Field(min_length=1, max_length=4), MAYBE_JSON]
    title: Id = OMITTED
    thread_ts: Id = OMITTED


class ThreadStatus(Arguments):
    """https://docs.slack.dev/reference/methods/assistant.threads.setStatus"""

    channel_id: Id
    thread_ts: Id
    status: str
    loading_messages: list[Id] = Field(default=None, min_length=1, max_length=10)


class SessionStatus(Arguments):
    """https://docs.slack.dev/reference/methods/agents.sessions.setStatus"""

    channel_id: Id
    status: Literal["active", "processing", "suspended", "closed"]
    thread_ts: Id = OMITTED
    title: str = Field(default=None, min_length=1, max_length=200)
    initiator_user_id: Id = OMITTED


class SessionName(Arguments):
    """https://docs.slack.dev/reference/methods/agents.sessions.rename"""

    channel_id: Id
    title: str = Field(min_length=1, max_length=200)
    thread_ts: Id = OMITTED


class Pages(Arguments):
    """https://docs.slack.dev/apis/web-api/pagination"""

    channel: Id
    cursor: str = OMITTED
    limit: int = Field(default=None, ge=1, le=999)


class History(Pages):
    """https://docs.slack.dev/reference/methods/conversations.history"""

    oldest: str = OMITTED
    latest: str = OMITTED
    inclusive: bool = OMITTED
    include_all_metadata: bool = OMITTED


class Replies(History):
    """https://docs.slack.dev/reference/methods/conversations.replies"""

    ts: Id
    limit: int = Field(default=None, ge=1, le=1_000)


class Conversation(Arguments):
    """https://docs.slack.dev/reference/methods/conversations.info"""

    channel: Id
    include_locale: bool = OMITTED
    include_num_members: bool = OMITTED


class OpenConversation(Arguments):
    """https://docs.slack.dev/reference/methods/conversations.open

    Ours is one person: several are a group, for which the scope is another one.
    """

    users: str = Field(default=None, pattern=r"^[UW][A-Z0-9]+$")
    channel: Id = OMITTED
    return_im: bool = OMITTED
    prevent_creation: bool = OMITTED

    _either = exactly_one("users", "channel")


class Permalink(Arguments):
    """https://docs.slack.dev/reference/methods/chat.getPermalink"""

    channel: Id
    message_ts: Id


class UserInfo(Arguments):
    """https://docs.slack.dev/reference/methods/users.info"""

    user: Id
    include_locale: bool = OMITTED


class Groups(Arguments):
    """https://docs.slack.dev/reference/methods/usergroups.list"""

    team_id: Id = OMITTED
    include_disabled: bool = OMITTED
    include_count: bool = OMITTED
    include_users: bool = OMITTED


class GroupMembers(Arguments):
    """https://docs.slack.dev/reference/methods/usergroups.users.list"""

    team_id: Id = OMITTED
    usergroup: Id
    include_disabled: bool = OMITTED


class FileInfo(Arguments):
    """https://docs.slack.dev/reference/methods/files.info"""

    file: Id


class Nothing(Arguments):
    """https://docs.slack.dev/reference/methods/auth.test"""


class Uninstall(Arguments):
    """https://docs.slack.dev/reference/methods/apps.uninstall"""

    client_id: Id
    client_secret: Id


class Access(Arguments):
    """https://docs.slack.dev/reference/methods/oauth.v2.access: of a code, or of a refresh token."""

    client_id: Id = OMITTED
    client_secret: Id = OMITTED
    code: Id = OMITTED
    redirect_uri: Id = OMITTED
    grant_type: Literal["authorization_code", "refresh_token"] = OMITTED
    refresh_token: Id = OMITTED

    _either = exactly_one("code", "refresh_token")

    @model_validator(mode="after")
    def _of_its_type(self) -> Access:
        """https://docs.slack.dev/authentication/using-token-rotation"""
        if (self.grant_type == "refresh_token") != (self.refresh_token is not None):
            raise ValueError("refresh_token without its grant_type, or the other way round")
        return self
