"""Whether one text says another, by a cross-encoder for natural language inference that is loaded on first use."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from store.errors import StoreError
from store.rankers.cross_encoders import load_cross_encoder, way_out

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

_SETTING = "ITUBOT_JUDGE"


class CrossEncoderEntailment:
    """A sentence-transformers cross-encoder: a name or a path. Its configuration has to name a label for entailment."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._model: CrossEncoder | None = None
        self._entailed = -1
        self._lock = threading.Lock()

    def entails(self, premise: str, hypothesis: str) -> bool:
        """Return whether entailment is the likeliest label. Raises StoreError where the model cannot be loaded."""
        with self._lock:
            if self._model is None:
                self._model, self._entailed = _load(self.name)
            scores: Any = self._model.predict([(premise, hypothesis)], show_progress_bar=False)
        return int(scores[0].argmax()) == self._entailed


def entailment_label(labels: dict[int, str]) -> int | None:
    """Return the place of the label that says "entailed", or None; "not_entailment" is none."""
    found = [place for place, label in labels.items() if label.casefold().startswith("entail")]
    return found[0] if len(found) == 1 and len(labels) > 1 else None


def _load(name: str) -> tuple[CrossEncoder, int]:
    model = load_cross_encoder(name, "model for entailment", _SETTING)
    config: Any = model.config
    labels = {int(place): str(label) for place, label in (config.id2label or {}).items()}
    entailed = entailment_label(labels)
    if entailed is None:
        raise StoreError(
            f"the model {name!r} names no label for entailment ({', '.join(labels.values())}); {way_out(_SETTING)}"
        )
    return model, entailed
