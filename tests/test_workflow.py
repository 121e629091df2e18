"""riffscope from Python: paths, sounds, analyses and saved files are all songs."""

import logging
import threading
from dataclasses import replace

import pytest
import soundfile

import riffscope
from riffscope import steps, workflow
from riffscope.analyzers.key import Key
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.compare import Comparison
from riffscope.errors import BadClaim, CannotRead, CannotWrite, RiffscopeError
from riffscope.judge import read_claims
from riffscope.model import Measured
from riffscope.song import ROOTS, analyze
from riffscope.steps import closure, producers
from riffscope.workflow import Options, choose_settings
from songs import example_song
from songs_heard import song_excerpt

RHYTHM = {"mel_spectrum", "onset_strength", "beat_activation", "beat_track", "semitone_spectrogram", "key"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a song and its saved analysis."""
    folder = tmp_path_factory.mktemp("songs")
    excerpt = song_excerpt(duration_s=6.0)
    soundfile.write(folder / "short.wav", excerpt.samples.T, excerpt.sample_rate_hz)
    from riffscope.codec import to_json

    (folder / "short.json").write_bytes(to_json(riffscope.analyze(folder / "short.wav")))
    return folder


def test_a_song_is_measured_and_ruled_on_from_its_path(folder):
    song = riffscope.analyze(folder / "short.wav")
    assert song[Loudness].integrated_lufs < 0
    assert len(song.verdicts) == len(riffscope.judge(song)) > 10
    count = sum(isinstance(outcome, Measured) for outcome in song.outcomes.values())
    assert (
        repr(song)
        == f"SongAnalysis('short', 0:06, {count} of {len(song.outcomes)} measured, {len(song.verdicts)} verdicts)"
    )


def test_what_is_asked_for_alone_is_measured_alone(folder):
    song = riffscope.analyze(riffscope.load(folder / "short.wav"), only=[Loudness])
    assert list(song.outcomes) == ["loudness"]
    assert song.verdicts == ()


def test_songs_of_every_form_are_compared(folder):
    compared = riffscope.compare(
        [str(folder / "short.wav"), folder / "short.json", riffscope.read(folder / "short.json")]
    )
    assert isinstance(compared, Comparison)
    assert {row.same for row in compared.rows if row.difference is not None} <= {True, None}


def test_a_report_of_one_song_and_of_two(folder, tmp_path):
    (page,) = riffscope.report(folder / "short.json", tmp_path, formats=["html"], audio=False)
    assert page == tmp_path / "short.html"
    pair = riffscope.report([example_song(), example_song(title="Another")], tmp_path, formats=["html"])
    assert len(pair) == 1
    assert "Another" in pair[0].read_text()


def test_a_report_rules_on_the_claims_that_it_is_given(tmp_path):
    (tmp_path / "mine.toml").write_text("[it]\ntext = 'Mine'\nkind = 'not_testable'\nreason = 'Of no interest'\n")
    songs = [example_song(), example_song(title="Another")]
    (page,) = riffscope.report(songs[0], tmp_path, claims=tmp_path / "mine.toml", formats=["html"])
    (pair,) = riffscope.report(songs, tmp_path, claims=read_claims(tmp_path / "mine.toml"), formats=["html"])
    for written in (page, pair):
        assert "Of no interest" in written.read_text()


def test_exports_come_from_an_analysis_or_from_the_song(folder, tmp_path):
    names = {path.name for path in riffscope.export(example_song(), "csv", tmp_path)}
    assert any(name.endswith(".measures.csv") for name in names)
    with pytest.raises(ValueError, match=r"papyrus.*Choose: .*midi"):
        riffscope.export(example_song(), "papyrus", tmp_path)
    with pytest.raises(ValueError, match="no which to choose"):
        riffscope.export(example_song(), "csv", tmp_path, which=2)
    with pytest.raises(ValueError, match="no capo to choose"):
        riffscope.export(example_song(), "midi", tmp_path, capo=2)
    assert "Capo 2" in riffscope.export(example_song(), "chords", tmp_path, capo=2)[2].read_text("utf-8")
    with pytest.raises(RiffscopeError, match="made from the sound"):
        riffscope.export(example_song(), "stems", tmp_path)


def test_the_sound_of_an_analysis_may_lie_anywhere_under_any_name(folder, tmp_path):
    song = riffscope.read(folder / "short.json")
    elsewhere = tmp_path / "0815"
    elsewhere.write_bytes((folder / "short.wav").read_bytes())
    voice = choose_settings(vocals=folder / "short.wav")
    paths = riffscope.export(song, "stems", tmp_path, sound=elsewhere, options=Options(settings=voice))
    assert [path.name for path in paths] == ["short.vocals.wav", "short.accompaniment.wav"]
    other = folder / "other.wav"
    soundfile.write(other, song_excerpt(duration_s=2.0).samples.T, song_excerpt().sample_rate_hz)
    with pytest.raises(RiffscopeError, match=r"other\.wav: is not the song short\.wav"):
        riffscope.export(song, "stems", tmp_path / "out", sound=other)


def test_an_export_never_writes_over_its_song(folder, tmp_path):
    saved = tmp_path / "short.measures.csv"
    saved.write_bytes((folder / "short.wav").read_bytes())
    song = tmp_path / "short.wav"
    song.hardlink_to(saved)
    before = song.read_bytes()
    with pytest.raises(CannotWrite, match="is an input"):
        riffscope.export(song, "csv", tmp_path, force=True)
    assert tmp_path / "short-2.measures.csv" in riffscope.export(song, "csv", tmp_path)
    assert song.read_bytes() == before


def test_what_is_no_song_is_one_line_that_says_what_to_give(folder, tmp_path):
    saved = folder / "short.json"
    (tmp_path / "article.txt").write_text("It is fast.")
    for error, said, call in (
        (ValueError, "there is no song", lambda: riffscope.report([], tmp_path)),
        (ValueError, "there is no song", lambda: riffscope.check(tmp_path / "article.txt", [])),
        (ValueError, "there is no song", lambda: riffscope.compare([])),
        (ValueError, "two songs", lambda: riffscope.compare(str(saved))),
        (ValueError, "two songs", lambda: riffscope.compare([example_song()])),
        (RiffscopeError, r"riffscope\.read", lambda: riffscope.analyze(saved)),
        (TypeError, r"riffscope\.judge", lambda: riffscope.analyze(riffscope.read(saved))),
        (TypeError, "not a song: int", lambda: riffscope.judge(3)),
        (TypeError, "not a song: list", lambda: riffscope.export([saved], "csv")),
    ):
        with pytest.raises(error, match=said) as why:
            call()
        assert len(str(why.value).splitlines()) == 1


def test_what_is_wrong_is_one_line(folder, tmp_path):
    (tmp_path / "claims.toml").write_text("[it]\ntext = 'x'\nkind = 'no_such_kind'\n")
    for error, call in (
        (CannotRead, lambda: riffscope.analyze(tmp_path / "nowhere.wav")),
        (BadClaim, lambda: riffscope.judge(example_song(), tmp_path / "claims.toml")),
        (RiffscopeError, lambda: choose_settings("spleeter")),
    ):
        with pytest.raises(error) as why:
            call()
        assert len(str(why.value).splitlines()) == 1


def test_the_vocal_range_needs_no_rhythm_and_no_key():
    needed = {step.name for step in closure([producers()[VocalRange]], ROOTS).values()}
    assert not needed & RHYTHM


def test_a_key_that_fails_costs_the_vocal_range_nothing(monkeypatch):
    excerpt = song_excerpt(duration_s=8.0)
    before = analyze(excerpt)
    makers = dict(producers())

    def broken(*_):
        raise IndexError("index 3 is out of bounds")

    makers[Key] = replace(makers[Key], function=broken)
    monkeypatch.setattr(steps, "producers", lambda: makers)
    after = analyze(excerpt)
    assert after.outcomes["key"].error == "IndexError: index 3 is out of bounds"
    for name in set(before.outcomes) - {"key"}:
        assert type(after.outcomes[name]) is type(before.outcomes[name]), name
    assert after[VocalRange].span_semitones == before[VocalRange].span_semitones


def test_nothing_is_printed_and_what_runs_is_logged(folder, capsys, caplog):
    with caplog.at_level(logging.INFO, logger="riffscope"):
        riffscope.analyze(folder / "short.wav", only=[Loudness])
    assert capsys.readouterr() == ("", "")
    assert any(record.message.startswith("loudness: ") for record in caplog.records)


# ------------------------------------------------------------------------------------------ imported beside the decoder
@pytest.mark.parametrize(("threads", "meanwhile"), [(2, True), (1, False)])
def test_what_measures_is_imported_while_a_song_is_decoded(threads, meanwhile, monkeypatch):
    imported = threading.Event()
    monkeypatch.setattr(steps, "producers", imported.set)

    def decode(path, max_minutes):
        assert imported.wait(20 if meanwhile else 0.1) is meanwhile
        raise CannotRead("is no song")

    monkeypatch.setattr(workflow, "load", decode)
    with pytest.raises(CannotRead, match="no song"):
        workflow.run("song.wav", workflow._everything_and(), Options(threads=threads))


def test_nobody_waits_for_an_import_where_the_song_is_refused(tmp_path, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(steps, "producers", lambda: begun.set() or go_on.wait(20))
    try:
        with pytest.raises(CannotRead, match="no such file"):
            workflow.run(tmp_path / "song.wav", [Loudness], Options(threads=2))
        assert begun.wait(20)
    finally:
        go_on.set()


def test_what_cannot_be_imported_is_said_where_it_is_needed(tmp_path, monkeypatch):
    excerpt = song_excerpt(duration_s=4.0)
    soundfile.write(tmp_path / "song.wav", excerpt.samples.T, excerpt.sample_rate_hz)

    def broken():
        raise ImportError("scipy is damaged")

    monkeypatch.setattr(steps, "producers", broken)
    with pytest.raises(ImportError, match="damaged"):
        workflow.run(tmp_path / "song.wav", [Loudness], Options(threads=2))
