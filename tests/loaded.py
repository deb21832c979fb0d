"""The program, which says at its end which of the libraries of an ingest it loaded.

python -m tests.loaded ARGUMENTS
"""

from __future__ import annotations

import sys

from bot.cli import main

# They load slowly, and the image `answers` does without them.
SLOW = {
    *("torch", "transformers", "sentence_transformers", "scipy", "sklearn"),
    *("onnx", "onnxscript", "onnx_ir", "ml_dtypes", "sympy", "mpmath", "networkx"),
}
SAYS = "Slow libraries: "
NONE = f"{SAYS}none."

if __name__ == "__main__":
    code = main()
    sys.stderr.write(f"{SAYS}{', '.join(sorted(SLOW & sys.modules.keys())) or 'none'}.\n")
    sys.exit(code)
