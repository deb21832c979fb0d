"""The digest of the code by which a file becomes sections: `python -m tests.tools.reading_code` writes it anew.

Where it changes, each document is read again at the next ingest.
"""

from __future__ import annotations

import ast
import hashlib

from ingest.files import READERS_DIGEST


def reading_digest() -> str:
    """Return the digest of all readers, in hexadecimal digits."""
    sha = hashlib.sha256()
    for folder in ("readers", "document"):
        for path in sorted(READERS_DIGEST.with_name(folder).glob("*.py")):
            sha.update(code_digest(path.read_bytes()))
    return sha.hexdigest()


def code_digest(source: bytes) -> bytes:
    """Return the digest of what Python code does, whatever its comments, docstrings and layout are."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = None
    return hashlib.sha256(ast.dump(tree).encode()).digest()


if __name__ == "__main__":
    READERS_DIGEST.write_text(reading_digest() + "\n", encoding="utf-8")
