"""What is known of a rendered song, as JSON: ``NAME.truth.json``, ``NAME.beats`` and ``NAME.f0.csv``.

Times are seconds from the start of the file. The table of beats has the time and the place in the bar, that of the
pitch the time and hertz at 10 ms (lead voice; 0 = not sung).

tempo
    ``bpm`` (from the median beat), ``segments``, ``plan``, ``meter`` (beats in a bar), ``swing_place_of_offbeat``,
    ``metre``. In 6/8 the beat is the dotted quarter: two in a bar, each in three.
key
    ``tonic``, ``tonic_pc``, ``mode``; ``bars_rooted_on_tonic``, ``bars_rooted_on_relative`` (fractions: how clear the
    tonic is), ``degree_share`` (share of the notes' time on each of the seven degrees; nothing else sounds).
riff
    ``present``, ``period_bars``, ``period_s``, ``spans``, ``occurrences`` (varied: notes dropped or changed),
    ``coverage_of_file``, ``coverage_of_music``, ``timing_jitter_ms_sd``, ``bar_plan`` ("abac"), ``program``,
    ``repeat_fraction_at_lag_bars`` (share of the riff's bars equal to the one k bars on: near-periods).
other_loops
    ``start``, ``end``, ``period_bars``, ``period_s``, ``kind`` ("riff", "chord_loop"); never part of ``riff.spans``.
chord_vamp
    Where chords come round every 4 bars while comping, bass and lines are new in every bar. ``riff.present`` is then
    false: whoever counts rounds of chords as loops should leave these songs out of a null test.
sections
    ``name``, ``start``, ``end``, ``bars``, ``content``, ``vocals``, ``drums``, ``lead_instrument``.
chords, riff_notes
    The triad of each bar in Harte's notation, and whether anything strikes it; one pass of the riff as written, with
    octaves and fifths of power chords left out.
vocal
    ``present``, ``source``, ``level_db_over_backing`` (lead and doubles, while the lead sings), the lead's percentiles
    in MIDI numbers, ``arrangement``, ``layers``, ``layered_fraction`` (share of sung time with more than one voice;
    doubles count), ``gap_fill_fraction`` (share of the lead's gaps of 1.2 s or more in which oohs sound), ``reverb``,
    ``breathiness``.
vocal_line_spans
    Where oohs sing outside the lead: any voice, widened by .15 s.
lead_instrument
    A melody that is not a voice, where nobody sings; or null.
mix, silence, loudness
    Balance of the stems, pumping, channels; digital silence around the music; what ffmpeg's meter reads.
"""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.arrays import Floats, Ints, Mask
from benchmarks.mixes.composing import Loop
from benchmarks.mixes.melodies import Line, gaps_of
from benchmarks.mixes.mixing import Song, lead_frames
from benchmarks.mixes.music import NAMES, hz_to_midi
from benchmarks.mixes.score import Channel
from benchmarks.mixes.singing import HOP_S
from benchmarks.mixes.soundfont import RATE_HZ
from benchmarks.mixes.spec import Spec
from benchmarks.mixes.timing import Change
from benchmarks.mixes.voices import Choir, Layer

Truth = dict[str, Any]
JOINED_S, WIDELY_JOINED_S, WIDENED_S = 0.25, 0.3, 0.15
VAMP_BARS = 4
PERCENTILES = (2, 5, 50, 95, 98)


def write_truth(song: Song, out: Path) -> Truth:
    """Write what is known of a song beside it, and return it."""
    truth = truth_of(song)
    name, meter = song.spec.name, song.spec.meter
    (out / f"{name}.truth.json").write_text(json.dumps(truth) + "\n", "utf-8")
    beats = "".join(f"{beat_s:.4f}\t{beat % meter + 1}\n" for beat, beat_s in enumerate(truth["beats"]))
    (out / f"{name}.beats").write_text(beats, "utf-8")
    if song.choir:
        pitch_hz = song.choir.lead.pitch_hz
        rows = (f"{k * HOP_S + song.spec.leading_s:.3f},{pitch_hz[k]:.2f}\n" for k in range(0, len(pitch_hz), 2))
        (out / f"{name}.f0.csv").write_text("".join(rows), "utf-8")
    return truth


def truth_of(song: Song) -> Truth:
    """Return everything that is known of a song."""
    return _Teller(song=song).tell()


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Teller:
    """Tells one song, in seconds of its file."""

    song: Song

    @property
    def spec(self) -> Spec:
        return self.song.spec

    @property
    def beats_s(self) -> Floats:
        return self.song.piece.clock.beats_s

    @property
    def total_s(self) -> float:
        return self.song.sample_count / RATE_HZ

    def at(self, time_s: float) -> float:
        """Return a time of the music as one of the file."""
        return round(float(time_s) + self.spec.leading_s, 4)

    def spans(self, spans: Sequence[Sequence[float]]) -> list[list[float]]:
        """Return spans of the music as spans of the file."""
        return [[self.at(start_s), self.at(end_s)] for start_s, end_s in spans]

    def notes(self, notes: Line) -> list[list[float]]:
        """Return notes as start, end and MIDI number."""
        off_s = self.spec.leading_s
        return [[round(note.start_s + off_s, 3), round(note.end_s + off_s, 3), note.midi] for note in notes]

    def tell(self) -> Truth:
        """Return everything."""
        spec, written = self.spec, self.song.piece.written
        vamps = self.spans(written.vamp_spans)
        truth: Truth = {
            "name": spec.name,
            "seed": f"{spec.seed} index {spec.index}",
            "file": f"{spec.name}.ogg",
            "duration_s": round(self.total_s, 3),
            "sample_rate": RATE_HZ,
            "channels": spec.channels,
            "form": spec.form,
            "tempo": self.tempo(),
            "beats": [self.at(beat_s) for beat_s in self.beats_s[:-1]],
            "downbeats": [self.at(beat_s) for beat_s in self.beats_s[: -1 : spec.meter]],
            "key": self.key(),
            "riff": self.riff(),
            "other_loops": [self.loop(loop) for loop in written.loops],
            "chords": [
                {"start": self.at(c.start_s), "end": self.at(c.end_s), "label": c.label, "struck": c.struck}
                for c in written.chords
            ],
            "riff_notes": [dataclasses.asdict(note) for note in written.riff_notes] or None,
            "chord_vamp": {
                "present": bool(vamps),
                "period_bars": VAMP_BARS if vamps else None,
                "period_s": self.period_s(VAMP_BARS) if vamps else None,
                "spans": vamps,
            },
            "sections": self.sections(),
            "vocal": self.vocal(),
            "lead_instrument": self.lead_instrument(),
            "drums": sorted({section.drums for section in spec.sections}),
            "drums_varied": spec.band.drums_varied,
            "mix": self.mix(),
            "silence": {"leading_s": spec.leading_s, "trailing_s": spec.trailing_s},
            "loudness": dataclasses.asdict(self.song.heard) | {"target_lufs": spec.lufs},
            "note": "",
        }
        if self.song.choir and (lines := self.voice_spans(self.song.choir)):
            truth["vocal_line_spans"] = lines
        return truth

    def tempo(self) -> Truth:
        """Return tempo and metre."""
        spec = self.spec
        segments = [{"start": self.at(self.beats_s[0]), "bpm": spec.bpm}]
        if isinstance(spec.plan, Change):
            segments.append({"start": self.at(self.beats_s[spec.plan.bar * spec.meter]), "bpm": spec.plan.bpm})
        return {
            "bpm": round(60 / self.median(np.round(np.diff(self.beats_s), 9)), 3),
            "segments": segments,
            "plan": spec.plan.written() if spec.plan else "constant",
            "meter": spec.meter,
            "metre": spec.metre,
            "swing_place_of_offbeat": spec.swing,
        }

    def median(self, values: Floats) -> float:
        """Return the median; of two tempi one, never their mean."""
        changes = isinstance(self.spec.plan, Change)
        return float(np.percentile(values, 50, method="lower" if changes else "linear"))

    def period_s(self, bars: int) -> float:
        """Return how long so many bars last."""
        beats = bars * self.spec.meter
        starts = range(0, len(self.beats_s) - beats, self.spec.meter)
        return round(self.median(np.array([self.beats_s[k + beats] - self.beats_s[k] for k in starts])), 4)

    def key(self) -> Truth:
        """Return the key, and how clear it is."""
        key = self.spec.key
        degrees = [root % 7 for root in self.song.piece.written.roots if root is not None]
        sounding_s = np.zeros(12)
        for played in self.song.piece.score.notes:
            sounding_s[played.midi % 12] += (played.end_s - played.start_s) * (played.channel != Channel.DRUMS)
        for layer in self.song.choir.layers if self.song.choir else ():
            for note in layer.part.notes:
                sounding_s[note.midi % 12] += note.end_s - note.start_s
        return {
            "tonic": NAMES[key.tonic],
            "tonic_pc": key.tonic,
            "mode": key.mode,
            "bars_rooted_on_tonic": round(degrees.count(0) / len(degrees), 3),
            "bars_rooted_on_relative": round(degrees.count(key.relative_degree) / len(degrees), 3),
            "degree_share": [
                round(float(sounding_s[(key.tonic + step) % 12] / sounding_s.sum()), 3) for step in key.scale
            ],
        }

    def riff(self) -> Truth:
        """Return the riff, or that there is none."""
        written, bars = self.song.piece.written, self.spec.riff_bars
        covered_s = sum(end_s - start_s for start_s, end_s in written.riff_spans)
        music_s = float(self.beats_s[-1] - self.beats_s[0])
        return {
            "present": bool(bars and written.riff_spans),
            "period_bars": bars or None,
            "period_s": self.period_s(bars) if bars else None,
            "spans": self.spans(written.riff_spans),
            "occurrences": [
                {"start": self.at(each.start_s), "end": self.at(each.end_s), "varied": each.varied}
                for each in written.passes
            ],
            "coverage_of_file": round(covered_s / self.total_s, 4),
            "coverage_of_music": round(covered_s / music_s, 4),
            "timing_jitter_ms_sd": 1000 * self.spec.band.jitter_s,
            "bar_plan": written.riff.plan if written.riff else None,
            "program": self.spec.band.riff if bars else None,
            "repeat_fraction_at_lag_bars": written.riff.repeats() if written.riff else {},
        }

    def loop(self, loop: Loop) -> Truth:
        """Return a loop other than the riff."""
        return {
            "start": self.at(loop.start_s),
            "end": self.at(loop.end_s),
            "period_bars": loop.period_bars,
            "period_s": loop.period_s,
            "kind": loop.kind,
        }

    def sections(self) -> list[Truth]:
        """Return the sections."""
        return [
            {
                "name": section.name,
                "start": self.at(start_s),
                "end": self.at(end_s),
                "bars": section.bars,
                "content": section.content,
                "vocals": section.sung and self.spec.arrangement != "none",
                "drums": section.drums,
                "lead_instrument": section.sung and self.spec.lead is not None,
            }
            for section, (start_s, end_s) in zip(self.spec.sections, self.song.piece.written.sections_s, strict=True)
        ]

    def mix(self) -> Truth:
        """Return how the stems are balanced."""
        spec, levels = self.spec, self.song.levels
        pumping: Truth = {"present": False}
        if spec.pump:
            pumping = {
                "present": True,
                "depth_db": spec.pump.depth_db,
                "recovery_s": levels.pump_recovery_s,
                "every_beats": 1,
                "applied_to": "backing but the drums",
            }
        return {
            "bass_relative_db": spec.band.bass_db,
            "bass_to_backing_db": levels.bass_db,
            "drums_to_backing_db": levels.drums_db,
            "file_channels": spec.channels,
            "pumping": pumping,
        }

    def lead_instrument(self) -> Truth | None:
        """Return the instrument that plays the melody, if one does."""
        lead, notes = self.spec.lead, self.song.lead
        if lead is None or not notes:
            return None
        weights = [max(1, int((note.end_s - note.start_s) * 100)) for note in notes]
        low, high = np.percentile(np.repeat([note.midi for note in notes], weights), [2, 98])
        return {
            "name": lead.name,
            "program": lead.program,
            "spans": self.spans(runs(lead_frames(notes, self.song.length_s), JOINED_S)),
            "notes": self.notes(notes),
            "p2_midi": float(low),
            "p98_midi": float(high),
            "level_db_over_backing": self.spec.lead_db,
        }

    def vocal(self) -> Truth:
        """Return the voices, or that there are none."""
        choir, singer = self.song.choir, self.spec.singer
        if choir is None:
            return {"present": False, "arrangement": "none"}
        lead = choir.lead
        low, fifth, median, ninety_fifth, high = percentiles(lead.pitch_hz)
        everyone = percentiles(np.concatenate([layer.pitch_hz for layer in choir.layers]))
        voices = voice_count(choir)
        sung = [note.midi for note in lead.part.notes]
        return {
            "present": True,
            "source": singer.source,
            "mode": "world",
            "formant_factor": singer.formant,
            "level_db_over_backing": singer.level_db,
            "f0_truth": "exact: the contour given to the WORLD synthesiser",
            "p2_midi": low,
            "p5_midi": fifth,
            "median_midi": median,
            "p95_midi": ninety_fifth,
            "p98_midi": high,
            "range_semitones_p2_p98": round(high - low, 2),
            "voiced_seconds": round(float((lead.pitch_hz > 0).sum() * HOP_S), 2),
            "lowest_note_midi": min(sung),
            "highest_note_midi": max(sung),
            "arrangement": self.spec.arrangement,
            "layered_fraction": round(float((voices > 1).sum() / (voices > 0).sum()), 4),
            "gap_fill_fraction": gap_fill(choir),
            "all_layers_p2_midi": everyone[0],
            "all_layers_p98_midi": everyone[-1],
            "reverb": dataclasses.asdict(singer.reverb) if singer.reverb else None,
            "breathiness": singer.breathiness,
            "layers": [self.layer(layer) for layer in choir.layers],
            "notes": self.notes(lead.part.notes),
        }

    def layer(self, layer: Layer) -> Truth:
        """Return one voice."""
        part = layer.part
        told: Truth = {
            "kind": part.kind,
            "pan": round(part.pan, 2),
            "level_db": round(part.level_db, 2),
            "spans": self.spans(runs(layer.pitch_hz > 0, JOINED_S)),
            "notes": self.notes(part.notes),
        }
        if (layer.pitch_hz > 0).any():
            low, *_, high = percentiles(layer.pitch_hz)
            told |= {"p2_midi": low, "p98_midi": high}
        return told

    def voice_spans(self, choir: Choir) -> list[list[float]]:
        """Return where any voice sings, if oohs do so outside the lead."""
        if not oohs(choir).any():
            return []
        wide = runs(voice_count(choir) > 0, WIDELY_JOINED_S)
        begin_s = -self.spec.leading_s
        return [[self.at(max(begin_s, start_s - WIDENED_S)), self.at(end_s + WIDENED_S)] for start_s, end_s in wide]


def percentiles(pitch_hz: Floats) -> list[float]:
    """Return the 2nd, 5th, 50th, 95th and 98th percentile of what is sung, in MIDI numbers."""
    midi = hz_to_midi(pitch_hz[pitch_hz > 0])
    return [round(float(each), 2) for each in np.percentile(midi, PERCENTILES)]


def voice_count(choir: Choir) -> Ints:
    """Return how many voices sing in each frame of 5 ms, (n,)."""
    count: Ints = np.sum([layer.pitch_hz > 0 for layer in choir.layers], axis=0)
    return count


def oohs(choir: Choir) -> Mask:
    """Return in which frames of 5 ms oohs sound, (n,) bool."""
    held = [layer.pitch_hz > 0 for layer in choir.layers if layer.part.kind == "oohs"]
    return np.any(held, axis=0) if held else np.zeros(len(choir.lead.pitch_hz), bool)


def gap_fill(choir: Choir) -> float:
    """Return the share of the lead's gaps in which oohs sound (0..1)."""
    held, gaps = oohs(choir), gaps_of(choir.lead.part.notes)
    filled_s = sum(held[int(gap.start_s / HOP_S) : int(gap.end_s / HOP_S)].sum() * HOP_S for gap in gaps)
    return round(float(filled_s / max(1e-9, sum(gap.end_s - gap.start_s for gap in gaps))), 4)


def runs(frames: Mask, join_s: float) -> list[list[float]]:
    """Return the spans of true frames of 5 ms, joined over gaps of up to `join_s`."""
    edges = np.flatnonzero(np.diff(np.r_[0, np.asarray(frames, int), 0])) * HOP_S
    spans: list[list[float]] = []
    for start_s, end_s in zip(edges[::2], edges[1::2], strict=True):
        if spans and start_s - spans[-1][1] <= join_s:
            spans[-1][1] = float(end_s)
        else:
            spans.append([float(start_s), float(end_s)])
    return spans
