"""The voice: where someone sings, how wide and where in their range, with how many voices, and how close they sound."""

from collections.abc import Iterator

from riffscope import words
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.analyzers.vocal_tone import VocalTone
from riffscope.model import Estimate, Measured
from riffscope.notes import Spelling, music_type
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Heading, Paragraph
from riffscope.report.chapter import chapter
from riffscope.report.drawing import draw
from riffscope.song import SongAnalysis
from riffscope.units import DB, FRACTION, LU, SEMITONES

MEASUREMENTS = ("vocal_activity", "vocal_pitch", "vocal_range", "vocal_layers", "vocal_tone")
# Where a rendered voice is as likely breathy as clear, and as likely dry as in a room: the limits of the claims.
CLEAR_OR_BREATHY_DB = -17.0
ROOM_OR_DRY_DB = 20.0
# A voice this far above its accompaniment is as good as alone.
ALONE_LU = 30.0
# A share whose range is wider than this says little.
WIDEST_RANGE_FRACTION = 0.5


@chapter(place=40, shows=MEASUREMENTS)
def voice(song: SongAnalysis) -> Iterator[Block]:
    """Write about singing, range, other voices and tone, and say where to listen."""
    yield Heading(text="Voice")
    yield from absences(song, *MEASUREMENTS)
    activity, found = song.get(VocalActivity), song.get(VocalRange)
    if activity is not None:
        yield Paragraph(text=_activity_in_words(activity))
    pitch = song.get(VocalPitch)
    if pitch is not None and pitch.doubt:
        yield Paragraph(text=pitch.doubt)
    if found is not None:
        text = _range_in_words(found, song.spelling)
        yield Paragraph(text=text)
        caption = "Seconds sung on each note. Strong colour: the tessitura, the middle 80% of sung time."
        yield from draw("vocal_range", song, caption=caption, alt=f"How long each note is sung. {text}")
        yield Paragraph(text=_where_to_listen(found), note=True)
    layers, tone = song.get(VocalLayers), song.get(VocalTone)
    if isinstance(song.outcomes.get("vocal_pitch"), Measured):
        caption = (
            "The melody as it is sung, but for the lowest and highest 0.5% of it. Rings: the lowest and the highest"
            " note that is held for at least 0.1 s."
        )
        alt = "The pitch of the voice over the song, on a keyboard."
        if layers is not None:
            caption += " Below: where more than one voice sings."
            alt += f" {_layers_in_words(layers)}"
        yield from draw("vocal_pitch", song, caption=caption, alt=alt)
    if layers is not None:
        yield Heading(text="Other voices", level=2)
        yield Paragraph(text=_layers_in_words(layers))
        yield Paragraph(text=_how_to_check_layers(layers), note=True)
    if tone is not None:
        yield Heading(text="Tone and closeness", level=2)
        yield Paragraph(text=_tone_in_words(tone))
        yield Paragraph(text=_what_tone_cannot_tell(tone), note=True)


def _activity_in_words(activity: VocalActivity) -> str:
    heard = activity.method.in_words
    if not activity.spans:
        return f"No one was heard singing, listening to {heard}."
    longest = max(activity.spans, key=lambda span: span.duration_s)
    return (
        f"Someone sings for {FRACTION.format(activity.sung_fraction)} of the song, in"
        f" {words.count(len(activity.spans), 'segment')}; the longest runs from {words.span(longest)}. Listened to:"
        f" {heard}."
    )


def _range_in_words(found: VocalRange, spelling: Spelling) -> str:
    def named(midi: float) -> str:
        return spelling.print(midi)

    def end(estimate: Estimate) -> str:
        low, high = named(estimate.low), named(estimate.high)
        return named(estimate.value) + (f" ({low} to {high})" if low != high else "")

    parts = [
        f"The voice moves between {end(found.lowest_midi)} and {end(found.highest_midi)}:"
        f" {SEMITONES.format(found.span_semitones.value)}, range {words.range_of(found.span_semitones, SEMITONES)}.",
        "These are the 2nd and the 98th percentile of the sung time, so that a slip does not count.",
        f"Its tessitura, the middle 80% of that time, lies between {named(found.tessitura_low_midi)} and"
        f" {named(found.tessitura_high_midi)}, {SEMITONES.format(found.tessitura_semitones)} apart, with the median at"
        f" {named(found.median_midi)}.",
    ]
    if found.stepwise_fraction is not None:
        steps = found.stepwise_fraction
        parts.append(
            f"{FRACTION.format(steps.value)} of its moves are steps of at most two semitones, range"
            f" {words.range_of(steps, FRACTION)}."
        )
    else:
        parts.append("There are too few moves from note to note to say how stepwise it goes.")
    return " ".join(parts)


def _where_to_listen(found: VocalRange) -> str:
    lowest, highest = found.lowest_sustained, found.highest_sustained
    if lowest is None or highest is None:
        return "No note is held for 0.1 s, so there is none to point at."
    return (
        f"To check: play the lowest held note, {music_type(lowest.note)} from {words.span(lowest)}, and the highest,"
        f" {music_type(highest.note)} from {words.span(highest)}. If another instrument or a second voice carries"
        " them, the lead's range is narrower than stated here."
    )


def _layers_in_words(found: VocalLayers) -> str:
    layered = found.layered_fraction
    parts = [
        f"More than one voice sings in {FRACTION.format(layered.value)} of the sung time, range"
        f" {words.range_of(layered, FRACTION)}."
    ]
    if layered.high - layered.low > WIDEST_RANGE_FRACTION:
        parts.append("That range is wide: how much of the song is layered cannot be said from this sound.")
    if found.spans:
        kinds = [
            f"{what} in {FRACTION.format(share)}"
            for what, share in (
                ("other notes than the lead's", found.harmony_fraction),
                ("the lead's own notes from more than one place", found.doubled_fraction),
            )
            if share is not None
        ]
        parts.append(f"Heard are {words.joined(kinds)}." if kinds else "")
    if found.gap_fill_fraction is not None:
        filled = found.gap_fill_fraction
        parts.append(
            f"Of the lead's rests of 1.2 s and more, other voices fill {FRACTION.format(filled.value)}, range"
            f" {words.range_of(filled, FRACTION)}."
        )
    elif found.method.separated:
        parts.append("The lead never rests for 1.2 s, so there are no gaps to fill.")
    if found.harmony_fraction is None:
        parts.append(
            "Harmonies, and voices that fill the lead's rests, cannot be told unless the vocals are separated from the"
            " mix."
        )
    if found.doubled_fraction is None:
        parts.append("In a mono sound no double is told from one voice.")
    return " ".join(part for part in parts if part)


def _how_to_check_layers(found: VocalLayers) -> str:
    limits = (
        "Hard to tell from one voice: a double from the same place as the lead, and octaves. What the separation leaves"
        " of the band in the voice counts as another."
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
            f"While it sings, the voice is {LU.format(abs(forward.value))} {side} than its accompaniment, range"
            f" {words.range_of(forward, LU)} against it."
        ]
    breath, dry = found.breathiness_db, found.dryness_db
    if breath is None:
        parts.append("Too few notes are held to tell how breathy it is.")
    else:
        parts.append(
            f"In its held notes the noise between the harmonics lies {DB.format(abs(breath.value))}"
            f" {'below' if breath.value < 0 else 'above'} them, range {words.range_of(breath, DB)}, where a clear voice"
            f" has about −25 dB and a breathy one −10 dB: {_between(breath, CLEAR_OR_BREATHY_DB, 'clear', 'breathy')}."
        )
    if dry is None:
        parts.append("What is heard of it does not tell its room.")
    else:
        parts.append(
            f"It stands {DB.format(dry.value)} over its reverberation, range {words.range_of(dry, DB)}, where a voice"
            " in a room or a hall has 5 to 20 dB and a dry one 25 dB and more:"
            f" {_between(dry, ROOM_OR_DRY_DB, 'reverberant', 'dry')}."
        )
    return " ".join(parts)


def _between(found: Estimate, middle: float, below: str, above: str) -> str:
    """Say on which side of the middle between two extremes the whole range lies, if on one."""
    if found.high < middle:
        return f"nearer to {below}"
    return f"nearer to {above}" if found.low > middle else f"whether {below} or {above} cannot be said"


def _what_tone_cannot_tell(found: VocalTone) -> str:
    text = (
        "Nothing here tells a small dry room from a singer close to the microphone, a quiet singer from a fader, or the"
        " breath of the lead from that of others. An echo counts as a room."
    )
    if not found.method.separated:
        text += (
            " The vocals were not separated from the mix: its breath and its room are at most what is heard of them."
        )
    return text
