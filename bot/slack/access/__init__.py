"""Who may ask and who may change documents: members, guests, shared channels, how often."""
