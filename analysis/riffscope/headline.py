"""A song in one sentence: what an article about it could open with, made only of what is decided.

"A 2-bar riff carries 93% of this quiet, sparse song in C minor at 92 BPM; the singer stays within about 8 semitones."
What is in doubt is left out, so a song of which little is known has a short sentence. Source: own.
"""

from riffscope import words
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.errors import Absence
from riffscope.judge import MIN_SUNG_S, Claim, built_in_claims, judge
from riffscope.model import Measured, Missing, Ruling
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION

# What a song is called of which a built-in claim is supported.
QUALITIES = {"less_is_more_level": "quiet", "less_is_more_density": "sparse"}
# From here on a song is called loud: as loud as chart productions are (4 to 6 LU above -14 LUFS).
LOUD_FROM_LUFS = -10.0
# A singer whose range is decided to be small is said to stay within it.
SMALL_RANGE = "small_range"
# A loop opens the sentence where at least so much of the song surely has it, and a key is named from this confidence
# on, a tempo where the beats are at least this sure: beside a voice alone they are hardly ever right. Chosen.
CARRIES_FROM, KEY_FROM, BEATS_FROM = 0.5, 0.7, 0.25
# Another count of the beat is named beside the tempo where it is this likely. Chosen.
OTHER_TEMPO_FROM = 0.25
# A span whose range is wider than this is not known. Chosen.
WIDEST_SEMITONES = 8.0


def headline(song: SongAnalysis) -> str:
    """Say in one sentence what is decided of a song: its loop, loudness, density, key, tempo and the singer's range."""
    match song.outcomes.get("loudness"):
        case Missing(code=Absence.SILENT):
            return "This recording is silent."
    holds = {one.claim for one in judge(song, _claims()) if one.ruling is Ruling.SUPPORTED}
    noun = _noun(song)
    found = song.get(Loudness)
    loud = ["loud"] if found is not None and found.played_lufs >= LOUD_FROM_LUFS else []
    qualities = ", ".join([*loud, *(quality for claim, quality in QUALITIES.items() if claim in holds)])
    named = " ".join(part for part in (qualities, noun, _key(song), _tempo(song)) if part)
    loop = song.get(Loops)
    if loop is not None and loop.kind is not LoopKind.PASSAGE and loop.coverage_fraction.low >= CARRIES_FROM:
        share = FRACTION.format(loop.coverage_fraction.value)
        loop_noun = f"{words.bars_long(loop.period_bars)} {loop.kind.noun}"
        sentence = f"{words.with_article(loop_noun)} carries {share} of this {named}"
    elif named == noun:
        sentence = f"Little about this {noun} could be decided"
    else:
        sentence = f"This is {words.with_article(named)}"
    singer = _singer(song, small=SMALL_RANGE in holds)
    return words.sentence(f"{sentence}; {singer}" if singer else sentence)


def _claims() -> list[Claim]:
    return [one for one in built_in_claims() if one.name in {*QUALITIES, SMALL_RANGE}]


def _noun(song: SongAnalysis) -> str:
    """Call it a song where somebody sings or may sing, an instrumental where nobody does."""
    match song.outcomes.get("vocal_activity"):
        case Missing(code=Absence.NO_VOICE):
            return "instrumental" if song.get(Tempo) is not None else "recording"
        case Measured():
            return "song"
    return "recording"


def sure_key(song: SongAnalysis) -> Key | None:
    """Return the key of a song where it is sure enough to be named alone."""
    found = song.get(Key)
    return None if found is None or found.confidence_fraction < KEY_FROM else found


def sure_tempo(song: SongAnalysis) -> Tempo | None:
    """Return the tempo of a song where its beats are sure enough, or the user gave it."""
    found, beats = song.get(Tempo), song.get(Beats)
    if found is None or (beats is not None and beats.confidence_fraction < BEATS_FROM and not found.given):
        return None
    return found


def _key(song: SongAnalysis) -> str:
    found = sure_key(song)
    if found is None:
        return ""
    mostly = "mostly " if len(found.parts) > 1 else ""
    return f"{mostly}in {found.name.in_words}"


def _tempo(song: SongAnalysis) -> str:
    found = sure_tempo(song)
    if found is None:
        return ""
    if len(found.parts) > 1:
        each = list(dict.fromkeys(f"{part.bpm.value:.0f}" for part in found.parts))
        return f"at {words.joined(each)} BPM"
    others = found.likely_counts(OTHER_TEMPO_FROM)
    counted = f" (or {others[0].bpm:.0f})" if others and not found.given else ""
    return f"at {found.bpm.value:.0f} BPM{counted}"


def _singer(song: SongAnalysis, *, small: bool) -> str:
    """Say how wide the singer's range is, where enough is sung to tell."""
    found, pitch, activity = song.get(VocalRange), song.get(VocalPitch), song.get(VocalActivity)
    if pitch is not None and pitch.doubt:
        return "whether somebody sings is unclear"
    if found is None or activity is None or found.sung_s < MIN_SUNG_S:
        return ""
    span = f"{found.span_semitones.value:.0f} semitones"
    if small:
        return f"the singer stays within about {span}"
    if found.span_semitones.high - found.span_semitones.low > WIDEST_SEMITONES:
        return ""
    low, high = (song.spelling.print(end.value) for end in (found.lowest_midi, found.highest_midi))
    return f"the vocal spans about {span}, {low} to {high}"
