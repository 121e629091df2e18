"""A number lies low among those of other songs."""

from riffscope.claims.reading import Reading, against_reference
from riffscope.model import Finding
from riffscope.reference.table import Reference
from riffscope.steps import claim


@claim
def below_reference(reading: Reading, *, reference: Reference, percentile: float) -> Finding:
    """Hold a number against a percentile of other songs: at most as large as theirs."""
    return against_reference(reading, reference, percentile, below=True)
