"""`python -m bot` is `itubot`."""

from __future__ import annotations

import sys

from itubot import main

if __name__ == "__main__":
    sys.exit(main())
