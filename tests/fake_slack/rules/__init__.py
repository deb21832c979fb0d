"""Slack's rules for what an app sends, as models of pydantic: each has the page that states it as its docstring.

Sources, beside those pages: the validators of slack_sdk.models (a test compares fields and limits with them), the types
of Slack's JavaScript SDK (@slack/types: what each block may contain), Slack's Java SDK (rates without a tier), and for
the size of a whole message https://github.com/slackapi/bolt-js/issues/2509.

Stricter than Slack where Slack forgives, since it is a mistake of ours: unknown fields and arguments, an interactive
element without an `action_id`, a picture without alt text, a message without a text for notifications and screen
readers, a mention of everybody, and characters that mrkdwn or Markdown would read as markup. What the bot always sends
is required too, as the thread of a stream, the channel of a session, and the channel and the title of a file.
"""
