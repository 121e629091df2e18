"""Pages that are written from the code, one module for each kind of page."""

import importlib
import pkgutil


def all_pages() -> dict[str, str]:
    """Return every generated page: its path in the site, as in ``measurements/tempo.md``, and its Markdown."""
    out: dict[str, str] = {}
    for info in pkgutil.iter_modules(__path__, f"{__name__}."):
        out |= importlib.import_module(info.name).pages()
    return out
