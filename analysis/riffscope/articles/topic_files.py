"""The files of the topics: what texts say of songs, the claims that test it, and by which words it is said.

Source: own.
"""

import functools
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from riffscope.files import parse_toml


@functools.cache
def topic_tables() -> Mapping[str, Mapping[str, Any]]:
    """Return the table of each topic's file by the file's name, in alphabetical order.

    Raises
    ------
    BadClaim
        A file is not TOML.
    """
    folder = files("riffscope.articles") / "topics"
    return {
        file.name: parse_toml(file.read_text("utf-8"), name=file.name)
        for file in sorted(folder.iterdir(), key=lambda one: one.name)
        if file.name.endswith(".toml")
    }
