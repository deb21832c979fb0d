"""What an Office file keeps of its document beside the text: title, day of the last change, language."""

from __future__ import annotations

from datetime import date

from ingest.readers.base import Properties
from ingest.readers.office.package import Package


def core_properties(package: Package) -> Properties:
    """Return the core properties, as far as they are there and can be read."""
    core = package.properties()
    if core is None:
        return Properties()
    found = {
        node.tag.rpartition("}")[2]: (node.text or "").strip() for node in core if isinstance(node.tag, str)
    }
    day = None
    for name in ("modified", "created"):
        try:
            day = day or date.fromisoformat(found.get(name, "")[:10])
        except ValueError:
            continue
    return Properties(title=found.get("title") or None, date=day, language=found.get("language") or None)
