"""What texts say of songs becomes claims, topic by topic, that songs bear out or refute."""

import dataclasses
import functools
import itertools
import json

import numpy as np
import pytest

from claim_cases import broken, changed, instrumental, with_span
from harmonies import AXIS, harmonised, without_chords
from riffscope.analyzers.balance import Balance
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.density import Density
from riffscope.analyzers.envelope import Envelope
from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.stereo import Stereo
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_notes import VocalNotes
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.analyzers.vocal_tone import VocalTone
from riffscope.articles.article import Statement
from riffscope.articles.topics import RELATIONS, claim_table, in_words, problems_of, topics
from riffscope.claims.scope import FUNCTIONS
from riffscope.errors import Absence
from riffscope.judge import judge, judge_pair, read_tables
from riffscope.load import load
from riffscope.model import Estimate, Ruling, Settings
from riffscope.song import analyze
from songs import example_song
from songs_heard import SAMPLES
from stated import (
    MODULATING,
    NO_BEAT,
    NO_KEY,
    NO_RIFF,
    TOO_SHORT_TO_LOOP,
    at_tempo,
    ending,
    entering,
    in_bars_of,
    in_key,
    lacking,
    lasting,
    looping,
    sectioned,
    sung_from,
)


def said(about, relation, value=None, high=None, **more):
    """A statement."""
    return Statement(about=about, relation=relation, value=value, high=high, **more)


def ruled(statement, song, against=None):
    """The verdict on a statement about a song, or about two."""
    (claim,) = read_tables({"it": claim_table(statement, text=in_words(statement))}, name="it")
    (verdict,) = judge(song, [claim]) if against is None else judge_pair(against, song, [claim])
    return verdict


def near(value, within):
    """A number, give or take."""
    return Estimate(value=value, low=value - within, high=value + within)


def loud(lufs, plr=9.0):
    return changed(example_song(), Loudness, integrated_lufs=lufs, plr_lu=plr)


def toned(**numbers):
    return changed(example_song(), VocalTone, **{name: near(at, 1.0) for name, at in numbers.items()})


def layered(share, gaps=None):
    filled = None if gaps is None else Estimate(value=gaps, low=max(0.0, gaps - 0.05), high=min(1.0, gaps + 0.05))
    fraction = Estimate(value=share, low=max(0.0, share - 0.05), high=min(1.0, share + 0.05))
    return changed(example_song(), VocalLayers, layered_fraction=fraction, gap_fill_fraction=filled)


def dense(bands=5.8, onsets=3.5, pumping=0.0):
    return changed(
        example_song(),
        Density,
        active_bands_mean=near(bands, 0.1),
        onsets_per_s=near(onsets, 0.2),
        pumping_db=near(pumping, 0.5),
    )


def stepping(share):
    return changed(example_song(), VocalRange, stepwise_fraction=near(share, 0.05))


SILENT = lacking("loudness", Absence.SILENT)
NO_SPECTRUM = lacking("balance", Absence.SILENT)
NO_DENSITY = lacking("density", Absence.SILENT)
UNSUNG = instrumental()
FORM = ("verse", "chorus", "verse", "chorus", "bridge", "chorus")
USUAL = sectioned("intro", *FORM)
TWICE = sectioned("verse", "verse", "bridge", "verse")
UNNAMED = sectioned(None, None)
SAME = harmonised(verse=AXIS, chorus=AXIS)
OTHER = harmonised(verse=AXIS, chorus="C G Am F")
CHORUS_LOUDER = example_song()
# For each topic statements, each with a song that it is true of, one that it is false of, and one that has nothing to
# test it on; of three songs where it is compared with another: that other one last.
CASES = (
    (said("tempo", "is", 100, unit="BPM"), at_tempo(100.5), at_tempo(115.0), NO_BEAT),
    (said("tempo", "about", 100, unit="BPM"), at_tempo(103.0), at_tempo(115.0), NO_BEAT),
    (said("tempo", "between", 96, 104, unit="BPM"), at_tempo(100.0), at_tempo(115.0), NO_BEAT),
    (said("tempo", "at_least", 110, unit="BPM"), at_tempo(115.0), at_tempo(100.0), NO_BEAT),
    (said("tempo", "low"), at_tempo(80.0), at_tempo(140.0), NO_BEAT),
    (said("tempo", "high"), at_tempo(150.0), at_tempo(80.0), NO_BEAT),
    (
        said("steadiness", "high"),
        at_tempo(100.0, drift=0.3),
        at_tempo(100.0, drift=3.0),
        lacking("tempo", Absence.SILENT),
    ),
    (said("steadiness", "low"), NO_BEAT, at_tempo(100.0, drift=0.3), lacking("tempo", Absence.SILENT)),
    (said("meter", "is", "3/4"), in_bars_of(3), in_bars_of(4), in_bars_of(None, None)),
    (said("swing", "present"), at_tempo(100.0, swing=0.66), at_tempo(100.0), at_tempo(100.0, swing=None)),
    (said("key", "is", "C# minor"), in_key("C#", "minor"), in_key("G", "minor"), NO_KEY),
    (said("mode", "is", "minor"), in_key("C#", "minor"), in_key("G", "major"), NO_KEY),
    (said("key_change", "present", 2, unit="semitones", scope="bridge"), MODULATING, in_key("C", "major"), NO_KEY),
    (said("key_change", "absent"), in_key("C", "major"), MODULATING, NO_KEY),
    (said("duration", "is", 211, unit="s"), lasting(211.4), lasting(180.0), None),
    (said("duration", "between", 238, 242, unit="s"), lasting(240.0), lasting(180.0), None),
    (said("duration", "low"), lasting(120.0), lasting(215.0), None),
    (said("loudness", "low"), loud(-16.0), loud(-9.0), SILENT),
    (said("loudness", "high"), loud(-8.0), loud(-14.0), SILENT),
    (said("loudness", "is", -9.5, unit="LUFS"), loud(-9.6), loud(-12.0), SILENT),
    (said("loudness", "more", scope="chorus", against="verse"), CHORUS_LOUDER, None, UNNAMED),
    (said("loudness", "more", scope="verse", against="chorus"), None, CHORUS_LOUDER, UNNAMED),
    (said("loudness", "low", scope="intro"), CHORUS_LOUDER, None, UNNAMED),
    (said("dynamics", "high"), loud(-9.0, plr=14.0), loud(-9.0, plr=8.0), SILENT),
    (said("dynamics", "low"), loud(-9.0, plr=7.0), loud(-9.0, plr=14.0), SILENT),
    (
        said("bass", "high"),
        changed(example_song(), Balance, bass_lu=-3.0),
        changed(example_song(), Balance, bass_lu=-15.0),
        NO_SPECTRUM,
    ),
    (said("bass", "more", scope="chorus", against="verse"), example_song(), None, UNNAMED),
    (
        said("brightness", "low"),
        changed(example_song(), Balance, centroid_hz=300.0),
        changed(example_song(), Balance, centroid_hz=1500.0),
        NO_SPECTRUM,
    ),
    (said("density", "low"), dense(bands=4.0), dense(bands=6.5), NO_DENSITY),
    (said("onsets", "high"), dense(onsets=6.0), dense(onsets=2.0), NO_DENSITY),
    (said("pumping", "present"), dense(pumping=5.0), dense(pumping=0.0), NO_DENSITY),
    (said("pumping", "absent"), dense(pumping=0.0), dense(pumping=5.0), NO_DENSITY),
    (
        said("stereo_width", "high"),
        changed(example_song(), Stereo, width_fraction=0.4),
        changed(example_song(), Stereo, width_fraction=0.0),
        lacking("stereo", Absence.NOT_STEREO),
    ),
    (said("singing", "present"), example_song(), UNSUNG, lacking("vocal_activity", Absence.SILENT)),
    (said("singing", "absent", scope="intro"), example_song(), None, UNNAMED),
    (said("singing", "at_most", 80, unit="%"), example_song(), None, UNSUNG),
    (said("singing", "at_least", 95, unit="%"), None, example_song(), UNSUNG),
    (said("vocal_range", "low"), with_span(8), with_span(22), UNSUNG),
    (said("vocal_range", "is", 21, unit="semitones"), with_span(21), with_span(12), UNSUNG),
    (said("vocal_span", "is", "C3", "G4"), sung_from(48, 67), sung_from(55, 74), UNSUNG),
    (said("vocal_lowest", "is", "C3"), sung_from(48, 67), sung_from(55, 67), UNSUNG),
    (said("vocal_highest", "at_most", "B4"), sung_from(48, 67), sung_from(48, 76), UNSUNG),
    (said("vocal_highest", "more", scope="chorus", against="verse"), example_song(), None, UNNAMED),
    (said("tessitura", "low"), sung_from(40, 60), sung_from(60, 80), UNSUNG),
    (said("tessitura", "is", "D3", "F4"), sung_from(48, 67), sung_from(55, 74), UNSUNG),
    (said("steps", "high"), stepping(0.8), stepping(0.3), UNSUNG),
    (said("steps", "low"), stepping(0.3), stepping(0.8), UNSUNG),
    (said("breathiness", "high"), toned(breathiness_db=-10.0), toned(breathiness_db=-25.0), UNSUNG),
    (said("dryness", "low"), toned(dryness_db=12.0), toned(dryness_db=30.0), UNSUNG),
    (said("closeness", "high"), toned(forwardness_lu=4.0), toned(forwardness_lu=-6.0), UNSUNG),
    (said("layers", "present"), layered(0.6), layered(0.0), UNSUNG),
    (said("layers", "absent"), layered(0.0), layered(0.6), UNSUNG),
    (said("gap_fill", "present"), layered(0.6, gaps=0.7), layered(0.1, gaps=0.0), UNSUNG),
    (said("riff", "present"), looping(), NO_RIFF, TOO_SHORT_TO_LOOP),
    (said("riff", "absent"), NO_RIFF, looping(), TOO_SHORT_TO_LOOP),
    (said("riff", "throughout", scope="chorus"), looping(), NO_RIFF, UNNAMED),
    (said("riff", "more", scope="chorus", against="bridge"), looping(), NO_RIFF, UNNAMED),
    (said("riff_length", "is", 2, unit="bars"), looping(), looping(bars=3.0, others=()), NO_RIFF),
    (said("riff_length", "about", 4, unit="s"), looping(), looping(bars=3.0, others=()), NO_RIFF),
    (said("riff_exactness", "high"), looping(exactness=0.99), None, NO_RIFF),
    (said("riff_exactness", "low"), None, looping(exactness=0.99), NO_RIFF),
    (
        said("chords", "is", ("F#m", "D", "A", "E")),
        SAME,
        harmonised(verse="C G Am F", chorus="C G Am F"),
        without_chords(),
    ),
    (said("chord_count", "is", 4), SAME, harmonised(verse="D E", chorus="D E"), without_chords()),
    (said("same_chords", "present", scope="verse", against="chorus"), SAME, OTHER, without_chords()),
    (said("same_chords", "absent", scope="verse", against="chorus"), OTHER, SAME, without_chords()),
    (said("form", "is", FORM), USUAL, TWICE, UNNAMED),
    (said("section", "present", scope="bridge"), USUAL, None, UNNAMED),
    (said("section", "absent", "chorus"), TWICE, USUAL, UNNAMED),
    (said("section", "is", 3, scope="chorus"), USUAL, TWICE, UNNAMED),
    (
        said("starts", "is", 14, unit="s", scope="voice"),
        entering(voice_enters_s=13.5),
        entering(voice_enters_s=40.0),
        entering(voice_enters_s=None),
    ),
    (
        said("starts", "about", 21, unit="%", scope="chorus"),
        sectioned("verse", "chorus", length_s=44.0),
        sectioned("verse", "chorus", length_s=80.0),
        TWICE,
    ),
    (
        said("section_length", "is", 8, unit="bars", scope="intro"),
        sectioned("intro", "verse", length_s=15.6),
        sectioned("intro", "verse", length_s=40.0),
        TWICE,
    ),
    (
        said("section_length", "at_least", 30, unit="s", scope="intro"),
        sectioned("intro", "verse", length_s=40.0),
        sectioned("intro", "verse", length_s=15.6),
        TWICE,
    ),
    (said("fade_out", "present"), ending("fade"), ending("cut"), lacking("envelope", Absence.SILENT)),
    (said("fade_out", "absent"), ending("cut"), ending("fade"), lacking("envelope", Absence.SILENT)),
)
# Statements that compare the song with another: a song that it is true of, one that it is false of, and the other song.
COMPARED = (
    (said("tempo", "more", against="Attention"), at_tempo(120.0), at_tempo(90.0), at_tempo(100.0)),
    (said("duration", "less", against="Attention"), lasting(180.0), lasting(240.0), lasting(215.0)),
    (said("loudness", "less", against="Attention"), loud(-14.0), loud(-7.0), loud(-9.0)),
    (said("dynamics", "more", against="the demo"), loud(-9.0, plr=14.0), loud(-9.0, plr=8.0), loud(-9.0, plr=11.0)),
    (said("density", "less", against="the demo"), dense(bands=4.0), dense(bands=6.5), dense(bands=5.5)),
    (said("vocal_range", "less", against="Attention"), with_span(9), with_span(22), with_span(15)),
    (
        said("closeness", "more", against="Attention"),
        toned(forwardness_lu=6.0),
        toned(forwardness_lu=-6.0),
        toned(forwardness_lu=0.0),
    ),
    (said("layers", "less", against="Copper Moon"), layered(0.1), layered(0.9), layered(0.5)),
    (said("same_melody", "present", against="Attention"), example_song(), UNSUNG, example_song()),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: in_words(case[0]))
def test_a_statement_is_borne_out_refuted_or_cannot_be_tested(case):
    statement, true_of, false_of, nothing_in = case
    for song, ruling in (
        (true_of, Ruling.SUPPORTED),
        (false_of, Ruling.REFUTED),
        (nothing_in, Ruling.NOT_TESTABLE),
    ):
        if song is not None:
            verdict = ruled(statement, song)
            assert verdict.ruling is ruling, verdict.because


@pytest.mark.parametrize("case", COMPARED[:-1], ids=lambda case: in_words(case[0]))
def test_a_song_is_compared_with_the_other_that_a_statement_names(case):
    statement, true_of, false_of, other = case
    assert ruled(statement, true_of, other).ruling is Ruling.SUPPORTED
    assert ruled(statement, false_of, other).ruling is Ruling.REFUTED


def test_a_melody_is_that_of_the_same_song_and_not_to_be_compared_without_a_singer():
    same, absent = (said("same_melody", relation, against="Attention") for relation in ("present", "absent"))
    assert ruled(same, example_song(), example_song()).ruling is Ruling.SUPPORTED
    assert ruled(absent, example_song(), example_song()).ruling is Ruling.REFUTED


def test_every_topic_has_a_song_of_which_it_is_true_one_of_which_it_is_false_and_one_without_it():
    shown = {about: [False, False, False] for about in topics()}
    for statement, *songs in (*CASES, *((one, yes, no, None) for one, yes, no, _ in COMPARED)):
        shown[statement.about] = [
            seen or song is not None for seen, song in zip(shown[statement.about], songs, strict=True)
        ]
    # Every song has a length, and two songs that are compared are both there.
    never_lacking = {"duration", "same_melody"}
    assert {about for about, (true, false, _) in shown.items() if not (true and false)} == set()
    assert {about for about, (_, _, lacks) in shown.items() if not lacks} == never_lacking


# ------------------------------------------------------------------------------------------------------------ the files
VALUES = {
    "nothing": (None, None),
    "number": (4, 8),
    "note": ("C4", None),
    "notes": ("C3", "G4"),
    "key": ("C# minor", None),
    "mode": ("minor", None),
    "meter": ("3/4", None),
    "chords": (("C", "G"), None),
    "form": (("verse", "chorus"), None),
    "section": (3, None),
}


def every_statement(topic):
    """A statement of each relation and unit that a topic takes, of the song and of a section, and compared."""
    value, high = VALUES[topic.value]
    for relation, unit in itertools.product(topic.relations, topic.units or [None]):
        against = ("verse", "Attention") if relation in {"more", "less"} or topic.about.startswith("same_") else (None,)
        for scope, other in itertools.product((None, "chorus"), against):
            yield said(topic.about, relation, value, high, unit=unit, scope=scope, against=other)


@pytest.mark.parametrize("topic", topics().values(), ids=lambda topic: topic.about)
def test_every_relation_of_a_topic_becomes_a_claim_and_is_said_back(topic):
    assert topic.label[0].isupper()
    tested = set()
    for statement in every_statement(topic):
        table = claim_table(statement, text="it is so")
        (claim,) = read_tables({"it": table}, name="it")
        words = in_words(statement)
        assert words
        assert "{" not in words
        assert "None" not in words
        if claim.kind.name == "not_testable":
            assert table["reason"].endswith(".")
        else:
            tested.add(statement.relation)
            assert claim.about_two == (statement.against == "Attention")
            assert (
                str(claim.scope) == "the chorus"
                or statement.scope is None
                or topic.parts is not None
                or "scope" in claim.options
            )
    assert tested == set(topic.relations)


def test_topics_stand_in_files_of_their_own_names_and_take_relations_that_there_are():
    assert len(topics()) >= 40
    for about, topic in topics().items():
        assert topic.about == about
        assert set(topic.relations) <= set(RELATIONS)


def test_all_that_is_wrong_in_a_topic_is_named_at_once():
    table = {
        "about": "tempo",
        "label": "Tempo",
        "value": "speed",
        "vocabulary": {},
        "english": {"words": ["tempo"]},
        "says": {"is": "it is {tempo}", "faster": "it is fast", "low": "it is slow"},
        "claims": {"is": {"bpm": "{values}"}, "high": {"kind": "at_least"}},
    }
    assert problems_of(table, "speed.toml") == [
        "vocabulary means nothing",
        "is about tempo, and so belongs into tempo.toml",
        f"value is one of {', '.join(VALUES)}, not speed",
        "says.faster is no relation",
        "says.faster becomes no claim",
        "says.low becomes no claim",
        "claims.high is not said back",
        "says.is: {tempo} means nothing",
        "claims.is needs kind",
        "claims.is: {values} means nothing",
    ]


# ----------------------------------------------------------------------------------------------------------- said back
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (said("tempo", "about", 100, unit="BPM"), "the tempo is about 100 BPM"),
        (said("vocal_range", "low"), "the singer's range is small"),
        (said("vocal_range", "is", 1, unit="semitones"), "the singer's range is 1 semitone"),
        (
            said("loudness", "more", scope="last chorus", against="first chorus"),
            "the last chorus is louder than the first chorus",
        ),
        (said("loudness", "less", against="Attention"), "it is quieter than Attention"),
        (said("key", "is", "C# minor"), "the key is C♯ minor"),
        (said("key", "is", "G minor", scope="bridge"), "the key of the bridge is G minor"),
        (said("key_change", "present", 2, scope="last chorus"), "the key changes up by 2 semitones in the last chorus"),
        (said("key_change", "present"), "the key changes"),
        (said("duration", "is", 211, unit="s"), "it lasts 3:31"),
        (said("duration", "at_most", 45, unit="s"), "it lasts at most 45 s"),
        (said("chords", "is", ("F#m7", "A", "E", "B"), scope="verse"), "the chords of the verse are F♯m7–A–E–B"),
        (said("form", "is", ("verse", "chorus")), "its form is verse, chorus"),
        (said("section", "present", scope="bridge"), "there is a bridge"),
        (said("section", "present", "intro"), "there is an intro"),
        (said("section", "absent", scope="bridge"), "there is no bridge"),
        (said("section", "is", 3, scope="chorus"), "it has 3 choruses"),
        (said("starts", "is", 39, unit="s", scope="drums"), "the drums can be heard from 39 s on"),
        (said("starts", "is", 21, unit="%", scope="chorus"), "the chorus can be heard from 21% of the song on"),
        (said("singing", "at_least", 66.7, unit="%"), "at least 66.7% of the whole song is sung"),
        (said("vocal_span", "is", "F#3", "E5"), "it is sung from F♯3 to E5"),
        (said("riff_length", "is", 2, unit="bars", scope="verse"), "the riff of the verse is 2 bars long"),
        (said("riff", "throughout", scope="chorus"), "the riff runs through the chorus"),
        (
            said("onsets", "more", scope="chorus", against="verse"),
            "more notes and hits begin in the chorus than in the verse",
        ),
    ],
)
def test_a_statement_is_said_back_as_one_would_say_it(statement, words):
    assert in_words(statement) == words


# -------------------------------------------------------------------------------------------------- what is not tested
@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (said("mood", "high"), "riffscope measures nothing like this."),
        (said("tempo", "present"), "Tempo is not measured in this way."),
        (said("tempo", "is"), "It does not say what value is meant."),
        (said("tempo", "between", 90), "It does not say what value is meant."),
        (said("tempo", "more"), "It does not say what the song is compared with."),
        (said("tempo", "is", 100, unit="Hz"), "Tempo is not measured in Hz."),
        (said("tempo", "is", "fast"), "It cannot be read: 'fast' is not a number."),
        (said("key", "is", "H minor"), "is not a major or minor key"),
        (said("vocal_highest", "is", "H4"), "'H4' is not a note with its octave"),
        (said("meter", "is", "4/3"), "is not a meter"),
        (said("chords", "is", ("X7",)), "It cannot be read: "),
        (said("form", "is", ("verse", "drop")), "'drop' is not a section that riffscope knows."),
        (said("loudness", "more", against="verse"), "which part of the song is compared with the verse."),
        (said("same_chords", "present"), "It does not say which parts of the song are meant."),
        (
            said("breathiness", "high", scope="verse"),
            "is measured of the song as a whole; of sections, how much is sung",
        ),
        (said("riff", "present", scope="drop"), "riffscope tells no drop from other sections; it tells intro, verse"),
        (said("section", "present", scope="drop"), "riffscope tells no drop from other sections"),
        (
            said("starts", "is", 3, unit="s", scope="tuba"),
            "does not tell when tuba enters; it does of voice, drums, bass",
        ),
        (said("starts", "is", 3, unit="s"), "It does not say what is meant."),
        (said("section", "is", "chorus"), "It does not say how many are meant."),
        (said("section", "is", 10**400, scope="chorus"), "It cannot be read: "),
        (said("tempo", "is", 10**400, unit="BPM"), "It cannot be read: "),
        (said("riff_length", "is", -1e300, unit="bars"), "is not a number."),
    ],
)
def test_what_cannot_be_tested_says_why_and_what_comes_nearest(statement, reason):
    table = claim_table(statement, text="so it is")
    assert table["kind"] == "not_testable"
    assert reason in table["reason"]
    assert ruled(statement, example_song()).ruling is Ruling.NOT_TESTABLE
    assert in_words(statement)


def test_what_a_text_says_is_hostile_and_stays_one_short_line():
    hostile = said("loudness", "more", against="x\n\x1b[31m\u202e{value}" + "y" * 10_000)
    words = in_words(hostile)
    assert len(words) < 200
    assert words.isprintable()
    assert "{value}" in words
    table = claim_table(said("key", "is", "\n" * 3 + "k" * 10_000), text="t")
    assert len(table["reason"]) < 200
    assert "\n" not in table["reason"]


def test_a_section_that_the_song_lacks_leaves_nothing_to_test():
    verdict = ruled(said("loudness", "high", scope="solo"), example_song())
    assert verdict.ruling is Ruling.NOT_TESTABLE
    assert "No solo was found among the sections" in verdict.because


def test_what_broke_down_leaves_a_statement_open():
    assert ruled(said("tempo", "is", 100, unit="BPM"), broken("tempo")).ruling is Ruling.INCONCLUSIVE


def test_limits_of_our_own_are_said_to_be():
    for topic in topics().values():
        for relation in {"low", "high"} & topic.claims.keys():
            claim = topic.claims[relation]
            if "limit" in claim:
                assert any("limit" in caveat or "CoSoD" in caveat for caveat in claim["caveats"]), topic.about


def test_every_function_of_sections_can_be_stated():
    for function in FUNCTIONS:
        assert ruled(said("section", "present", scope=function), USUAL).ruling is not Ruling.NOT_TESTABLE


# --------------------------------------------------------------------------------------------------------- real sound
NEEDED = (Beats, Density, Envelope, Key, Loops, Loudness, Tempo, VocalNotes, VocalPitch, VocalRange)


@functools.cache
def heard(name):
    """What is measured of a bundled song in the mix, and its truth."""
    song = analyze(load(SAMPLES / f"{name}.ogg"), settings=Settings(separator="none"), only=NEEDED, threads=2)
    return song, json.loads((SAMPLES / f"{name}.truth.json").read_text())


@pytest.mark.parametrize("name", ["closet", "arena"])
def test_what_is_known_of_a_bundled_song_is_borne_out_and_its_opposite_refuted(name):
    song, truth = heard(name)
    bpm, key, riff = truth["tempo"]["bpm"], truth["key"], truth["riff"]["present"]
    tonic = {"C": "F#", "D": "Ab"}[key["tonic"]]
    present, absent = ("present", "absent") if riff else ("absent", "present")
    quiet, loud_ = ("low", "high") if truth["loudness_target_lufs"] < -14 else ("high", "low")
    true = (
        said("tempo", "is", bpm, unit="BPM"),
        said("steadiness", "high"),
        said("meter", "is", truth["tempo"]["meter"]),
        said("key", "is", f"{key['tonic']} {key['mode']}"),
        said("duration", "is", round(truth["duration_s"]), unit="s"),
        said("loudness", quiet),
        said("riff", present),
        said("swing", "absent"),
    )
    false = (
        said("tempo", "is", round(1.15 * bpm), unit="BPM"),
        said("steadiness", "low"),
        said("meter", "is", "5/4"),
        said("key", "is", f"{tonic} {key['mode']}"),
        said("duration", "is", round(1.2 * truth["duration_s"]), unit="s"),
        said("loudness", loud_),
        said("riff", absent),
        said("swing", "present"),
    )
    for statements, ruling in ((true, Ruling.SUPPORTED), (false, Ruling.REFUTED)):
        for statement in statements:
            verdict = ruled(statement, song)
            assert verdict.ruling is ruling, f"{in_words(statement)}: {verdict.because}"


def test_a_song_that_breaks_off_does_not_fade_and_the_same_song_faded_does():
    song = load(SAMPLES / "arena.ogg")
    faded = song.samples.copy()
    count = 12 * song.sample_rate_hz
    first = faded.shape[1] - 8 * song.sample_rate_hz - count
    faded = faded[:, : first + count]
    faded[:, first:] *= np.linspace(1, 0, count, dtype=np.float32) ** 2
    for samples, ruling in ((song.samples, Ruling.REFUTED), (faded, Ruling.SUPPORTED)):
        heard_alone = analyze(dataclasses.replace(song, samples=samples), only=(Envelope,))
        assert ruled(said("fade_out", "present"), heard_alone).ruling is ruling
