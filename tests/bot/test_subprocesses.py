"""A function run in a subprocess: its progress, its result, its end."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.subprocesses import SubprocessDied, run_in_subprocess
from tests.bot import subprocess_functions


async def test_steps_arrive_in_order_and_the_result_is_returned() -> None:
    heard: list[int] = []
    pid = await run_in_subprocess(partial(subprocess_functions.count, 3), heard.append)
    assert heard == [0, 1, 2]
    assert pid != os.getpid()


@pytest.mark.parametrize(
    ("work", "error", "words"),
    [
        (subprocess_functions.refuse, subprocess_functions.Refusal, "no, thank you"),
        (subprocess_functions.die, SubprocessDied, "without a result"),
        (subprocess_functions.unspeakable, RuntimeError, "cannot be passed on"),
        (subprocess_functions.refuse_in_particular, RuntimeError, "cannot be read"),
    ],
)
async def test_error_of_the_subprocess_is_raised(
    work: Callable[[Callable[[int], None]], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        await run_in_subprocess(work, lambda _: None)


async def ends_when_cancelled(work: Callable[[Callable[[int], None]], int]) -> None:
    """Cancel work that tells its process's id, and see that the process is gone."""
    heard: asyncio.Queue[int] = asyncio.Queue()
    task = asyncio.create_task(run_in_subprocess(work, heard.put_nowait))
    pid = await heard.get()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_cancellation_ends_the_process(tmp_path: Path) -> None:
    await ends_when_cancelled(partial(subprocess_functions.last_for_ever, tmp_path / "mark"))


async def test_cancellation_while_the_process_starts_ends_it(tmp_path: Path) -> None:
    # With one thread, what is called afterwards is called when the process has started.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    work = partial(subprocess_functions.last_for_ever, tmp_path / "mark")
    task = asyncio.create_task(run_in_subprocess(work, lambda _: None))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(multiprocessing.active_children) == []


async def test_subprocess_ends_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import asyncio\nfrom functools import partial\nfrom pathlib import Path\n"
        "from bot.subprocesses import run_in_subprocess\nfrom tests.bot import subprocess_functions\n"
        "if __name__ == '__main__':\n"
        f"    work = partial(subprocess_functions.last_for_ever, Path({str(tmp_path / 'mark')!r}))\n"
        "    asyncio.run(run_in_subprocess(work, lambda pid: print(pid, flush=True)))\n"
    )
    program = tmp_path / "parent.py"
    program.write_text(script)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, program, stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert parent.stdout is not None
    assert await parent.stdout.readline()
    parent.kill()
    # The other process has this end of the pipe too: it is closed when both have ended.
    assert await parent.stdout.read() == b""
    await parent.wait()


async def test_process_that_ignores_termination_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.subprocesses._GRACE", 0.1)
    await ends_when_cancelled(subprocess_functions.refuse_to_end)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process close its memory")
async def test_its_environment_and_memory_are_closed_to_other_processes() -> None:
    assert not await run_in_subprocess(subprocess_functions.is_open_to_inspection, lambda _: None)
