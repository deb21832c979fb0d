"""The checks of what the program needs to work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.doctor import CheckResult, broken, ok, unused
from bot.errors import ModelError
from bot.plural import counted
from bot.settings import Settings
from ingest.errors import NotReadable
from itubot import PACKAGES, find_foreign
from store.engines import DATABASE, check_file
from store.errors import IndexDamaged, NoStore, StoreError
from store.files import FileStorage
from store.filesystem import why
from store.vectors.chroma_server import parse_server, shown
from store.vectors.encoders import (
    ENGLISH,
    MANY_LANGUAGES,
    export_folder,
    is_exported,
)
from store.vectors.index import Index

if TYPE_CHECKING:
    from bot.evaluation.questions import GoldQuestion
    from bot.wiring import Services
    from store.catalog import Catalog


# The permissions of users other than the owner.
_OTHERS = 0o077
# For the public address to answer.
_PUBLIC_SECONDS = 5.0
# The day of asking in a trial, two days after the date of the bundled report.
_TRIAL_DAY = date(2024, 5, 1)
# Questions that a model has to answer better than the program without it. Two small models that were tried had fewer
# right than without them, a capable one nine more of twenty.
_LEAST_MORE = 3
# Paragraphs of which it says that versions differ.
_MOST_PLACES = 5


def check_names() -> CheckResult:
    """Check that the four imported packages are this program's, and that no other distribution installs such a one.

    The second may overwrite ours at its next upgrade.
    """
    if fault := find_foreign(Path(__file__).resolve().parents[2]):
        found, _separator, remedy = fault.rpartition("; ")
        return broken("packages", found, remedy)
    owners = packages_distributions()
    for name in PACKAGES:
        if others := sorted(set(owners.get(name, [])) - {"itubot"}):
            found = f"{others[0]} also installs a package `{name}`"
            remedy = f"pip uninstall {others[0]}, or install itubot into a virtual environment of its own"
            return broken("packages", found, remedy)
    return ok("packages", f"{', '.join(PACKAGES)} are this program's")


def check_folder(settings: Settings) -> CheckResult:
    """Check that the data folder, or its nearest parent, can be written, and that only its user can read it."""
    folder = settings.data_dir
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        return broken("data folder", f"{nearest} is not a folder", "set ITUBOT_DATA_DIR to a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        return broken("data folder", f"{nearest} cannot be written", f"chmod u+rwx {nearest}")
    if folder.exists() and _open_to_others(folder):
        found = f"other users of this machine can read what is in {folder}"
        return broken("data folder", found, f"chmod -R go-rwx {folder}")
    return ok("data folder", f"{folder} can be written")


def check_storage(catalog: Catalog, settings: Settings) -> Iterator[CheckResult]:
    """Check the databases and the index, in the data folder or on servers, and a file storage that is set."""
    if catalog.engine.dialect.name == "postgresql":
        database = check_database(catalog)
        yield database
        if database.verdict == "broken":
            return
    yield check_store(catalog)
    if url := settings.chroma_url.get_secret_value():
        yield check_chroma(catalog, url)
    else:
        yield check_index(catalog, settings.data_dir / "index")
    if url := settings.storage_url.get_secret_value():
        yield check_files(url)


def check_store(catalog: Catalog) -> CheckResult:
    """Check that the catalog opens and that no part of its file is damaged, and count its content."""
    try:
        check_file(catalog.engine)
        with catalog.snapshot() as snapshot:
            counts = snapshot.counts()
            generation = snapshot.generation
    except NoStore:
        return broken("store", "there are no documents yet", "itubot ingest")
    except StoreError as error:
        return CheckResult.failed("store", error)
    sections = sum(sections for sections, _events in counts.values())
    events = sum(events for _sections, events in counts.values())
    if not counts:
        return broken("store", "every document has been removed", "itubot ingest")
    found = ", ".join(
        [counted(len(counts), "document"), counted(sections, "section"), counted(events, "event")]
    )
    return ok("store", f"generation {generation}: {found}")


def check_versions(catalog: Catalog, today: date) -> CheckResult:
    """List the paragraphs that the versions of a document in several languages date differently."""
    # Reads the register, which no other check needs.
    from bot.register.repository import load_register
    from bot.register.versions import differing_dates

    try:
        with catalog.snapshot() as snapshot:
            found = list(differing_dates(load_register(snapshot, today), snapshot.documents()))
    except StoreError as error:
        return unused("versions", f"not looked at: {error}")
    if not found:
        return ok("versions", "no versions of a document state different dates")
    more = [f"and {len(found) - _MOST_PLACES} more"] if len(found) > _MOST_PLACES else []
    return unused("versions", " ".join([*found[:_MOST_PLACES], *more]))


def check_index(catalog: Catalog, folder: Path) -> CheckResult:
    """Check that each part of the vectors' index opens and finds one of its vectors."""
    try:
        with catalog.snapshot() as snapshot:
            live = snapshot.every_segment()
            is_damaged = snapshot.is_index_damaged
        Index(folder).check(live)
    except IndexDamaged:
        is_damaged = True
    except StoreError as error:
        return unused("index", f"not looked at: {error}")
    if is_damaged:
        return broken("index", "missing or damaged; full text alone answers", "itubot reindex")
    return ok("index", f"{counted(len(live), 'part')}, each answers")


def check_model(settings: Settings) -> CheckResult:
    """Check that the files of the embedding models are the known ones, without loading their libraries."""
    if settings.embedding_model:
        return ok("embedding model", f"{settings.embedding_model} (your own, not checked)")
    try:
        folder = ENGLISH.check().parent
        MANY_LANGUAGES.check()
    except StoreError as error:
        return CheckResult.failed("embedding model", error)
    return ok(
        "embedding model",
        f"all-MiniLM-L6-v2 as published, in {folder}; universal-sentence-encoder-multilingual 3 beside it",
    )


def check_encoder(settings: Settings) -> CheckResult:
    """Check that questions are encoded by an export of the embedding model, without loading it."""
    name = "question encoder"
    slow = "questions load sentence-transformers, which takes seconds"
    if settings.embedding_model:
        return unused(name, f"only the bundled model is exported; {slow}")
    target = export_folder(settings.encoder_folder)
    if is_exported(target):
        return ok(name, f"exported for onnxruntime, in {target}")
    if target.exists():
        return broken(name, f"damaged in {target}, {slow}", "itubot ingest")
    return unused(name, f"not exported yet, {slow}; the next ingest exports it")


def check_language_models(settings: Settings) -> Iterator[CheckResult]:
    """Check that the language models can be set up: their packages, and their keys in the environment."""
    if not settings.model:
        yield unused("language model", "none; answers are the documents' own sentences")
        return
    # Imports langchain, which no other check needs.
    from bot.models.chat import ChatModel

    named = {"language model": settings.model, "fallback": settings.model_fallback}
    if settings.judges_by_chat:
        named["judge"] = settings.judge
    for role, name in named.items():
        if not name:
            continue
        try:
            ChatModel(name).prepare()
        except ModelError as error:
            yield CheckResult.failed(role, error, ": ")
        else:
            yield ok(role, f"{name} can be set up; `itubot doctor --model` tries it")


def check_cross_encoders(settings: Settings) -> Iterator[CheckResult]:
    """Check that optional models named by a folder exist; other names are looked up at first use."""
    judge = "" if settings.judges_by_chat or settings.judge == "none" else settings.judge
    for setting, name in {"ITUBOT_RERANKER": settings.reranker, "ITUBOT_JUDGE": judge}.items():
        if not name:
            continue
        if name.startswith((".", "/", "~")) and not Path(name).expanduser().is_dir():
            remedy = f"correct {setting}, or leave it out"
            yield broken(setting, f"there is no folder {name}", remedy)
        else:
            yield ok(setting, f"{name} (loaded when it is first used)")


def check_public_address(settings: Settings) -> CheckResult:
    """Check that the public address answers with the bot's pages, by requests that show nothing."""
    name = "public address"
    url = settings.public_url.rstrip("/")
    if not url:
        return unused(name, "none; calendars are files")
    # Imported late: most bots have no public address.
    import httpx

    from bot import mcp
    from bot.calendars import CALENDARS_PATH, WRONG_PERIODS

    paths = [CALENDARS_PATH, *([mcp.PATH] if mcp.is_installed() else [])]
    remedy = f"start the bot, and let the proxy there pass {' and '.join(paths)} on to port {settings.port}"
    try:
        with httpx.Client(timeout=_PUBLIC_SECONDS) as client:
            calendar = client.get(f"{url}{CALENDARS_PATH}/doctor.ics", params={"periods": "doctor"})
            assistants = client.post(f"{url}{mcp.PATH}") if mcp.is_installed() else None
    except httpx.HTTPError as error:
        return broken(name, f"{url} does not answer this machine ({why(error)})", remedy)
    strange = [(CALENDARS_PATH, calendar)] if calendar.text != WRONG_PERIODS else []
    if assistants is not None and not assistants.headers.get("WWW-Authenticate", "").startswith("Bearer"):
        strange.append((mcp.PATH, assistants))
    if strange:
        answers = " and ".join(f"{path} (HTTP {response.status_code})" for path, response in strange)
        return broken(name, f"{url} answers, but not as the bot at {answers}", remedy)
    return ok(name, f"{url} answers with the bot's pages, {' and '.join(paths)}")


def check_reading(possible_attacks: Callable[[], Sequence[str] | None]) -> CheckResult:
    """Try what the process that reads files from others could do here, if one of them took it over."""
    name = "reading of files"
    try:
        possible = possible_attacks()
    except NotReadable:
        found, remedy = "the process that reads files does not start", "install itubot again"
        return broken(name, found, remedy)
    except OSError as error:
        return unused(name, f"not tried: {error}")
    if possible is None:
        found = "a file that takes over its reader has the rights of this user"
        return unused(name, f"{found}; docs/explanation/security.md says what other systems close")
    if possible:
        found = f"a file that takes over its reader could {', '.join(possible)}"
        return unused(name, f"{found}; docs/explanation/security.md says what closes that")
    found = "a file that takes over its reader reaches no other file, no network and no other process"
    return ok(name, found)


def _open_to_others(folder: Path) -> bool:
    """Whether other users of the machine can read the data in a folder."""
    if not folder.stat().st_mode & _OTHERS:
        return False
    names = (DATABASE, "index", "library", "chat-history")
    return any((folder / name).exists() and (folder / name).stat().st_mode & _OTHERS for name in names)


def check_database(catalog: Catalog) -> CheckResult:
    """Check that the database answers and has today's tables, and say who writes to it."""
    try:
        state = catalog.server_state()
    except StoreError as error:
        return CheckResult.failed("database", error)
    url = catalog.engine.url
    found = f"PostgreSQL {state.version} at {url.host or 'this machine'}, database {url.database}"
    if state.tables == "none":
        return ok("database", f"{found}; no tables yet, the first ingest creates them")
    writer = f"{state.writer} is writing" if state.writer else "nobody is writing"
    if state.tables != "current":
        return broken("database", f"{found}; tables of another version", "itubot migrate")
    return ok("database", f"{found}; tables of this version; {writer}")


def check_chroma(catalog: Catalog, url: str) -> CheckResult:
    """Check that the Chroma server answers, and has its database and the segments that the catalog names."""
    index = Index(Path(), url)
    try:
        version, existing = index.server_version(), index.names()
    except StoreError as error:
        return CheckResult.failed("index", error)
    server = parse_server(url)
    found = f"Chroma {version} at {shown(url)}, database {server.database} of tenant {server.tenant}"
    try:
        with catalog.snapshot() as snapshot:
            live = snapshot.every_segment()
    except StoreError:
        # Another check reports it.
        return ok("index", found)
    if missing := set(live) - existing:
        return broken("index", f"{found}; {len(missing)} of its {len(live)} parts missing", "itubot reindex")
    return ok("index", f"{found}; all of its {len(live)} parts")


def check_files(url: str) -> CheckResult:
    """Check that the file storage of `ITUBOT_STORAGE_URL` can be read."""
    try:
        count = len(FileStorage(url).digests())
    except StoreError as error:
        return CheckResult.failed("files", error)
    return ok("files", f"{url.partition(':')[0]} storage with {count} stored files")


def check_answers(
    settings: Settings,
    build: Callable[[Settings], Services],
    documents: Sequence[Path],
    questions: Sequence[GoldQuestion],
    folder: Path,
) -> CheckResult:
    """Compare the answers to marked questions with and without the language model, in stores below an empty folder.

    Raises IngestError, StoreError.
    """
    # Imported late: no other check asks.
    from bot.evaluation.measurement import evaluate

    # Nothing of the trial may come into the databases of the bot, and no other model may answer.
    own = {name: SecretStr("") for name in ("database_url", "chroma_url", "storage_url")}
    plain = settings.model_copy(update={**own, "data_dir": folder, "model": "", "judge": ""})
    modelled = plain.model_copy(
        update={"model": settings.model, "judge": settings.judge, "model_fallback": ""}
    )
    without = build(plain)
    without.shared.ingest(documents, export=False)
    right: dict[str, int] = {}
    for name, services in (("with", build(modelled)), ("without", without)):
        rows = list(evaluate(services.assistant, questions, as_of=_TRIAL_DAY))
        right[name] = sum(row.verdict == "right" for row in rows)
        services.shared.close()
    found = f"{settings.model}: {right['with']} of {len(questions)} questions right, {right['without']} without it"
    if right["with"] < right["without"] + _LEAST_MORE:
        remedy = (
            "leave ITUBOT_MODEL empty, or name a more capable model; ITUBOT_MODEL_SECONDS gives it more time"
        )
        return broken("answers", found, remedy)
    return ok("answers", found)
