"""A real cross-encoder of a few thousand weights, on disk, that gives every pair the label `given`."""

from __future__ import annotations

from pathlib import Path


def cross_encoder(folder: Path, labels: tuple[str, ...], given: str) -> Path:
    """Build the model in `folder` and return its path."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    path = folder / "cross-encoder"
    path.mkdir()
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "summit", "is", "in", "september", "."]
    vocabulary = path / "vocab.txt"
    vocabulary.write_text("\n".join(words), "utf-8")
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=len(labels),
        id2label=dict(enumerate(labels)),
        label2id={label: place for place, label in enumerate(labels)},
    )
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([5.0 if label == given else 0.0 for label in labels]))
    model.save_pretrained(path)
    BertTokenizer(str(vocabulary)).save_pretrained(path)
    return path
