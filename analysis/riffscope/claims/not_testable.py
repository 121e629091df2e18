"""A claim that no recording can settle."""

from riffscope.model import Finding, Ruling
from riffscope.steps import claim


@claim
def not_testable(*, reason: str) -> Finding:
    """Say why no recording can show this."""
    return Finding(ruling=Ruling.NOT_TESTABLE, because=reason)
