"""Sections: what changes where, from section to section, and when voice, drums, bass and riff enter."""

from collections.abc import Callable, Iterator

from riffscope import words
from riffscope.analyzers.section_profile import ProfiledSection, SectionProfile
from riffscope.measures import capitalised
from riffscope.notes import Spelling
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Column, Heading, Paragraph, Table
from riffscope.report.chapter import chapter
from riffscope.report.drawing import draw
from riffscope.song import SongAnalysis
from riffscope.units import BANDS, FRACTION, HZ, LU, LUFS, PER_SECOND, PROBABILITY, SEMITONES, Unit, clock

MEASUREMENTS = ("section_profile",)
# What enters within a bar or two of the beginning is there from the start.
FROM_THE_START_S = 2.0
# A chorus this many times as busy as the verse is said to be so.
TWICE = (1.9, 2.1)
ABSENT = "\N{EN DASH}"
COLUMNS_IN_WORDS = (
    "Bands: how many of seven sound at once. Onsets: a second. Bass: 20 to 100 Hz, LU against the loudness. Centroid:"
    " Hz. Width, drums, sung and layers (more than one voice, of the singing): percent."
)


@chapter(place=55, shows=MEASUREMENTS)
def sections(song: SongAnalysis) -> Iterator[Block]:
    """Write how the sections differ, draw them side by side, and list their numbers."""
    yield Heading(text="Sections", new_page=True)
    yield from absences(song, *MEASUREMENTS)
    found = song.get(SectionProfile)
    if found is None:
        return
    text = f"{_contrast_in_words(found)} {_entries_in_words(found, song.source.duration_s)}".strip()
    yield Paragraph(text=text)
    caption = (
        "Each section as a column, on the time axis of the song. Pale bands are ranges: the number varies so far within"
        " the section, or is so unsure."
    )
    yield from draw("section_profile", song, caption=caption, alt=f"The sections side by side. {text}")
    yield _table(found, song.spelling)
    yield Paragraph(text=COLUMNS_IN_WORDS, note=True)
    note = _how_to_check(found)
    if note:
        yield Paragraph(text=note, note=True)


def _contrast_in_words(found: SectionProfile) -> str:
    """Say how the chorus differs from the verse, where that is clear; else which section is loudest."""
    differs = {name: one for name, one in found.contrast.items() if one.low > 0 or one.high < 0}
    if not found.contrast:
        return _extremes_in_words(found)
    parts = []
    if "loudness_lufs" in differs:
        louder = differs["loudness_lufs"].value
        parts.append(f"{LU.format(abs(louder))} {'louder' if louder > 0 else 'quieter'}")
    if "onsets_per_s" in differs and "onsets_per_s" in found.chorus_to_verse:
        times = found.chorus_to_verse["onsets_per_s"]
        twice = TWICE[0] <= times <= TWICE[1]
        parts.append("twice as busy" if twice else f"{times:.1f} times as busy")
    if "active_bands_mean" in differs:
        fuller = differs["active_bands_mean"].value
        parts.append(f"{BANDS.format(abs(fuller))} {'fuller' if fuller > 0 else 'thinner'}")
    if "highest_midi" in differs:
        higher = differs["highest_midi"].value
        parts.append(f"sung {SEMITONES.format(abs(higher))} {'higher' if higher > 0 else 'lower'} at the top")
    if not parts:
        return "The chorus is neither louder nor denser than the verse, as far as can be told."
    return f"The chorus is {words.joined(parts)} than the verse."


def _extremes_in_words(found: SectionProfile) -> str:
    levels = [
        (section.loudness_lufs, name)
        for name, section in zip(found.names, found.sections, strict=True)
        if section.loudness_lufs is not None
    ]
    if len(levels) < 2:
        return "The song has a single section." if len(found.sections) == 1 else ""
    (low, quiet), (high, loud) = (pick(levels, key=lambda one: one[0]) for pick in (min, max))
    return (
        f"The loudest section is {_called(loud)} at {LUFS.format(high)}, the quietest {_called(quiet)} at"
        f" {LUFS.format(low)}."
    )


def _called(name: str) -> str:
    """``chorus 1`` stays, ``bridge`` -> ``the bridge``, and a letter is a letter."""
    return name if name[:1].isupper() or name[-1:].isdecimal() else f"the {name}"


def _entries_in_words(found: SectionProfile, duration_s: float) -> str:
    """Say when things enter, in the order in which they do, with the share of the song that has passed then."""
    entries = [
        ("the voice", found.voice_enters_s),
        ("the drums", found.drums_enter_s),
        ("the bass", found.bass_enters_s),
        ("the riff", found.riff_enters_s),
    ]
    at_once = [what for what, start_s in entries if start_s is not None and start_s < FROM_THE_START_S]
    later = sorted((start_s, what) for what, start_s in entries if start_s is not None and start_s >= FROM_THE_START_S)
    sentences = []
    if at_once:
        be = "is" if len(at_once) == 1 else "are"
        sentences.append(f"{capitalised(words.joined(at_once))} {be} there from the start")
    if later:
        shares = [f"{what} at {clock(start_s)} ({_share(start_s, duration_s)})" for start_s, what in later]
        shares[0] = shares[0].replace(" at ", f" enter{'' if later[0][1] == 'the drums' else 's'} at ", 1)
        sentences.append(capitalised(words.joined(shares)))
    if found.first_chorus_s is not None:
        passed = _share(found.first_chorus_s, duration_s)
        sentences.append(f"The first chorus begins at {clock(found.first_chorus_s)} ({passed})")
    if found.drums_enter_s is None:
        sentences.append("No drums were found")
    if found.bass_enters_s is None:
        sentences.append("No bass was found")
    return " ".join(f"{sentence}." for sentence in sentences)


def _share(start_s: float, duration_s: float) -> str:
    return f"{FRACTION.format(start_s / max(duration_s, 1e-3))} of the way"


def _table(found: SectionProfile, spelling: Spelling) -> Table:
    """List the numbers of each section."""

    def number(name: str, unit: Unit) -> Callable[[ProfiledSection], str]:
        def written(section: ProfiledSection) -> str:
            content: float | None = getattr(section, name)
            return ABSENT if content is None else unit.number(content)

        return written

    def notes(section: ProfiledSection) -> str:
        if section.lowest_midi is None or section.highest_midi is None:
            return ABSENT
        return f"{spelling.print(section.lowest_midi)}\N{EN DASH}{spelling.print(section.highest_midi)}"

    cells: tuple[tuple[str, float, Callable[[ProfiledSection], str]], ...] = (
        ("From", 0.75, lambda section: clock(section.start_s)),
        ("LUFS", 0.85, number("loudness_lufs", LUFS)),
        ("Bands", 0.85, number("active_bands_mean", BANDS)),
        ("Onsets", 0.95, number("onsets_per_s", PER_SECOND)),
        ("Bass", 0.8, number("bass_lu", LU)),
        ("Width", 0.85, number("width_fraction", FRACTION)),
        ("Centroid", 1.1, number("centroid_hz", HZ)),
        ("Drums", 0.9, number("drums_fraction", FRACTION)),
        ("Sung", 0.75, number("sung_fraction", FRACTION)),
        ("Layers", 0.9, number("layered_fraction", FRACTION)),
        ("Range", 1.25, notes),
    )
    return Table(
        columns=(
            Column(heading="Section", share=1.7),
            *(Column(heading=heading, align="right", share=share) for heading, share, _ in cells),
        ),
        rows=tuple(
            (name, *(write(section) for _, _, write in cells))
            for name, section in zip(found.names, found.sections, strict=True)
        ),
    )


def _how_to_check(found: SectionProfile) -> str:
    """Point at the loudest and the quietest section, and say how sure the names are."""
    levels = [(section.loudness_lufs, section) for section in found.sections if section.loudness_lufs is not None]
    parts = []
    if len(levels) > 1:
        quiet, loud = (pick(levels, key=lambda one: one[0])[1] for pick in (min, max))
        parts.append(
            f"To check: play the loudest section, {words.span(loud.span)}, and the quietest, {words.span(quiet.span)}."
        )
    sure = [section.function_probability for section in found.sections if section.function_probability is not None]
    if sure:
        low, high = PROBABILITY.format(min(sure)), PROBABILITY.format(max(sure))
        likely = f"{low} likely" if low == high else f"{low} to {high} likely"
        parts.append(f"What each section does, such as chorus, is told from the music: {likely}.")
    return " ".join(parts)
