"""Cross-encoders, which read two texts together, loaded by name or path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from store.errors import StoreError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

# Word pieces of both texts together; what is longer is cut by the model's own tokenizer.
_PIECES = 512


def load_cross_encoder(name: str, role: str, setting: str) -> CrossEncoder:
    """Return the model. Raises StoreError, which says what it was wanted for and in which setting it is named."""
    # Importing takes five seconds, and without the settings nobody needs it.
    from sentence_transformers import CrossEncoder

    try:
        model: CrossEncoder = CrossEncoder(
            name, device="cpu", max_length=_PIECES, local_files_only=Path(name).exists()
        )
    except Exception as error:
        # What the libraries beneath raise for a wrong name differs from version to version.
        line = next(iter(str(error).splitlines()), type(error).__name__)
        raise StoreError(f"the {role} {name!r} cannot be loaded: {line}; {way_out(setting)}") from error
    return model


def way_out(setting: str) -> str:
    """Return what to do about a model that is of no use."""
    return f"correct {setting}, or leave it empty"
