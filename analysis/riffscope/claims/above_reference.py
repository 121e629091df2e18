"""A number lies high among those of other songs."""

from riffscope.claims.reading import Reading, against_reference
from riffscope.model import Finding
from riffscope.reference.table import Reference
from riffscope.steps import claim


@claim
def above_reference(reading: Reading, *, reference: Reference, percentile: float) -> Finding:
    """Hold a number against a percentile of other songs: at least as large as theirs."""
    return against_reference(reading, reference, percentile, below=False)
