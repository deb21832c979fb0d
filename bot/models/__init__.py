"""Language models: chats by name with limits and fallbacks, judges of statements, and the tokens that they cost."""
