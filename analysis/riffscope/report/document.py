"""What a report says: one song, or songs compared, as a document that every renderer can set."""

from riffscope.report.blocks import Document
from riffscope.report.comparison_report import comparison_document
from riffscope.report.song_report import song_document

__all__ = ["Document", "comparison_document", "song_document"]
