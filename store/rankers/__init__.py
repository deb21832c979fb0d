"""Cross-encoders: they read two texts together and score them."""
