"""The process that reads strangers' files, one after the other, until its input ends.

For each file it reads a line of JSON with `name`, `size` and `memory` in bytes and `seconds` of processor time, and
then the file. It writes a line of JSON, an `Answer`.
"""

from __future__ import annotations

import json
import os
import sys
import traceback

from lxml import etree

from ingest.errors import NotReadable
from ingest.readers.choice import read_file
from ingest.readers.sandbox import confinement
from ingest.readers.sandbox.answer import ANSWERS, Answer

_LONGEST_FAULT = 20_000


def main() -> None:
    confinement.confine()
    # What a library prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        confinement.limit_memory(request["memory"])
        confinement.limit_time(request["seconds"])
        answer = _read(request["name"], request["size"])
        answers.write(answer + b"\n")
        answers.flush()


def _read(name: str, size: int) -> bytes:
    try:
        data = sys.stdin.buffer.read(size)
        return ANSWERS.dump_json(Answer(extract=read_file(name, data)))
    except MemoryError:
        answer = Answer(exhausted=True)
    except NotReadable as error:
        answer = Answer(exhausted=True) if _is_for_memory(error) else Answer(refused=str(error))
    except Exception:
        answer = Answer(fault=traceback.format_exc()[-_LONGEST_FAULT:])
    return ANSWERS.dump_json(answer)


def _is_for_memory(error: BaseException) -> bool:
    """Whether a reader refused the file as damaged because memory ran out."""
    cause = error.__context__
    if cause is None:
        return False
    # libxml2 gives every other error a line number.
    of_xml = isinstance(cause, etree.XMLSyntaxError) and not cause.lineno
    return of_xml or isinstance(cause, MemoryError) or _is_for_memory(cause)


if __name__ == "__main__":
    main()
