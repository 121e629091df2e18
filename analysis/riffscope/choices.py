"""What can be chosen before a song is read, and what holds where nobody chooses: for options, the page and Python."""

from typing import Literal, get_args

Separator = Literal["auto", "spleeter", "none"]
"""What separates the vocals from the mix."""
SEPARATORS: tuple[Separator, ...] = get_args(Separator)

Format = Literal["pdf", "html"]
"""What a report is written as."""
FORMATS: tuple[Format, ...] = get_args(Format)

MAX_MINUTES = 60.0
"""Longer songs are refused."""
