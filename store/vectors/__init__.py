"""Embedding models, and the index of vectors in Chroma. The models' libraries are imported on first use."""

from store.vectors.bundled import BundledEmbedder
from store.vectors.embeddings import (
    Embedder,
    QuestionEncoder,
    SentenceTransformerEmbedder,
    Vector,
    Vectors,
    cosine,
    embedding_key,
)
from store.vectors.index import Index
from store.vectors.onnx_encoder import ExportedEncoder, export_encoder

__all__ = [
    "BundledEmbedder",
    "Embedder",
    "ExportedEncoder",
    "Index",
    "QuestionEncoder",
    "SentenceTransformerEmbedder",
    "Vector",
    "Vectors",
    "cosine",
    "embedding_key",
    "export_encoder",
]
