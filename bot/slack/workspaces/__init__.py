"""The workspaces that the bot serves: the one of its token, or those that install the app themselves."""
