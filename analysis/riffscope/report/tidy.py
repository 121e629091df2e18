"""Text from outside made fit to be set, throughout a document."""

import dataclasses
from typing import Any

from riffscope import words
from riffscope.report.blocks import Document


def tidy(document: Document) -> Document:
    """Make every text in a document fit to be set; drawings are left alone."""

    def clean(content: Any, field: str = "") -> Any:
        if isinstance(content, str):
            return content if field == "svg" or type(content) is not str else words.plain(content)
        if isinstance(content, tuple):
            return tuple(clean(part) for part in content)
        if dataclasses.is_dataclass(content) and not isinstance(content, type):
            return dataclasses.replace(
                content, **{f.name: clean(getattr(content, f.name), f.name) for f in dataclasses.fields(content)}
            )
        return content

    cleaned: Document = clean(document)
    return cleaned
