"""The plugin of beets, run by beets' own command line on libraries of real songs."""

import importlib.util
import json
import logging
import re
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
import soundfile

import riffscope
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.key import Key
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.tempo import Tempo
from riffscope.codec import to_json
from riffscope.headline import BEATS_FROM, KEY_FROM
from songs_heard import SAMPLES, song_excerpt

ROOT = Path(__file__).parents[1]
needs_beets = pytest.mark.skipif(
    importlib.util.find_spec("beets") is None, reason="beets is not installed (pip install -e '.[dev]')"
)
OWN = {
    "riffscope_bpm",
    "riffscope_beats_confidence",
    "riffscope_key_confidence",
    "riffscope_lufs",
    "riffscope_true_peak_dbtp",
    "riffscope_version",
}


class Messages(logging.Handler):
    """What beets logs, a line each."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append((record.levelname, record.getMessage()))


class Beets:
    """A user's beets: a folder of songs, a configuration, a library."""

    def __init__(self, folder, capsys):
        self.folder, self.songs, self.capsys = folder, folder / "songs", capsys
        self.songs.mkdir()
        self.configure()

    def configure(self, *, write=True, **options):
        """Write the user's configuration; beets reads YAML, and so JSON."""
        settings = {
            "directory": str(self.songs),
            "library": str(self.folder / "library.db"),
            "plugins": ["riffscope"],
            "threaded": False,
            "import": {"copy": False, "write": write, "autotag": False},
            "riffscope": options,
        }
        (self.folder / "config.yaml").write_text(json.dumps(settings))

    def run(self, *arguments):
        """Run ``beet`` as from a terminal, and return what it prints and what it logs."""
        import beets
        import beets.plugins
        import beets.ui
        from beets.util import cached_classproperty

        log, messages = logging.getLogger("beets"), Messages()
        handlers, log.handlers = log.handlers, [messages]
        beets.config.clear()
        beets.config.read()
        getattr(cached_classproperty, "cache", {}).clear()
        try:
            beets.ui._raw_main(list(arguments))
        finally:
            log.handlers = handlers
            beets.plugins.BeetsPlugin.listeners.clear()
            beets.plugins.BeetsPlugin._raw_listeners.clear()
            beets.plugins._instances.clear()
        return self.capsys.readouterr().out, messages.lines

    def add(self, *names):
        """Put songs into the library."""
        for name in names:
            sound = song_excerpt(name, start_s=0.0, duration_s=40.0)
            soundfile.write(self.songs / f"{name}.flac", sound.samples.T, sound.sample_rate_hz)
        self.run("import", "--noautotag", "--quiet", str(self.songs))

    def measure(self, *arguments):
        """Run the command, and return what it logs by the names of the levels."""
        _, lines = self.run("riffscope", *arguments)
        return [(level, text) for level, text in lines if level != "DEBUG"]

    def fields(self, name="closet.flac"):
        """Return what the library says of a song, of the song itself and not of its album."""
        from beets.library import Library

        library = Library(str(self.folder / "library.db"), str(self.songs))
        try:
            (item,) = [item for item in library.items() if item.filepath.name == name]
            return {key: item.get(key) for key in item.keys(with_album=False)}
        finally:
            library._close()

    def tags(self, name="closet.flac"):
        """Return the tags in a song's file."""
        from mediafile import MediaFile

        return MediaFile(self.songs / name)


# By what is in a file and what is asked of it: most tests are about what becomes of one and the same measurement.
_measured = {}


@pytest.fixture
def user(tmp_path, monkeypatch, capsys):
    measure = riffscope.analyze

    def measured_once(path, *, only):
        key = Path(path).read_bytes(), frozenset(only)
        if key not in _measured:
            _measured[key] = measure(path, only=only)
        return _measured[key]

    monkeypatch.setattr(riffscope, "analyze", measured_once)
    monkeypatch.setenv("BEETSDIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    return Beets(tmp_path, capsys)


def save_beside(song, **changed):
    """Save the analysis of a song beside it, with some of its fields changed as ``key={"tonic": "E"}``."""
    analysis = riffscope.analyze(song, only=[Tempo, Beats, Key, Loudness])
    outcomes = dict(analysis.outcomes)
    for name, fields in changed.items():
        outcomes[name] = replace(outcomes[name], value=replace(outcomes[name].value, **fields))
    saved = replace(analysis, outcomes=MappingProxyType(outcomes))
    song.with_suffix(".json").write_bytes(to_json(saved))
    return saved


@needs_beets
def test_tempo_key_and_loudness_of_every_song_are_stored_and_no_file_is_touched(user):
    user.add("closet", "arena")
    before = {path: path.read_bytes() for path in user.songs.iterdir()}
    user.measure()
    for name, key in (("closet", "Cm"), ("arena", "D")):
        truth = json.loads((SAMPLES / f"{name}.truth.json").read_text())
        fields = user.fields(f"{name}.flac")
        assert (type(fields["bpm"]), fields["bpm"]) == (int, round(truth["tempo"]["bpm"]))
        assert fields["riffscope_bpm"] == pytest.approx(truth["tempo"]["bpm"], abs=0.3)
        assert truth["key"] == {"tonic": key[0], "mode": "minor" if key[1:] else "major"}
        assert fields["initial_key"] == key
        loudness = riffscope.analyze(user.songs / f"{name}.flac", only=[Loudness])[Loudness]
        assert fields["riffscope_lufs"] == pytest.approx(loudness.integrated_lufs)
        assert fields["riffscope_true_peak_dbtp"] == pytest.approx(loudness.true_peak_dbtp)
        assert KEY_FROM < fields["riffscope_key_confidence"] <= 1
        assert set(fields) >= OWN
        assert not [field for field in ("r128_track_gain", "rg_track_gain", "rg_track_peak") if fields[field]]
    assert {path: path.read_bytes() for path in user.songs.iterdir()} == before


@needs_beets
def test_what_was_stored_can_be_asked_for(user):
    user.add("closet", "arena")
    user.measure()
    found, _ = user.run("ls", "--format", "$bpm $initial_key $riffscope_lufs", "riffscope_lufs:..-15", "bpm:90..95")
    lufs = user.fields()["riffscope_lufs"]
    assert found == f"92 Cm {lufs:.1f}\n"


@needs_beets
def test_a_query_chooses_the_songs(user):
    user.add("closet", "arena")
    user.measure("path::arena")
    assert user.fields("arena.flac")["bpm"] == 126
    assert not set(user.fields()) & OWN


@needs_beets
@pytest.mark.parametrize("by", ["option", "configuration"])
def test_what_is_there_is_replaced_only_where_that_is_asked_for(user, by):
    user.add("closet")
    user.run("modify", "--yes", "--nowrite", "bpm=100", "initial_key=Am")
    user.measure()
    fields = user.fields()
    assert (fields["bpm"], fields["initial_key"]) == (100, "Am")
    assert fields["riffscope_bpm"] == pytest.approx(92, abs=0.3)
    if by == "configuration":
        user.configure(overwrite=True)
    user.measure(*(["--force"] if by == "option" else []))
    fields = user.fields()
    assert (fields["bpm"], fields["initial_key"]) == (92, "Cm")


@needs_beets
def test_an_item_that_was_measured_is_passed_over(user):
    user.add("closet")
    assert [level for level, _ in user.measure()] == ["INFO"]
    (user.songs / "closet.flac").unlink()
    assert user.measure() == []
    assert [level for level, _ in user.measure("--force")] == ["ERROR"]


@needs_beets
def test_pretending_shows_and_stores_nothing(user):
    user.add("closet")
    before = user.fields()
    shown, _ = user.run("riffscope", "--pretend", "--write", "--gain")
    assert "closet.flac: bpm 92," in shown
    assert "initial_key Cm" in shown
    assert user.fields() == before
    assert user.tags().bpm is None


@needs_beets
def test_a_song_that_cannot_be_read_is_one_line_and_the_others_go_on(user):
    user.add("arena", "closet")
    (user.songs / "arena.flac").write_bytes(b"no song {at all}")
    told = user.measure()
    assert sorted(level for level, _ in told) == ["ERROR", "INFO"]
    (line,) = [text for level, text in told if level == "ERROR"]
    assert "arena.flac" in line
    assert "\n" not in line
    assert user.fields()["bpm"] == 92
    assert not set(user.fields("arena.flac")) & OWN


@needs_beets
@pytest.mark.parametrize(("asked", "configured"), [(False, True), (True, False), (True, True)])
def test_tags_are_written_where_both_the_user_and_the_configuration_say_so(user, asked, configured):
    user.add("closet")
    user.configure(write=configured)
    before = (user.songs / "closet.flac").read_bytes()
    told = user.measure(*(["--write"] if asked else []))
    if asked and configured:
        assert (user.tags().bpm, user.tags().initial_key) == (92, "Cm")
    else:
        assert (user.songs / "closet.flac").read_bytes() == before
    warned = [text for level, text in told if level == "WARNING"]
    assert ["import.write" in text for text in warned] == ([True] if asked and not configured else [])
    assert user.fields()["bpm"] == 92


@needs_beets
def test_an_analysis_saved_beside_the_song_is_read(user):
    user.add("closet")
    save_beside(user.songs / "closet.flac", key={"tonic": "Eb", "mode": "minor"})
    user.measure()
    # beets spells keys with sharps.
    assert user.fields()["initial_key"] == "D#m"


@needs_beets
def test_an_analysis_of_another_file_or_without_all_that_is_needed_is_not_used(user):
    user.add("closet", "arena")
    saved = save_beside(user.songs / "closet.flac", key={"tonic": "E"})
    shutil.move(user.songs / "closet.json", user.songs / "arena.json")
    without = {name: outcome for name, outcome in saved.outcomes.items() if name != "loudness"}
    (user.songs / "closet.json").write_bytes(to_json(replace(saved, outcomes=MappingProxyType(without))))
    user.measure()
    assert (user.fields()["initial_key"], user.fields("arena.flac")["initial_key"]) == ("Cm", "D")
    assert user.fields()["riffscope_lufs"] < -10


@needs_beets
def test_a_key_and_a_tempo_in_doubt_are_not_written_but_told(user):
    user.add("closet")
    save_beside(
        user.songs / "closet.flac",
        key={"confidence_fraction": KEY_FROM - 0.01},
        beats={"confidence_fraction": BEATS_FROM - 0.01},
    )
    ((_, line),) = user.measure()
    fields = user.fields()
    assert not fields["bpm"]
    assert not fields["initial_key"]
    assert "riffscope_bpm" not in fields
    assert fields["riffscope_key_confidence"] == pytest.approx(KEY_FROM - 0.01)
    assert fields["riffscope_lufs"] < -10
    assert "24% sure" in line
    assert "C minor is only 69% likely" in line
    assert user.measure() == []


@needs_beets
def test_measuring_again_takes_away_what_is_no_longer_sure_but_nothing_of_the_users(user):
    user.add("closet")
    user.measure()
    save_beside(user.songs / "closet.flac", key={"confidence_fraction": 0.2}, beats={"confidence_fraction": 0.1})
    user.measure("--force")
    fields = user.fields()
    assert "riffscope_bpm" not in fields
    assert (fields["bpm"], fields["initial_key"]) == (92, "Cm")


@needs_beets
def test_silence_has_no_tempo_key_or_loudness(user):
    soundfile.write(user.songs / "silence.flac", np.zeros((44100 * 5, 2)), 44100)
    user.add()
    ((level, line),) = user.measure()
    assert level == "INFO"
    assert all(f"no {noun}: " in line for noun in ("tempo", "key", "loudness"))
    assert set(user.fields("silence.flac")) & OWN == {"riffscope_version"}


@needs_beets
@pytest.mark.parametrize("by", ["option", "configuration"])
def test_gains_are_as_the_plugin_replaygain_stores_them(user, by):
    sound = song_excerpt("closet", start_s=0.0, duration_s=40.0)
    soundfile.write(user.songs / "closet.opus", sound.samples.T[: 8 * 48000], 48000, format="OGG", subtype="OPUS")
    user.add("closet")
    user.measure()
    assert user.fields()["rg_track_gain"] is None
    user.run("modify", "--yes", "--nowrite", "rg_track_gain=1", "path::flac")
    user.configure(gain=by == "configuration")
    user.measure("--write", *(["--gain"] if by == "option" else []))
    opus, flac = user.fields("closet.opus"), user.fields("closet.flac")
    assert opus["r128_track_gain"] == pytest.approx(-23 - opus["riffscope_lufs"])
    assert opus["rg_track_gain"] is None
    # RFC 7845, section 5.2.1: in steps of 1/256 dB, as a whole number.
    assert user.tags("closet.opus").mgfile["R128_TRACK_GAIN"] == [str(round(256 * opus["r128_track_gain"]))]
    assert flac["rg_track_gain"] == 1
    user.measure("--gain", "--force")
    flac = user.fields("closet.flac")
    assert flac["rg_track_gain"] == pytest.approx(-18 - flac["riffscope_lufs"])
    assert flac["rg_track_peak"] == pytest.approx(10 ** (flac["riffscope_true_peak_dbtp"] / 20))
    assert flac["r128_track_gain"] is None


@needs_beets
@pytest.mark.parametrize("auto", [False, True])
def test_songs_are_measured_on_import_only_where_that_is_asked_for(user, auto):
    user.configure(auto=auto)
    user.add("closet")
    fields = user.fields()
    assert (fields["bpm"], fields["initial_key"]) == ((92, "Cm") if auto else (0, None))
    assert bool(set(fields) & OWN) == auto


@needs_beets
def test_the_page_names_every_field_and_option(user):
    page = (ROOT / "analysis" / "docs" / "pages" / "beets.md").read_text("utf-8")
    cells = re.findall(r"^\| (.*?) \|", page, re.MULTILINE)
    assert OWN | {"bpm", "initial_key"} == {name for cell in cells for name in re.findall(r"^`(\w+)`$", cell)}
    shown, _ = user.run("help", "riffscope")
    assert set(re.findall(r"--[a-z]+", shown)) - {"--help"} == set(re.findall(r"--[a-z]+", " ".join(cells)))
    stored, _ = user.run("config", "--defaults")
    defaults = stored.partition("riffscope:")[2]
    for name in re.findall(r"`(\w+): yes`", page):
        assert f"{name}: no" in defaults
    assert f"{KEY_FROM:.0%}" in page
    assert f"{BEATS_FROM:.0%}" in page


def test_the_plugin_shares_the_namespace_of_beets_and_beets_is_no_dependency():
    assert [path.name for path in (ROOT / "analysis" / "beetsplug").glob("*.py")] == ["riffscope.py"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "analysis/beetsplug" in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert not [one for one in project["project"]["dependencies"] if one.startswith(("beets", "mediafile", "mutagen"))]
