"""A number is high compared with other songs."""

from riffscope.claims.reading import Reading, against_reference
from riffscope.model import Finding
from riffscope.reference.table import Reference
from riffscope.steps import claim


@claim
def above_reference(reading: Reading, *, reference: Reference, percentile: float) -> Finding:
    """Ask whether a number is at or above a percentile of a reference set of other songs."""
    return against_reference(reading, reference, percentile, below=False)
