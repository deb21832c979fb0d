"""Who may ask, where and how often, who may change documents, and what a channel may see."""
