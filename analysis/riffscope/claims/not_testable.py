"""A claim that no recording can settle."""

from riffscope.model import Finding, Ruling
from riffscope.steps import claim


@claim
def not_testable(*, reason: str) -> Finding:
    """Say why sound cannot show it."""
    return Finding(ruling=Ruling.NOT_TESTABLE, because=reason)
