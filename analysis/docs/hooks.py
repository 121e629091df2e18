"""What MkDocs calls while it builds: the generated pages join the files, and the navigation."""

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from docs.generated import all_pages

# Linked to from the pages, and taken from the project rather than from a copy.
PICTURE = Path(__file__).parents[2] / "reports" / "gallery" / "closet-1.png"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Fill a folder of the navigation, written ``measurements/``, with the pages that were generated for it."""
    found = all_pages()
    config.nav = [_filled(entry, found) for entry in config.nav or []]
    config.extra["generated"] = found
    return config


def _filled(entry: Any, found: dict[str, str]) -> Any:
    if not isinstance(entry, dict):
        return entry
    ((title, target),) = entry.items()
    if isinstance(target, str) and target.endswith("/"):
        return {title: [path for path in found if path.startswith(target)]}
    return entry


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the generated pages and the picture."""
    for path, text in config.extra["generated"].items():
        files.append(File.generated(config, path, content=text))
    files.append(File.generated(config, "assets/report.png", abs_src_path=str(PICTURE)))
    return files
