"""The voice, the drums, the bass, the riff or a section comes in at some time."""

from dataclasses import replace
from typing import Literal

from riffscope.analyzers.section_profile import BAR_S, SectionProfile, naming_probability
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.claims.options import NamedEntrance
from riffscope.claims.reading import Reading, in_doubt, with_open_question, within_limits
from riffscope.measures import Measure, all_measures, capitalised, read_measure, where_to_listen
from riffscope.model import Estimate, Finding, Span
from riffscope.song import SongAnalysis
from riffscope.steps import claim
from riffscope.units import ENTRY_SECONDS, FRACTION, clock

ENTRIES = {
    "voice": "section_profile.voice_enters_s",
    "drums": "section_profile.drums_enter_s",
    "bass": "section_profile.bass_enters_s",
    "riff": "section_profile.riff_enters_s",
}
# Times in a text are rounded, and a voice or a section begins before its downbeat. Chosen, not fitted.
IS_WITHIN_S, IS_WITHIN_FRACTION = 3.0, 0.02
ABOUT_WITHIN_S, ABOUT_WITHIN_FRACTION = 6.0, 0.04
FOREVER_S = 1e9


@claim
def enters_at(
    song: SongAnalysis,
    *,
    what: NamedEntrance,
    at: float,
    unit: Literal["s", "%"] = "s",
    relation: Literal["is", "about", "at_most", "at_least"] = "is",
) -> Finding:
    """Ask whether the voice, drums, bass, riff or a section enters at a time, in s or % of the song.

    What enters is `voice`, `drums`, `bass` or `riff`, or a section such as `chorus`, of which the first counts. A
    time is right within 3 s or 2% of the song, and within twice that where it is `about`.
    """
    reading = _entry(song, what)
    duration_s = song.source.duration_s
    at_s = at if unit == "s" else at / 100 * duration_s
    within_s = {
        "is": IS_WITHIN_S if unit == "s" else IS_WITHIN_FRACTION * duration_s,
        "about": ABOUT_WITHIN_S if unit == "s" else ABOUT_WITHIN_FRACTION * duration_s,
    }.get(relation, IS_WITHIN_S)
    lowest_s = -FOREVER_S if relation == "at_most" else at_s - within_s
    highest_s = FOREVER_S if relation == "at_least" else at_s + within_s
    asked = clock(at_s) if unit == "s" else f"{at:g}%, {clock(at_s)}"
    how = {"is": "", "about": "about ", "at_most": "by ", "at_least": "not before "}[relation]
    share = f", {FRACTION.format(reading.found.value / duration_s)} into the song" if unit == "%" else ""
    found = within_limits(reading, lowest_s, highest_s, asked=asked, limit=at_s)
    low, high = (clock(max(0.0, end), decimals=1) for end in (reading.found.low, reading.found.high))
    starts = "first start" if what.part == "drums" else "first starts"
    told = (
        f"{capitalised(str(what))} {starts} at {clock(reading.found.value, decimals=1)}{share} "
        f"({low} to {high}; the claim says {how}{asked})"
    )
    return in_doubt(with_open_question(replace(found, because=told)), reading.certainty)


def _entry(song: SongAnalysis, what: NamedEntrance) -> Reading:
    """Read when something comes in."""
    if what.scope is None:
        path = ENTRIES[what.part or ""]
        measure = next(measure for measure in all_measures() if measure.path == path)
        found = read_measure(song, path)
        if found.low == found.high:
            found = _give_or_take(found.value)
        found = Estimate(value=found.value, low=max(0.0, found.low), high=found.high)
        # A voice that may be another instrument is as doubtful as the singer.
        pitch = song.get(VocalPitch) if what.part == "voice" else None
        return Reading(
            measure=measure,
            found=found,
            where=where_to_listen(song, path),
            certainty=1.0 if pitch is None else pitch.singer_probability,
        )
    scope = what.scope
    first = scope.sections(song[SectionProfile])[0]
    return Reading(
        measure=Measure(path="section_profile.start_s", label=f"Start of {scope}", unit=ENTRY_SECONDS),
        found=_give_or_take(first.start_s),
        where=(Span(start_s=first.start_s, end_s=first.start_s + 2 * BAR_S),),
        certainty=naming_probability([first], scope.kind),
    )


def _give_or_take(start_s: float) -> Estimate:
    """Return the start of a section or a riff: the downbeat that was found, to a bar either way."""
    return Estimate(value=start_s, low=max(0.0, start_s - BAR_S), high=start_s + BAR_S)
