"""Tempo, key and loudness in the music library of beets: ``beet riffscope [QUERY]``.

A song is read from the analysis saved beside it, if there is one of this very file, and measured otherwise. What is in
doubt is not written: a key or a tempo that riffscope itself would leave out of its one sentence about the song. Fields
that have a value stay as they are, unless the user asks to replace them.

Conventions: ``bpm`` is a whole number and ``initial_key`` is ``C``, ``Cm`` or ``C#m``, as in beets. Our own fields
begin with ``riffscope_``; their names carry the unit. Gains are in dB.

Source: RFC 7845, section 5.2.1 (Opus files: gain to -23 LUFS, written to the file as Q7.8); ReplayGain 2.0 (all others:
gain to -18 LUFS, which is the 89 dB of the first ReplayGain).
"""

import optparse
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from beets import ui
from beets.dbcore import types
from beets.importer import ImportSession, ImportTask
from beets.library import Item, Library
from beets.plugins import BeetsPlugin

import riffscope
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.key import Key
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.tempo import Tempo
from riffscope.errors import RiffscopeError
from riffscope.folders import saved_beside
from riffscope.headline import sure_key, sure_tempo
from riffscope.model import Failed, snake_case
from riffscope.song import SongAnalysis, made_by, why_missing
from riffscope.words import joined, percent_of

MEASURED = (Tempo, Beats, Key, Loudness)
# Which version measured an item: one that has it is passed over, even if its key or its tempo was too unsure to write.
MEASURED_BY = "riffscope_version"
# What a song is turned to by players that read these gains: see the sources above.
R128_LUFS, REPLAYGAIN_LUFS = -23.0, -18.0

Value = str | int | float


@dataclass(frozen=True, kw_only=True)
class Found:
    """What is to be written of a song.

    Attributes
    ----------
    fields : mapping
        The value of each field of beets'.
    doubts : tuple of str
        Why fields are left out, a clause each.
    """

    fields: Mapping[str, Value]
    doubts: tuple[str, ...] = ()


class RiffscopePlugin(BeetsPlugin):
    """The command ``riffscope``, and the same on import where the configuration says ``auto: yes``."""

    item_types: ClassVar[dict[str, types.Type]] = {
        "riffscope_bpm": types.Float(2),
        "riffscope_beats_confidence": types.Float(2),
        "riffscope_key_confidence": types.Float(2),
        "riffscope_lufs": types.Float(1),
        "riffscope_true_peak_dbtp": types.Float(1),
        MEASURED_BY: types.STRING,
    }

    def __init__(self) -> None:
        super().__init__()
        self.config.add({"auto": False, "overwrite": False, "gain": False})
        if self.config["auto"].get(bool):
            self.import_stages = [self._imported]

    def commands(self) -> list[ui.Subcommand]:
        """Return the one command."""
        command = ui.Subcommand("riffscope", help="measure tempo, key and loudness")
        command.parser.set_usage("%prog [options] [QUERY]")
        add = command.parser.add_option
        add("-f", "--force", action="store_true", default=False, help="measure again and replace what is there")
        add("-p", "--pretend", action="store_true", default=False, help="show what would be stored, and store nothing")
        add("-g", "--gain", action="store_true", default=False, help="also set the track gain that players apply")
        add("-w", "--write", action="store_true", default=False, help="also write the tags of the files")
        command.func = self._command
        return [command]

    def _command(self, library: Library, options: optparse.Values, query: list[str]) -> None:
        write = options.write and ui.should_write()
        if options.write and not write:
            self._log.warning("no tags are written, because beets' configuration has import.write: no")
        self._measure(
            library.items(query), force=options.force, gain=options.gain, pretend=options.pretend, write=write
        )

    def _imported(self, _: ImportSession, task: ImportTask) -> None:
        # beets itself writes the tags of what it imports, where import.write says so.
        self._measure(task.imported_items())

    def _measure(
        self,
        items: Iterable[Item],
        *,
        force: bool = False,
        gain: bool = False,
        pretend: bool = False,
        write: bool = False,
    ) -> None:
        """Measure items one by one; a song that cannot be read is told in one line, and the others go on."""
        replaced = force or self.config["overwrite"].get(bool)
        gained = gain or self.config["gain"].get(bool)
        for item in items:
            if not replaced and not _is_wanting(item, gained=gained):
                self._log.debug("{.filepath}: measured before (--force measures again)", item)
                continue
            try:
                song = self._analysis(os.fsdecode(item.path))
            except (RiffscopeError, OSError) as why:
                self._log.error("{}", why)
                continue
            found = _found(song, gain=_gain(song, item.format) if gained and (replaced or not _has_gain(item)) else {})
            fields = {name: value for name, value in found.fields.items() if replaced or not _is_there(item, name)}
            if replaced:
                _clear(item)
            item.update(fields)
            line = f"{item.filepath}: {'; '.join((_in_words(item, fields), *found.doubts))}"
            if pretend:
                ui.print_(line)
                continue
            self._log.info("{}", line)
            if write:
                item.try_write()
            item.store()

    def _analysis(self, path: str) -> SongAnalysis:
        """Return the song's saved analysis, if it has all that is needed, or measure the song."""
        saved = saved_beside(path)
        if saved is not None:
            try:
                song = riffscope.read(saved)
            except RiffscopeError as why:
                self._log.debug("{}; the song is measured", why)
            else:
                if _has_all(song):
                    return song
        return riffscope.analyze(path, only=MEASURED)


def _has_all(song: SongAnalysis) -> bool:
    """Tell whether everything was measured, be it that the music does not hold it."""
    outcomes = [song.outcomes.get(snake_case(kind.__name__)) for kind in MEASURED]
    return not any(outcome is None or isinstance(outcome, Failed) for outcome in outcomes)


def _is_wanting(item: Item, *, gained: bool) -> bool:
    """Tell whether an item was never measured, or lacks the gain that is asked for."""
    return not _is_there(item, MEASURED_BY) or (gained and not _has_gain(item))


def _has_gain(item: Item) -> bool:
    """Tell whether players find a gain, of either kind."""
    return any(_is_there(item, name) for name in ("r128_track_gain", "rg_track_gain"))


def _is_there(item: Item, field: str) -> bool:
    """Tell whether a field of the item itself has a value; beets writes no tempo as 0."""
    value = item.get(field, None, with_album=False)
    return value is not None and value != "" and not (field == "bpm" and value == 0)


def _clear(item: Item) -> None:
    """Take away what an earlier version measured; fields that are beets' own stay."""
    for field in RiffscopePlugin.item_types:
        if field in item.keys(with_album=False):
            del item[field]


def _found(song: SongAnalysis, *, gain: Mapping[str, Value]) -> Found:
    """Return what is sure of a song as fields of beets'."""
    fields: dict[str, Value] = {}
    doubts: list[str] = []
    tempo, beats = sure_tempo(song), song.get(Beats)
    if tempo is not None:
        fields |= {"bpm": round(tempo.bpm.value), "riffscope_bpm": tempo.bpm.value}
    elif beats is not None and song.get(Tempo) is not None:
        doubts.append(f"no tempo is set, because the beats are only {percent_of(beats.confidence_fraction)} sure")
    else:
        doubts.append(f"no tempo: {why_missing(song.outcomes.get('tempo'))}")
    key, unsure = sure_key(song), song.get(Key)
    if key is not None:
        fields["initial_key"] = key.tonic + ("m" if key.mode == "minor" else "")
    elif unsure is not None:
        likely = percent_of(unsure.confidence_fraction)
        doubts.append(f"no key is set, because {unsure.name.in_words} is only {likely} likely")
    else:
        doubts.append(f"no key: {why_missing(song.outcomes.get('key'))}")
    if beats is not None:
        fields["riffscope_beats_confidence"] = beats.confidence_fraction
    if unsure is not None:
        fields["riffscope_key_confidence"] = unsure.confidence_fraction
    loudness = song.get(Loudness)
    if loudness is not None:
        fields["riffscope_lufs"] = loudness.integrated_lufs
        fields["riffscope_true_peak_dbtp"] = loudness.true_peak_dbtp
    else:
        doubts.append(f"no loudness: {why_missing(song.outcomes.get('loudness'))}")
    version = song.made_by.get("riffscope", made_by()["riffscope"])
    return Found(fields={**fields, **gain, MEASURED_BY: version}, doubts=tuple(doubts))


def _gain(song: SongAnalysis, form: str) -> Mapping[str, Value]:
    """Return the track gain as beets' own plugin replaygain stores it: Opus files have a gain of their own."""
    loudness = song.get(Loudness)
    if loudness is None:
        return {}
    if form == "Opus":
        return {"r128_track_gain": R128_LUFS - loudness.integrated_lufs}
    return {
        "rg_track_gain": REPLAYGAIN_LUFS - loudness.integrated_lufs,
        "rg_track_peak": 10 ** (loudness.true_peak_dbtp / 20),
    }


def _in_words(item: Item, fields: Iterable[str]) -> str:
    """Say which fields are set, with their values as beets shows them."""
    shown = item.formatted()
    return joined([f"{name} {shown[name]}" for name in fields if name != MEASURED_BY] or ["nothing to set"])
