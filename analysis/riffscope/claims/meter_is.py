"""The song is in a meter."""

from collections.abc import Mapping
from typing import Literal

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.tempo import Tempo
from riffscope.claims.options import NamedMeter
from riffscope.claims.rounds import ruled_by
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Evidence, Finding, Span
from riffscope.steps import claim
from riffscope.units import COUNT
from riffscope.words import count, percent_of

Fit = Literal["same", "open", "other"]

# Offbeats from here on divide the beat into three: straight ones lie below in 48 of 50 rendered songs.
TRIPLE = 0.62
# Where riffscope has the wrong meter, a claim that is false as well says the same in so many cases, and a claim that
# says another is right in so many. Chosen: most songs are in four.
COINCIDENCE, IF_OTHER = 0.4, 0.7
# What the bars alone cannot tell, as 3/4 from 6/8: even odds.
OPEN = 0.5
# A meter is that of the song where it has it for so much of its time. Chosen, not fitted.
MOSTLY = 0.85
# The beats to a bar of compound meters, whose beats divide into three.
COMPOUND = {6: 2, 9: 3, 12: 4}


@claim
def meter_is(beats: Beats, tempo: Tempo | None, *, meter: NamedMeter) -> Finding:
    """Ask whether the song is in a meter, such as 3/4.

    Bars are counted in beats, and 6/8 as two beats that divide into three. What is only a matter of notation stays
    inconclusive: 2/4 against 4/4, 3/4 against 6/8, and a shuffle in 4/4 against 12/8.
    """
    if beats.beats_per_bar is None:
        raise NotMeasured("beats.beats_per_bar", Absence.TOO_LITTLE, "no downbeats were found")
    triple = tempo is not None and tempo.swing_fraction is not None and tempo.swing_fraction >= TRIPLE
    shares = _shares(beats)
    fits: dict[Fit, float] = {"same": 0.0, "open": 0.0, "other": 0.0}
    for size, share in shares.items():
        fits[_fit(meter, size, triple=triple)] += share
    sure = beats.confidence_fraction if beats.bar_confidence_fraction is None else beats.bar_confidence_fraction
    if fits["same"] >= MOSTLY:
        probability = sure / (sure + (1 - sure) * COINCIDENCE)
    elif fits["other"] >= MOSTLY:
        odds = (1 - sure) / sure * IF_OTHER
        probability = odds / (1 + odds)
    else:
        probability = OPEN
    notation = fits["open"] >= MOSTLY
    then = ", then ".join(f"{count(size, 'beat')}" for size in shares)
    threes = " that divide into three" if 2 in shares or triple else ""
    return Finding(
        ruling=ruled_by(probability),
        because=f"Bars have {then}{threes} ({percent_of(sure)} certain; the claim says {meter})",
        probability=probability,
        evidence=(
            Evidence(
                label="Beats per bar",
                measure="beats.beats_per_bar",
                value=float(beats.beats_per_bar),
                unit=COUNT.stored_symbol,
                spans=tuple(Span(start_s=part.start_s, end_s=part.end_s) for part in beats.meter_parts),
            ),
        ),
        caveats=(f"Such bars may be written in {meter} or another meter; the sound is the same.",) if notation else (),
    )


def _shares(beats: Beats) -> Mapping[int, float]:
    """Return which share of the song has so many beats to a bar, in the order of their coming."""
    if not beats.meter_parts:
        return {beats.counted_per_bar: 1.0}
    whole_s = sum(part.end_s - part.start_s for part in beats.meter_parts)
    shares: dict[int, float] = {}
    for part in beats.meter_parts:
        shares[part.beats_per_bar] = shares.get(part.beats_per_bar, 0.0) + (part.end_s - part.start_s) / whole_s
    return shares


def _fit(meter: NamedMeter, size: int, *, triple: bool) -> Fit:
    """Tell whether bars of so many beats are in a meter; bars of two are found only where the beat divides in three."""
    triple = triple or size == 2
    if meter.unit >= 8 and meter.count in COMPOUND:
        expected = COMPOUND[meter.count]
        if size == expected:
            return "same" if triple or size == 2 else "open"
        # Two bars of 6/8 make one of four beats, and a slow 3/4 has as many quavers as 6/8.
        return "open" if (triple and {size, expected} == {2, 4}) or (meter.count == 6 and size == 3) else "other"
    if size == meter.count:
        # Bars of two that were found divide into three, which 2/4 need not.
        return "open" if size == 2 else "same"
    return "open" if {size, meter.count} in ({2, 4}, {2, 3}, {1, 2}) else "other"
