"""Real sentence-transformers models of a few thousand weights, on disk."""

from __future__ import annotations

import string
from pathlib import Path

_LETTERS = string.ascii_lowercase + string.digits
_SIZE = 16


def embedding_model(
    path: Path, *, pooling: str = "mean", prompt: str = "", pools_prompt: bool = True, seed: int = 1
) -> Path:
    """Build a model of one layer in the folder `path`, which may hold another one, and return it.

    `seed` decides the weights. `prompt` goes before each text; its tokens are pooled unless `pools_prompt` is False.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer  # the name that versions 5 and 6 share
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(seed)
    plain = path.with_name(f"{path.name}-transformer")
    plain.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_LETTERS, *(f"##{letter}" for letter in _LETTERS)]
    (plain / "vocab.txt").write_text("\n".join(words), "utf-8")
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=_SIZE,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=_SIZE,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(plain)
    BertTokenizerFast(str(plain / "vocab.txt")).save_pretrained(plain)
    model = SentenceTransformer(
        modules=[
            Transformer(str(plain), max_seq_length=32),
            Pooling(_SIZE, pooling_mode=pooling, include_prompt=pools_prompt),
        ],
        device="cpu",
        prompts={"query": prompt} if prompt else None,
        default_prompt_name="query" if prompt else None,
    )
    model.save(str(path))
    return path
