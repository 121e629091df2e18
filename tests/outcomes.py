"""Outcomes that are no measurement, for songs made up in tests."""

from riffscope.errors import Absence
from riffscope.model import Failed, Missing


def missing(name, reason="silent", code=None):
    """What the music does not hold: by default a voice where it is about one, else sound."""
    usual = Absence.NO_VOICE if name.startswith("vocal_") else Absence.SILENT
    return Missing(measurement=name, code=code or usual, reason=reason)


def failed(name, error="KeyError: 'x'", origin=""):
    """What riffscope broke down on, there or in a step that it needs."""
    return Failed(measurement=name, error=error, origin=origin or name, traceback=f"Traceback ...\n{error}\n")
