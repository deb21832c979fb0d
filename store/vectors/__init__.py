"""Embedding models, and the index of vectors in Chroma. The models' libraries are imported on first use."""
