"""What the features share: receiving, sending, who may use the bot, and the blocks of messages."""
