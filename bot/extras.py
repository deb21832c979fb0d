"""The extras of the package, which bring what not every installation needs."""

from importlib.util import find_spec


def missing(what: str, extra: str) -> str:
    """Return the line that names what an installation lacks ("there is no server") and how to install it."""
    return f"{what} without the extra `{extra}`; run: pip install 'itubot[{extra}]'"


def is_installed(library: str) -> bool:
    """Whether a library can be imported; it is not loaded."""
    return find_spec(library) is not None
