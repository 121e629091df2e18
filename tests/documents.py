"""The documents of made-up songs, each with its figures drawn once in a run."""

import functools

from riffscope.report.blocks import Document
from riffscope.report.song_report import song_document
from songs import songs


@functools.cache
def document_of(song: str) -> Document:
    """Return the report of one of `songs`, in brief: to be looked at, not to be changed."""
    return song_document(songs()[song])
