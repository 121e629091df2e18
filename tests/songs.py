"""Analyses made from plain values, without audio: a realistic song and its odd relatives."""

import functools
import itertools
import types
from collections.abc import Mapping
from typing import Any

import numpy as np

from outcomes import failed, missing
from riffscope.analyzers.balance import Balance
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.chroma import Chroma
from riffscope.analyzers.density import Density
from riffscope.analyzers.envelope import Envelope
from riffscope.analyzers.key import Key, KeyName
from riffscope.analyzers.loops import Loop, LoopKind, Loops
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.riff_notes import RiffNote, RiffNotes, RiffPart
from riffscope.analyzers.section_profile import ProfiledSection, SectionNumbers, SectionProfile
from riffscope.analyzers.stereo import Stereo
from riffscope.analyzers.structure import Section, Structure
from riffscope.analyzers.tempo import MetricalLevel, Tempo
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_notes import notes_of_contour
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_range import SungPitch, SustainedNote, VocalRange
from riffscope.analyzers.vocal_tone import VocalTone
from riffscope.model import (
    Estimate,
    Evidence,
    Measured,
    Outcome,
    Ruling,
    Source,
    Span,
    Tags,
    Verdict,
    VocalSource,
    snake_case,
)
from riffscope.notes import Spelling
from riffscope.progressions import ChordSpan, Progression
from riffscope.song import SongAnalysis

MADE_BY = {"riffscope": "0.1.0", "python": "3.11.9", "platform": "Linux x86_64"}
HOSTILE_TITLES = {
    "markup": "#1 *Hit* $ _x_ `y` @z <a> \\ [b] #pagebreak()",
    "script": "<script>alert(1)</script>",
    "long": "A long title of many words " * 12,
    "unbroken": "x" * 300,
    "japanese": "夜に駆ける",
    "arabic": "أغنية الصباح",
    "emoji": "Love 💔 song 🎸",
    "controls": "one\x00two\nthree\u202egnos\x1b[31m",
}


@functools.cache
def example_song(
    *, duration_s: float = 215.0, title: str | None = "Closet Heartbeat", name: str = "closet.flac"
) -> SongAnalysis:
    """Return the analysis of a plausible pop song of any length: verses, choruses, a sung melody, four to the bar."""
    random = np.random.default_rng(7)
    pitch, spans = _melody(duration_s, random)
    beats = _beats(duration_s, random)
    results: tuple[Any, ...] = (
        _balance(),
        beats,
        _chords(beats, duration_s),
        _chroma(duration_s),
        _density(duration_s),
        _envelope(duration_s, random),
        Key(
            tonic="F#",
            mode="minor",
            camelot="11A",
            tuning_cents=-7.4,
            confidence_fraction=0.71,
            runner_up=KeyName(tonic="A", mode="major"),
            minor_probability=0.8,
        ),
        _loops(duration_s),
        _riff_notes(),
        _loudness(duration_s, random),
        _profile(duration_s),
        _stereo(),
        _structure(duration_s),
        Tempo(
            bpm=Estimate(value=123.04, low=122.6, high=123.4),
            alternatives_bpm=(
                MetricalLevel(bpm=61.52, weight_fraction=0.22),
                MetricalLevel(bpm=246.08, weight_fraction=0.06),
            ),
            drift_percent=0.8,
            swing_fraction=0.51,
        ),
        VocalActivity(spans=spans, sung_fraction=sum(s.duration_s for s in spans) / duration_s, method=VocalSource.MIX),
        VocalLayers(
            layered_fraction=Estimate(value=0.31, low=0.18, high=0.47),
            spans=tuple(Span(start_s=s.start_s, end_s=s.start_s + s.duration_s / 3) for s in spans),
            doubled_fraction=0.04,
            harmony_fraction=0.27,
            width_fraction=0.08,
            gap_fill_fraction=None,
            kind="harmonies",
            method=VocalSource.SPLEETER,
        ),
        pitch,
        _range(pitch),
        notes_of_contour(pitch, tuning_semitones=0.0, beats_s=None),
        VocalTone(
            breathiness_db=Estimate(value=-17.2, low=-27.0, high=-8.0),
            dryness_db=Estimate(value=21.5, low=10.0, high=33.5),
            forwardness_lu=Estimate(value=-1.4, low=-4.4, high=2.1),
            method=VocalSource.SPLEETER,
        ),
    )
    outcomes = {
        snake_case(type(result).__name__): Measured(value=result, version=1, seconds=0.21) for result in results
    }
    return _song(outcomes, duration_s=duration_s, title=title, name=name)


@functools.cache
def songs() -> Mapping[str, SongAnalysis]:
    """Return the song and its relatives: long, short, with everything missing, failed, judged, of odd values."""
    song = example_song()
    names = list(song.outcomes)
    out = {
        "ordinary": song,
        "long": example_song(duration_s=1200.0),
        "short": example_song(duration_s=10.0),
        "judged": judged_song(),
        "missing": with_outcomes(song, {name: missing(name, f"silent: no {name} can be heard") for name in names}),
        "failed": with_outcomes(
            song, {name: failed(name, "IndexError: index 3 is out of bounds (track, line 7)") for name in names}
        ),
        "voiceless": with_outcomes(
            song, {name: missing(name, "no one sings") for name in names if name.startswith("vocal_")}
        ),
        "nothing run": with_outcomes(song, {}, keep=False),
        "narrow": with_outcomes(song, {"vocal_range": _measured(_range_of_one_note())}),
        "wide": with_outcomes(song, {"vocal_range": _measured(_widest_range())}),
        "quiet": with_outcomes(song, {"loudness": _measured(_quiet_loudness())}),
        "unsteady": with_outcomes(song, {"beats": _measured(_beats(215.0, np.random.default_rng(3), wobble=0.12))}),
    }
    for kind, title in HOSTILE_TITLES.items():
        out[f"title: {kind}"] = example_song(duration_s=60.0, title=title, name=f"{title[:40]}.mp3")
    return types.MappingProxyType(out)


def with_outcomes(song: SongAnalysis, outcomes: Mapping[str, Outcome], *, keep: bool = True) -> SongAnalysis:
    """Return the song with some outcomes replaced."""
    merged = {**(song.outcomes if keep else {}), **outcomes}
    return SongAnalysis(
        source=song.source, outcomes=types.MappingProxyType(merged), verdicts=song.verdicts, made_by=MADE_BY
    )


def judged_song() -> SongAnalysis:
    """Return the song with a verdict of each kind."""
    song = example_song()
    span = Evidence(
        label="sung span",
        measure="vocal_range.span_semitones",
        value=14.2,
        low=12.9,
        high=15.8,
        unit="semitones",
        limit=14.0,
        percentile=48,
        reference="chart melodies",
        spans=tuple(Span(start_s=20.0 * i, end_s=20.0 * i + 4) for i in range(6)),
    )
    verdicts = tuple(
        Verdict(
            claim=f"claim_{ruling}",
            text=text,
            ruling=ruling,
            because=because,
            probability=None,
            evidence=(span,) if ruling is not Ruling.NOT_TESTABLE else (),
            caveats=("references from transcriptions are narrower than what is tracked from sound",),
        )
        for ruling, text, because in (
            (
                Ruling.SUPPORTED,
                "The guitar loop runs through the whole thing like a heartbeat",
                "it sounds in 91 % of the song",
            ),
            (Ruling.REFUTED, "There is no drop", "the level falls by 14 dB at 1:42 and comes back with the bass"),
            (
                Ruling.INCONCLUSIVE,
                "The whole song stays within a relatively small note range",
                "its range straddles the limit",
            ),
            (Ruling.NOT_TESTABLE, "It was sung in a closet", "nothing in the sound can tell"),
        )
    )
    return SongAnalysis(source=song.source, outcomes=song.outcomes, verdicts=verdicts, made_by=MADE_BY)


def _song(outcomes: Mapping[str, Outcome], *, duration_s: float, title: str | None, name: str) -> SongAnalysis:
    source = Source(
        name=name,
        sha256="3f5a" * 16,
        duration_s=duration_s,
        sample_rate_hz=44100,
        channels=2,
        codec="FLAC",
        tags=Tags(title=title, artist="The Wardrobes" if title else None, album="Coats", year="2016"),
    )
    ordered = types.MappingProxyType(dict(sorted(outcomes.items())))
    return SongAnalysis(source=source, outcomes=ordered, made_by=MADE_BY)


def _measured(result: Any) -> Measured:
    return Measured(value=result, version=1, seconds=0.1)


def _loud_parts(times_s: np.ndarray[Any, Any], duration_s: float) -> np.ndarray[Any, Any]:
    """Verse and chorus: 0 in the quiet parts, 1 in the loud ones."""
    place = times_s / duration_s
    return ((place > 0.22) & (place < 0.4) | (place > 0.55) & (place < 0.7) | (place > 0.8) & (place < 0.95)).astype(
        float
    )


def _structure(duration_s: float) -> Structure:
    """Return verses and choruses where the loud parts are, and a bridge."""
    edges_s = [duration_s * place for place in (0.0, 0.06, 0.22, 0.4, 0.55, 0.7, 0.8, 0.95, 1.0)]
    labels = ("A", "A'", "B", "A'", "B", "C", "B'", "A''")
    return Structure(
        sections=tuple(
            Section(start_s=start_s, end_s=end_s, label=label)
            for start_s, end_s, label in zip(edges_s[:-1], edges_s[1:], labels, strict=True)
        )
    )


def _profile(duration_s: float) -> SectionProfile:
    """Return the same sections with names and numbers: choruses are louder, denser, higher; the bridge has no drums."""
    functions = ("intro", "verse", "chorus", "verse", "chorus", "bridge", "chorus", "outro")
    loud = {"chorus": 1.0, "verse": 0.4, "bridge": 0.3}
    sections = []
    for section, function in zip(_structure(duration_s).sections, functions, strict=True):
        full, sung = loud.get(function, 0.0), function not in {"intro", "outro"}
        numbers: dict[str, tuple[float, float] | None] = {
            "loudness_lufs": (-14.0 + 5 * full, 0.6),
            "active_bands_mean": (3.4 + 2.5 * full, 0.4),
            "onsets_per_s": (2.0 + 3 * full, 0.7),
            "bass_lu": (-9.0 + 5 * full, 1.2),
            "width_fraction": (0.05 + 0.1 * full, 0.02),
            "centroid_hz": (1400.0 + 700 * full, 160.0),
            "sung_fraction": (0.8 if sung else 0.0, 0.1),
            "lowest_midi": (51.0 + 2 * full, 0.8) if sung else None,
            "highest_midi": (58.0 + 6 * full, 0.9) if sung else None,
            "layered_fraction": (0.6 * full, 0.15) if sung else None,
            "drums_fraction": (1.0 if function in {"verse", "chorus", "outro"} else 0.0, 0.04),
        }
        value, low, high = (
            {name: None if found is None else found[0] + sign * found[1] for name, found in numbers.items()}
            for sign in (0, -1, 1)
        )
        sections.append(
            ProfiledSection(
                start_s=section.start_s,
                end_s=section.end_s,
                label=section.label,
                function=function,
                function_probability=0.9,
                **value,
                low=SectionNumbers(**low),
                high=SectionNumbers(**high),
            )
        )
    return SectionProfile(
        sections=tuple(sections),
        voice_enters_s=sections[1].start_s + 0.2,
        drums_enter_s=sections[1].start_s,
        bass_enters_s=0.6,
        riff_enters_s=0.6,
        first_chorus_s=sections[2].start_s,
    )


def _riff_notes() -> RiffNotes:
    """Two bars in F sharp minor: a line with a triplet's worth of rests and ties, over roots in the bass."""
    line = ((0.0, 0.5, 54), (0.5, 0.25, 57), (0.75, 0.75, 59), (1.5, 1.0, 60), (2.5, 0.5, 61), (3.5, 1.0, 59),
            (4.5, 0.5, 57), (5.0, 2.0, 54), (7.0, 0.25, 52), (7.25, 0.25, 53), (7.5, 0.5, 54))  # fmt: skip
    return RiffNotes(
        period_beats=8,
        beats_per_bar=4,
        steps_per_beat=4,
        swing_fraction=None,
        passes=16,
        kind=LoopKind.RIFF,
        notes=tuple(
            RiffNote(beat=beat, beats=beats, midi=midi, probability=0.35 + 0.05 * place, part=RiffPart.MELODY)
            for place, (beat, beats, midi) in enumerate(line)
        ),
        bass_notes=tuple(
            RiffNote(beat=beat, beats=0.5, midi=midi, probability=0.9, part=RiffPart.BASS)
            for beat, midi in ((0.0, 42), (2.0, 42), (4.0, 35), (6.0, 37))
        ),
    )


def _loops(duration_s: float) -> Loops:
    """Return a riff of two bars in all but the bridge, where something else loops."""
    bar_s, bridge_s = 4 * 60 / 123, (duration_s * 0.7, duration_s * 0.8)
    starts_s = np.arange(0.6, max(duration_s - bar_s, 1.0), bar_s)
    in_bridge = (starts_s >= bridge_s[0]) & (starts_s < bridge_s[1])
    similarity = np.where(in_bridge, 0.03, 0.55)
    spans = (Span(start_s=0.6, end_s=bridge_s[0]), Span(start_s=bridge_s[1], end_s=duration_s * 0.98))
    alike = np.where(in_bridge[:, None] == in_bridge, 55, 3) * (np.add.outer(*2 * [np.arange(starts_s.size)]) % 2 == 0)
    shared: dict[str, Any] = {"period_s": 2 * bar_s, "period_beats": 8, "period_bars": 2.0}
    other = Loop(
        **shared,
        coverage_fraction=Estimate(value=0.1, low=0.07, high=0.13),
        spans=(Span(start_s=bridge_s[0], end_s=bridge_s[1]),),
        longest_gap_bars=77.0,
        exactness_fraction=0.81,
        example=Span(start_s=bridge_s[0], end_s=bridge_s[0] + 2 * bar_s),
        passes=5.5,
        probability=0.98,
    )
    return Loops(
        **shared,
        coverage_fraction=Estimate(value=0.87, low=0.84, high=0.9),
        spans=spans,
        longest_gap_bars=11.0,
        exactness_fraction=0.86,
        example=Span(start_s=0.6, end_s=0.6 + 2 * bar_s),
        passes=47.5,
        probability=1.0,
        others=(other,),
        bar_starts_s=starts_s,
        bar_phase_index=np.arange(starts_s.size) % 2,
        bar_similarity=similarity,
        self_similarity_percent=alike.astype(np.int64).ravel(),
        method=VocalSource.MIX,
    )


def _envelope(duration_s: float, random: np.random.Generator) -> Envelope:
    times_s = np.arange(0, duration_s, 0.1)
    rms = (0.12 + 0.12 * _loud_parts(times_s, duration_s)) * random.uniform(0.8, 1.2, times_s.size)
    return Envelope(peak=np.minimum(0.98, rms * random.uniform(2.5, 4, times_s.size)), rms=rms, step_s=0.1)


def _loudness(duration_s: float, random: np.random.Generator) -> Loudness:
    times_s = 1.5 + np.arange(max(0, int((duration_s - 3) / 0.1)))
    curve = -13.5 + 4.5 * _loud_parts(times_s * 0.1, duration_s) + random.normal(0, 0.35, times_s.size)
    curve[:8] = np.nan
    return Loudness(
        integrated_lufs=-9.31,
        range_lu=5.2,
        max_momentary_lufs=-6.4,
        max_short_term_lufs=float(np.nanmax(curve)),
        true_peak_dbtp=-0.21,
        sample_peak_dbfs=-0.3,
        plr_lu=9.1,
        crest_db=12.3,
        short_term_lufs=curve,
        first_s=1.5,
        step_s=0.1,
        streaming_gain_db={
            "Spotify": -4.69,
            "Apple Music": -6.69,
            "YouTube": -4.69,
            "Tidal": -4.69,
            "Amazon Music": -4.69,
            "Deezer": -5.69,
        },
        layout="stereo",
    )


def _quiet_loudness() -> Loudness:
    return Loudness(
        integrated_lufs=-31.2,
        range_lu=None,
        max_momentary_lufs=-30.0,
        max_short_term_lufs=None,
        true_peak_dbtp=-18.0,
        sample_peak_dbfs=-18.1,
        plr_lu=13.2,
        crest_db=12.3,
        short_term_lufs=np.array([]),
        first_s=1.5,
        step_s=0.1,
        streaming_gain_db={"Spotify": 17.0, "YouTube": 0.0},
        layout="mono",
    )


def _chroma(duration_s: float) -> Chroma:
    """Return two bars each of F#m, D, A and E, over and over."""
    times_s = np.arange(0.6, max(duration_s - 0.5, 1.2), 60 / 123)
    chords = np.zeros((4, 12))
    for chord, tones in zip(chords, ((6, 9, 1), (2, 6, 9), (9, 1, 4), (4, 8, 11)), strict=True):
        chord[list(tones)] = 0.28
    return Chroma(times_s=times_s, pitch_class_fraction=chords[np.arange(times_s.size) // 8 % 4] + 0.01)


def _chords(beats: Beats, duration_s: float) -> Chords:
    """Return those of the chroma, from a pick-up on; the bridge turns to others that are less sure."""
    edges = [0, *beats.downbeat_index[1::2].tolist(), beats.times_s.size]
    edges_s = [*beats.times_s.tolist(), 2 * beats.times_s[-1] - beats.times_s[-2]]
    round_, bridge = ("F#:min", "D:maj", "A:maj", "E:maj/3"), ("B:min7", "C#:7")
    spans = []
    for k, (first, end) in enumerate(itertools.pairwise(edges)):
        start_s = edges_s[first]
        bridged = 0.7 * duration_s <= start_s < 0.8 * duration_s
        label, probability = (bridge[k % 2], 0.42 + 0.2 * (k % 2)) if bridged else (round_[k % 4], 0.91)
        spans.append(ChordSpan(start_s=start_s, end_s=edges_s[end], label=label, probability=probability))
    sections = [s for s in _structure(duration_s).sections if s.label.startswith(("A'", "B"))]
    return Chords(
        spans=tuple(spans),
        progressions=tuple(
            Progression(
                section=section.label,
                labels=round_,
                roman=("i", "VI", "III", "VII6"),
                bars=(2.0, 2.0, 2.0, 2.0),
                period_bars=8.0,
                rounds=2.0,
                start_s=section.start_s,
                end_s=section.end_s,
            )
            for section in sections
        ),
    )


def _beats(duration_s: float, random: np.random.Generator, *, wobble: float = 0.004) -> Beats:
    count = int((duration_s - 1.5) / (60 / 123))
    times_s = 0.6 + np.cumsum(60 / 123 * (1 + random.normal(0, wobble, count).clip(-0.6, 0.6)))
    times_s = times_s[times_s < duration_s]
    downbeat_index = np.arange(1, times_s.size, 4)
    frames_s = 0.02 * np.arange(int(duration_s / 0.02))

    def heard(at_s: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        index = np.searchsorted(at_s, frames_s).clip(1, at_s.size - 1)
        gap = np.minimum(np.abs(frames_s - at_s[index - 1]), np.abs(frames_s - at_s[index]))
        return np.round(0.03 + 0.9 * np.exp(-((gap / 0.02) ** 2)), 2)

    return Beats(
        times_s=times_s,
        downbeat_index=downbeat_index,
        beats_per_bar=4,
        confidence_fraction=0.93,
        beat_probability=heard(times_s),
        downbeat_probability=heard(times_s[downbeat_index]),
        step_s=0.02,
    )


def _melody(duration_s: float, random: np.random.Generator) -> tuple[VocalPitch, tuple[Span, ...]]:
    """Phrases of a few notes with vibrato, and the breaths between them."""
    times_s = np.round(np.arange(0, duration_s, 0.01), 2)
    midi = np.full(times_s.size, np.nan)
    spans, at_s, scale = [], min(12.0, duration_s / 6), np.array([50, 52, 54, 55, 57, 59, 61, 62, 64])
    step = 4
    while at_s + 3 < duration_s:
        begin_s = at_s
        for _ in range(int(random.integers(4, 9))):
            length_s = float(random.choice([0.25, 0.4, 0.5, 0.9]))
            step = int(np.clip(step + random.integers(-2, 3), 0, scale.size - 1))
            inside = (times_s >= at_s) & (times_s < at_s + length_s)
            midi[inside] = scale[step] + 0.25 * np.sin(2 * np.pi * 5.5 * times_s[inside])
            at_s += length_s
        spans.append(Span(start_s=round(begin_s, 3), end_s=round(min(at_s, duration_s), 3)))
        at_s += float(random.choice([0.7, 1.2, 4.0], p=[0.5, 0.35, 0.15]))
    sung = np.isfinite(midi)
    pitch = VocalPitch(
        times_s=times_s,
        f0_hz=440 * 2 ** ((midi - 69) / 12),
        voiced_probability=np.where(sung, 0.95, 0.1),
        certain=(sung & (random.random(times_s.size) > 0.1)).astype(np.int64),
        method=VocalSource.MIX,
    )
    return pitch, tuple(spans)


def _range(pitch: VocalPitch) -> VocalRange:
    midi = np.sort(pitch.midi[pitch.sung])
    p2, p10, p25, p50, p75, p90, p98 = (float(p) for p in np.percentile(midi, [2, 10, 25, 50, 75, 90, 98]))
    nearest = np.rint(midi).astype(int)
    counts = np.bincount(nearest - nearest.min())
    start_s = float(pitch.times_s[pitch.sung][100])
    return VocalRange(
        lowest_midi=Estimate(value=p2, low=p2 - 0.9, high=p2 + 0.4),
        highest_midi=Estimate(value=p98, low=p98 - 0.4, high=p98 + 1.2),
        span_semitones=Estimate(value=p98 - p2, low=p98 - p2 - 0.6, high=p98 - p2 + 1.7),
        lowest_note=Spelling.SHARPS.note(p2),
        highest_note=Spelling.SHARPS.note(p98),
        lowest_sustained=SustainedNote(start_s=start_s, end_s=start_s + 0.42, note="D3", midi=50.1),
        highest_sustained=SustainedNote(start_s=start_s + 4, end_s=start_s + 4.93, note="E4", midi=64.0),
        tessitura_low_midi=p10,
        tessitura_high_midi=p90,
        tessitura_semitones=p90 - p10,
        iqr_semitones=p75 - p25,
        median_midi=p50,
        stepwise_fraction=Estimate(value=0.78, low=0.66, high=0.9),
        sung_s=float(pitch.sung.sum() * 0.01),
        histogram=tuple(SungPitch(midi=int(nearest.min() + i), seconds=float(n) * 0.01) for i, n in enumerate(counts)),
        method=VocalSource.MIX,
    )


def _range_of_one_note() -> VocalRange:
    return VocalRange(
        lowest_midi=Estimate(value=60.0, low=59.8, high=60.1),
        highest_midi=Estimate(value=60.3, low=60.2, high=60.6),
        span_semitones=Estimate(value=0.3, low=0.1, high=0.8),
        lowest_note="C4",
        highest_note="C4",
        lowest_sustained=None,
        highest_sustained=None,
        tessitura_low_midi=60.0,
        tessitura_high_midi=60.2,
        tessitura_semitones=0.2,
        iqr_semitones=0.1,
        median_midi=60.1,
        stepwise_fraction=None,
        sung_s=4.0,
        histogram=(SungPitch(midi=60, seconds=4.0),),
        method=VocalSource.MIX,
    )


def _widest_range() -> VocalRange:
    low, high = 36, 89
    return VocalRange(
        lowest_midi=Estimate(value=36.4, low=35.0, high=38.0),
        highest_midi=Estimate(value=88.7, low=86.0, high=89.0),
        span_semitones=Estimate(value=52.3, low=48.0, high=54.0),
        lowest_note="C2",
        highest_note="F6",
        lowest_sustained=SustainedNote(start_s=0.1, end_s=0.3, note="C2", midi=36.2),
        highest_sustained=SustainedNote(start_s=214.2, end_s=214.9, note="F6", midi=89.0),
        tessitura_low_midi=41.0,
        tessitura_high_midi=84.0,
        tessitura_semitones=43.0,
        iqr_semitones=20.0,
        median_midi=86.0,
        stepwise_fraction=Estimate(value=0.31, low=0.19, high=0.43),
        sung_s=123.4,
        histogram=tuple(SungPitch(midi=midi, seconds=float(midi % 7) + 0.5) for midi in range(low, high + 1)),
        method=VocalSource.MIX,
    )


def _density(duration_s: float) -> Density:
    times_s = np.arange(0.5, duration_s)
    loud = _loud_parts(times_s, duration_s)
    return Density(
        onsets_per_s=Estimate(low=4.0, value=4.1, high=4.9),
        active_bands_mean=Estimate(low=5.0, value=5.4, high=5.8),
        pumping_db=Estimate(low=2.2, value=3.2, high=6.0),
        curve=4.6 + 2 * loud,
        onset_curve=3.5 + 1.5 * loud,
        step_s=1.0,
    )


def _stereo() -> Stereo:
    width = np.array([0.01, 0.01, 0.03, 0.09, 0.18, 0.22, 0.25, 0.21, 0.17, 0.12])
    return Stereo(
        width_fraction=0.12,
        correlation=0.77,
        mono_loss_lu=0.9,
        band_edges_hz=1000 * 2.0 ** np.arange(-5.5, 5.0),
        band_width_fraction=width,
        band_correlation=1 - 2 * width,
    )


def _balance() -> Balance:
    edges = 1000 * 2.0 ** (np.arange(-5.5, 5) - 0.0)
    levels = np.array([-19.2, -10.1, -6.3, -8.0, -9.9, -11.2, -12.8, -15.0, -18.9, -26.4])
    return Balance(
        band_edges_hz=edges[: levels.size + 1],
        band_lu=levels,
        bass_lu=-4.1,
        low_bass_fraction=0.31,
        centroid_hz=1840.0,
        tilt_db_per_octave=-4.6,
    )
