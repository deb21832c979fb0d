"""The checks of Slack: tokens, scopes, and the workspaces that have installed the app."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.doctor import CheckResult, broken, ok, unused
from bot.plural import counted
from bot.settings import Settings
from bot.slack.manifest import INSTALL_PATH, granted_scopes, missing_scopes, needed_scopes
from store.jobs import Installation


def check_tokens(settings: Settings) -> CheckResult:
    """Check that the Slack tokens are set and not swapped; nothing is sent."""
    tokens = {
        "SLACK_BOT_TOKEN": settings.slack_bot_token,
        "SLACK_APP_TOKEN": settings.slack_app_token,
        "SLACK_SIGNING_SECRET": settings.slack_signing_secret,
    }
    if settings.workspaces:
        if problem := settings.workspaces_problem:
            return broken("Slack", problem, "correct the environment or .env")
        count = counted(len(settings.workspaces), "workspace")
        return ok("Slack", f"{count} may install the app, HTTP on port {settings.port}")
    if not any(tokens.values()):
        return unused("Slack", "not set up; docs/tutorial.md shows how, in four steps")
    if not settings.slack_bot_token:
        return broken("Slack", "SLACK_BOT_TOKEN is missing", "copy it from your app's page Install App")
    if not settings.slack_configured:
        found = "neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set"
        return broken("Slack", found, "set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)")
    for name, prefix in (("SLACK_BOT_TOKEN", "xoxb-"), ("SLACK_APP_TOKEN", "xapp-")):
        token = tokens[name]
        if token and not token.get_secret_value().startswith(prefix):
            return broken("Slack", f"{name} does not begin with {prefix}", "are two tokens swapped?")
    connection = "Socket Mode" if settings.slack_app_token else f"HTTP on port {settings.port}"
    return ok("Slack", f"tokens are set, for {connection}")


def check_slack(
    settings: Settings, installed: Callable[[], Sequence[Installation]] = list
) -> Iterator[CheckResult]:
    """Ask Slack whether it takes the tokens, and which scopes they have.

    `installed` returns the workspaces that have installed the app.
    """
    if settings.workspaces:
        known = {installation.team: installation for installation in installed()}
        for team in settings.workspaces:
            yield from _check_installation(settings, team, known.get(team))
        return
    calls = [("SLACK_BOT_TOKEN", "auth.test", settings.slack_bot_token)]
    if settings.slack_app_token:
        calls.append(("SLACK_APP_TOKEN", "apps.connections.open", settings.slack_app_token))
    for name, method, token in calls:
        if token:
            remedy = f"copy {name} again"
            yield from _check_token(
                settings, f"Slack {method}", method, name, token.get_secret_value(), remedy
            )


def _check_installation(
    settings: Settings, team: str, installation: Installation | None
) -> Iterator[CheckResult]:
    """Check the token of a workspace, unless the bot renews it before it uses it next."""
    name = f"workspace {team}"
    if installation is None:
        yield unused(name, f"has not installed the app; that is done at {INSTALL_PATH} of the bot")
    elif installation.expires_at is not None and installation.expires_at <= time.time():
        yield ok(name, f"{installation.name}; its token has expired, the bot renews it when it runs")
    else:
        remedy = f"install the app there again, at {INSTALL_PATH} of the bot"
        yield from _check_token(settings, name, "auth.test", "its token", installation.token, remedy)


def _check_token(
    settings: Settings, name: str, method: str, what: str, token: str, remedy: str
) -> Iterator[CheckResult]:
    """Call a method that needs nothing but a token, and compare the scopes that Slack names with those needed."""
    # Not needed by any other check, and slow to import.
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError, SlackClientError

    client = WebClient(base_url=settings.slack_api_url, timeout=10)
    try:
        answer = client.api_call(method, headers={"Authorization": f"Bearer {token}"})
    except SlackApiError as error:
        reason = error.response.get("error", "no reason given")
        yield broken(name, f"refused {what}: {reason}", remedy)
    except (SlackClientError, OSError) as error:
        yield broken(name, f"{settings.slack_api_url}: {error}", "check the network")
    else:
        who = f"{answer.get('user')} in {answer.get('team')}" if method == "auth.test" else f"took {what}"
        yield ok(name, who)
        if method == "auth.test":
            yield check_scopes(settings, answer.headers)


def check_scopes(settings: Settings, headers: Mapping[str, str]) -> CheckResult:
    """Compare the scopes that Slack's response names with those that the features that are on need."""
    granted = granted_scopes(headers)
    if granted is None:
        return unused("Slack scopes", "Slack's response does not name those of the token")
    missing = missing_scopes(settings, granted)
    if missing:
        found = "; ".join(f"{', '.join(scopes)} for {feature}" for feature, scopes in missing.items())
        remedy = (
            "on https://api.slack.com/apps, replace the App Manifest by what `itubot manifest` prints, "
            "then install the app again"
        )
        return broken("Slack scopes", f"the app lacks {found}", remedy)
    return ok("Slack scopes", f"all {len(needed_scopes(settings))} that the features need")
