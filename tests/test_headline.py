"""A song in one sentence: it says what is decided, and leaves out what is not."""

import dataclasses

import pytest

from outcomes import missing
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.tempo import MetricalLevel, Tempo
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.errors import Absence
from riffscope.headline import QUALITIES, SMALL_RANGE, headline
from riffscope.judge import built_in_claims
from riffscope.model import Estimate, Measured, Missing, snake_case
from songs import example_song, with_outcomes

SONG = example_song()


def changed(result, **fields):
    """The example song with some fields of a measurement changed."""
    value = dataclasses.replace(SONG[result], **fields)
    return with_outcomes(SONG, {snake_case(result.__name__): Measured(value=value, version=1, seconds=0.0)})


def exactly(number):
    return Estimate(value=number, low=number, high=number)


def test_it_names_the_loop_the_key_the_tempo_and_the_range():
    said = headline(SONG)
    assert f"{SONG[Tempo].bpm.value:.0f} BPM" in said
    assert f"{SONG[VocalRange].span_semitones.value:.0f} semitones" in said
    assert said.count(".") == 1
    assert said.endswith(".")


def test_a_riff_that_runs_through_the_song_opens_it_and_a_passage_does_not():
    carried = changed(Loops, kind=LoopKind.RIFF, period_bars=2, coverage_fraction=exactly(0.93))
    assert headline(carried).startswith("A 2-bar riff carries 93%")
    passage = changed(Loops, kind=LoopKind.PASSAGE, coverage_fraction=exactly(0.93))
    assert "carries" not in headline(passage)
    seldom = changed(Loops, kind=LoopKind.RIFF, coverage_fraction=Estimate(value=0.6, low=0.3, high=0.8))
    assert "carries" not in headline(seldom)


def test_a_key_in_doubt_is_not_named():
    sure, unsure = (changed(Key, tonic="Eb", mode="major", confidence_fraction=share) for share in (0.9, 0.4))
    assert "E♭ major" in headline(sure)
    assert "major" not in headline(unsure)


def test_another_count_of_the_beat_is_named_where_it_is_likely():
    for weight, told in ((0.4, True), (0.1, False)):
        song = changed(
            Tempo, bpm=exactly(124.0), alternatives_bpm=(MetricalLevel(bpm=62.0, weight_fraction=weight),), given=()
        )
        assert ("62" in headline(song)) is told


def test_a_tempo_is_named_only_where_the_beats_are_sure():
    sure, unsure = (changed(Beats, confidence_fraction=share) for share in (0.9, 0.1))
    assert "BPM" in headline(sure)
    assert "BPM" not in headline(unsure)


@pytest.mark.parametrize(("lufs", "told"), [(-8.0, "loud"), (-12.0, ""), (-20.0, "quiet")])
def test_a_song_as_loud_as_the_charts_is_loud_and_one_below_the_services_level_quiet(lufs, told):
    said = headline(changed(Loudness, integrated_lufs=lufs))
    assert [word for word in ("loud", "quiet") if word in said] == ([told] if told else [])


def test_a_small_range_is_said_to_be_kept_and_a_wide_one_has_its_notes():
    wide = changed(VocalRange, span_semitones=Estimate(value=19.0, low=18.0, high=20.0))
    assert "19 semitones" in headline(wide)
    assert "within" not in headline(wide)
    small = changed(VocalRange, span_semitones=Estimate(value=7.0, low=6.5, high=7.5))
    assert "within" in headline(small)


@pytest.mark.parametrize(
    "name", ["vocal_activity", "vocal_pitch", "vocal_range", "loops", "key", "tempo", "loudness", "density"]
)
def test_what_is_missing_is_left_out(name):
    song = dataclasses.replace(SONG, outcomes={**SONG.outcomes, name: missing(name, code=Absence.TOO_LITTLE)})
    assert headline(song).endswith(".")
    gone = dataclasses.replace(SONG, outcomes={key: missing(key, code=Absence.TOO_LITTLE) for key in SONG.outcomes})
    assert "could be decided" in headline(gone)


def test_a_song_in_which_nobody_sings_is_an_instrumental():
    silent = {
        name: missing(name, code=Absence.NO_VOICE) if name.startswith("vocal_") else outcome
        for name, outcome in SONG.outcomes.items()
    }
    said = headline(dataclasses.replace(SONG, outcomes=silent))
    assert "instrumental" in said
    assert "semitones" not in said


def test_silence_is_said_to_be_silent():
    gone = Missing(measurement="loudness", code=Absence.SILENT, reason="silent")
    assert "silent" in headline(dataclasses.replace(SONG, outcomes={**SONG.outcomes, "loudness": gone}))


def test_the_claims_that_it_goes_by_are_built_in():
    assert {*QUALITIES, SMALL_RANGE} <= {claim.name for claim in built_in_claims()}
