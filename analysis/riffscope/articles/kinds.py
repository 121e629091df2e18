"""Kinds of sentences that state nothing testable: about the sound, or about something else.

Source: own.
"""

import re
from typing import Literal

from riffscope.articles.frames import Frames


def kind_without_statements(text: str, frames: Frames) -> Literal["not_testable", "other"]:
    """Say whether a sentence that states nothing testable is about the sound of the song."""
    return "other"


def reason_why_not(text: str) -> str:
    """Say why what a sentence says of the sound cannot be tested."""
    return "No recording shows it."
