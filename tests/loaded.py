"""The program, which says at its end which slow model libraries it loaded.

python -m tests.loaded ARGUMENTS
"""

from __future__ import annotations

import sys

from bot.cli import main

_SLOW = {"torch", "transformers", "sentence_transformers"}
SAYS = "Slow libraries: "
NONE = f"{SAYS}none."

if __name__ == "__main__":
    code = main()
    sys.stderr.write(f"{SAYS}{', '.join(sorted(_SLOW & sys.modules.keys())) or 'none'}.\n")
    sys.exit(code)
