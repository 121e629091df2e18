"""The voice: where someone sings, how wide and where in their range, with how many voices, and how close they sound."""

from collections.abc import Iterator, Sequence

from riffscope import words
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.analyzers.vocal_tone import VocalTone
from riffscope.model import Estimate, Measured, Span
from riffscope.notes import Spelling, music_type
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Heading, Paragraph
from riffscope.report.chapter import InFull, chapter
from riffscope.report.drawing import draw
from riffscope.song import SongAnalysis
from riffscope.units import DB, FRACTION, LU, SEMITONES, Unit

MEASUREMENTS = ("vocal_activity", "vocal_pitch", "vocal_range", "vocal_layers", "vocal_tone")
# Where a rendered voice is as likely breathy as clear, and as likely dry as in a room: the limits of the claims.
CLEAR_OR_BREATHY_DB = -17.0
ROOM_OR_DRY_DB = 20.0
# A voice this far above its accompaniment is as good as alone.
ALONE_LU = 30.0
# A share whose range is wider than this says little.
WIDEST_RANGE_FRACTION = 0.5
# A note this many semitones beyond an end of the range is surely another note.
BEYOND = 1.0


@chapter(place=30, shows=MEASUREMENTS)
def voice(song: SongAnalysis) -> Iterator[Block | InFull]:
    """Write about singing, range, other voices and tone, and say where to listen."""
    yield Heading(text="Voice")
    yield from absences(song, *MEASUREMENTS)
    activity, pitch, found = song.get(VocalActivity), song.get(VocalPitch), song.get(VocalRange)
    layers, tone = song.get(VocalLayers), song.get(VocalTone)
    opening = [] if activity is None else [_activity_in_words(activity)]
    if pitch is not None and pitch.doubt:
        opening.append(pitch.doubt)
    if found is not None:
        text = _range_in_words(found, song.spelling)
        yield Paragraph(text=" ".join([*opening, text]))
        caption = "Seconds sung on each note. Strong colour: the tessitura, the middle 80% of the singing."
        yield from draw("vocal_range", song, caption=caption, alt=f"How long each note is sung. {text}")
        yield Paragraph(text=_where_to_listen(found), note=True)
    elif opening:
        yield Paragraph(text=" ".join(opening))
    if isinstance(song.outcomes.get("vocal_pitch"), Measured):
        yield InFull(blocks=_pitch(song, layers))
    if layers is not None:
        yield InFull(blocks=[Heading(text="Other voices", level=2)])
        yield Paragraph(text=_layers_in_words(layers))
        yield InFull(blocks=[Paragraph(text=_how_to_check_layers(layers), note=True)])
    if tone is not None:
        yield InFull(blocks=[Heading(text="Tone and closeness", level=2)])
        yield Paragraph(text=_tone_in_words(tone))
        yield InFull(blocks=[Paragraph(text=_what_tone_cannot_tell(tone), note=True)])


def _pitch(song: SongAnalysis, layers: VocalLayers | None) -> Iterator[Block]:
    caption = (
        "The melody as it is sung, without its lowest and highest 0.5%. Rings: the lowest and the highest note that is"
        " held for at least 0.1 s."
    )
    alt = "The pitch of the voice over the song, on a keyboard."
    if layers is not None:
        caption += " Below: where more than one voice sings."
        alt += f" {_layers_in_words(layers)}"
    yield from draw("vocal_pitch", song, caption=caption, alt=alt)


def _activity_in_words(activity: VocalActivity) -> str:
    measured = f"measured on {activity.method.in_words}"
    if not activity.spans:
        return f"No one was heard singing, {measured}."
    longest = max(activity.spans, key=lambda span: span.duration_s)
    return (
        f"Someone sings for {FRACTION.format(activity.sung_fraction)} of the song ({measured}), in"
        f" {_segments(activity.spans, longest)}."
    )


def _segments(spans: Sequence[Span], longest: Span) -> str:
    """``3 segments; the longest runs from 0:15.9 to 0:46.3``, or where the only one is."""
    if len(spans) == 1:
        return f"one segment, from {words.span(longest)}"
    return f"{words.count(len(spans), 'segment')}; the longest runs from {words.span(longest)}"


def _range_in_words(found: VocalRange, spelling: Spelling) -> str:
    def named(midi: float) -> str:
        return spelling.print(midi)

    span = found.span_semitones
    parts = [
        f"The vocal spans {SEMITONES.format(span.value)} (90% range {words.between(span, SEMITONES)}), from"
        f" {named(found.lowest_midi.value)} to {named(found.highest_midi.value)}, without the lowest and the highest 2%"
        " of the singing.",
        f"The tessitura, the middle 80%, is {named(found.tessitura_low_midi)} to {named(found.tessitura_high_midi)}"
        f" ({SEMITONES.format(found.tessitura_semitones)}), the median {named(found.median_midi)}.",
    ]
    if found.stepwise_fraction is not None:
        steps = found.stepwise_fraction
        parts.append(
            f"{FRACTION.format(steps.value)} of the moves from note to note are steps of at most two semitones"
            f" ({words.between(steps, FRACTION)})."
        )
    else:
        parts.append("There are too few moves from note to note to say how stepwise the melody is.")
    return " ".join(parts)


def _where_to_listen(found: VocalRange) -> str:
    lowest, highest = found.lowest_sustained, found.highest_sustained
    if lowest is None or highest is None:
        return "No note is held for 0.1 s, so there is none to point at."
    beyond = lowest.midi < found.lowest_midi.value - BEYOND or highest.midi > found.highest_midi.value + BEYOND
    outside = " Held notes beyond the range are among the 2% left out." if beyond else ""
    return (
        f"To check: play the lowest held note, {music_type(lowest.note)} from {words.span(lowest)}, and the highest,"
        f" {music_type(highest.note)} from {words.span(highest)}.{outside} If an instrument or a second voice has them,"
        " the range is narrower."
    )


def _layers_in_words(found: VocalLayers) -> str:
    layered = found.layered_fraction
    parts = [
        f"More than one voice sings in {FRACTION.format(layered.value)} of the singing"
        f" ({words.between(layered, FRACTION)})."
    ]
    if layered.high - layered.low > WIDEST_RANGE_FRACTION:
        parts.append("The range is wide: take this as a hint.")
    kinds = [
        f"{what} in {FRACTION.format(share)} of the singing"
        for what, share in (
            ("notes other than the lead's", found.harmony_fraction),
            ("doubled lead notes", found.doubled_fraction),
        )
        if share is not None
    ]
    if found.spans and kinds:
        heard = f"There are {words.joined(kinds)}"
        # They are counted before it is weighed whether a second voice sings them.
        more = found.harmony_fraction is not None and found.harmony_fraction > layered.value
        parts.append(f"{heard}, but not all of these need be a second voice." if more else f"{heard}.")
    if found.gap_fill_fraction is not None:
        filled = found.gap_fill_fraction
        parts.append(
            f"Other voices fill {FRACTION.format(filled.value)} ({words.between(filled, FRACTION)}) of the lead's rests"
            " of 1.2 s and more."
        )
    elif found.method.separated:
        parts.append("The lead never rests for 1.2 s, so there are no gaps to fill.")
    if found.harmony_fraction is None:
        parts.append("To find harmonies and filled rests, the vocals must be separated from the mix.")
    if found.doubled_fraction is None:
        parts.append("A mono recording does not tell a double from a single voice.")
    return " ".join(part for part in parts if part)


def _how_to_check_layers(found: VocalLayers) -> str:
    limits = (
        "A double panned to the same spot, or an octave, cannot be told from a single voice. What the separation leaves"
        " of the accompaniment in the vocals counts as another voice."
    )
    if not found.spans:
        return limits
    longest = max(found.spans, key=lambda span: span.duration_s)
    return (
        f"To check: play {words.span(longest)}, the longest segment. If a single voice sings there, less is layered"
        f" than stated. {limits}"
    )


def _tone_in_words(found: VocalTone) -> str:
    forward = found.forwardness_lu
    side = "louder" if forward.value >= 0 else "quieter"
    if forward.value >= ALONE_LU:
        parts = ["Next to nothing plays behind the voice."]
    else:
        parts = [
            f"While it sings, the voice is {LU.format(abs(forward.value))} {side} than its accompaniment"
            f" ({_signed_range(forward, LU)})."
        ]
    breath, dry = found.breathiness_db, found.dryness_db
    if breath is None:
        parts.append("Too few notes are held to tell how breathy it is.")
    else:
        parts.append(
            f"The noise between its harmonics is at {DB.format(breath.value)} ({words.between(breath, DB)}), where a"
            " clear voice has about −25 dB and a breathy one −10 dB:"
            f" {_between(breath, CLEAR_OR_BREATHY_DB, 'clear', 'breathy')}."
        )
    if dry is None:
        parts.append("Too little of the voice stands alone to tell its room.")
    else:
        parts.append(
            f"It is {DB.format(dry.value)} louder than its reverberation ({words.between(dry, DB)}), where a voice in a"
            " room or a hall has 5 to 20 dB and a dry one 25 dB or more:"
            f" {_between(dry, ROOM_OR_DRY_DB, 'reverberant', 'dry')}."
        )
    return " ".join(parts)


def _signed_range(found: Estimate, unit: Unit) -> str:
    """Write a range of differences, with signs where it reaches to both sides."""
    if found.low >= 0:
        return words.between(found, unit)
    if found.high <= 0:
        return f"{unit.number(-found.high)} to {unit.number(-found.low)}"
    return f"{unit.number(-found.low)} quieter to {unit.number(found.high)} louder"


def _between(found: Estimate, middle: float, below: str, above: str) -> str:
    """Say on which side of the middle between two extremes the whole range lies, if on one."""
    if found.high < middle:
        return f"nearer to {below}"
    return f"nearer to {above}" if found.low > middle else f"too close to call, it could be {below} or {above}"


def _what_tone_cannot_tell(found: VocalTone) -> str:
    text = (
        "A recording does not tell a small dry room from a singer close to the microphone, a quiet singer from a fader,"
        " or the lead's breath from that of others. An echo counts as a room."
    )
    if not found.method.separated:
        text += " The vocals were not separated from the mix, so breath and room are at most what is stated."
    return text
