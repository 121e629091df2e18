"""Form: the sections with their times and lengths, what changes from one to the next, and what enters when."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from riffscope import words
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.section_profile import ProfiledSection, SectionProfile
from riffscope.analyzers.structure import Section, Structure
from riffscope.measures import capitalised
from riffscope.notes import Spelling
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Column, Heading, Paragraph, Table
from riffscope.report.chapter import InFull, chapter
from riffscope.report.drawing import draw
from riffscope.report.loop_names import loop_of
from riffscope.song import SongAnalysis
from riffscope.units import BANDS, FRACTION, HZ, LU, LUFS, PER_SECOND, SEMITONES, Unit, clock

MEASUREMENTS = ("structure", "section_profile")
# What enters within a bar or two of the beginning is there from the start.
FROM_THE_START_S = 2.0
# A chorus this many times as busy as the verse is said to be so.
TWICE = (1.9, 2.1)
ABSENT = "\N{EN DASH}"
# A bar belongs to the section that begins with it: a downbeat may be heard this much before or after.
SAME_PLACE_S = 0.1
# Where one letter without a name has this share of the sections, of so many at least, letters say nothing of the form.
ALIKE_FRACTION, ALIKE_FROM = 0.75, 4
COLUMNS_IN_WORDS = (
    "Bands: how many of seven are active at once. Onsets: per second. Bass: 20 to 100 Hz, LU against the loudness."
    " Centroid: Hz. Width, drums, sung and layers (more than one voice, of the singing): percent."
)


@chapter(place=50, shows=MEASUREMENTS)
def form(song: SongAnalysis) -> Iterator[Block | InFull]:
    """List the sections, and write how they differ and what enters when; in full, draw them side by side."""
    yield Heading(text="Form")
    yield from absences(song, *MEASUREMENTS)
    structure, profile = song.get(Structure), song.get(SectionProfile)
    if profile is None:
        if structure is not None and structure.sections:
            yield _brief_table(song, structure.sections, words.numbered([one.name for one in structure.sections]))
        return
    parts = [_alike_in_words(profile.sections), _contrast_in_words(profile), _entries_in_words(profile, loop_of(song))]
    text = " ".join(part for part in parts if part)
    yield Paragraph(text=text)
    yield InFull(
        blocks=_in_full(song, profile, text), instead=[_brief_table(song, profile.sections, profile.names, profile)]
    )
    note = _how_to_check(profile)
    if note:
        yield Paragraph(text=note, note=True)


def _in_full(song: SongAnalysis, found: SectionProfile, text: str) -> Iterator[Block]:
    caption = (
        "Each section as a column, on the time axis of the song. Faint bands are ranges: how far the number varies"
        " within the section, or how unsure it is."
    )
    yield from draw("section_profile", song, caption=caption, alt=f"The sections side by side. {text}")
    yield _full_table(found, song.spelling)
    yield Paragraph(text=COLUMNS_IN_WORDS, note=True)


def _alike_in_words(sections: Sequence[Section]) -> str:
    """Say where letters tell nothing of the form: nearly all sections have one, and none of these a name."""
    letters = [section.letter for section in sections if section.function is None]
    most = max((letters.count(letter) for letter in letters), default=0)
    if len(sections) < ALIKE_FROM or most < ALIKE_FRACTION * len(sections):
        return ""
    return "Most sections sound alike, so the letters do not tell verses from choruses."


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
        return "The chorus is not clearly louder, busier or fuller than the verse."
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


def _entries_in_words(found: SectionProfile, loop: str) -> str:
    """Say when things enter, in the order in which they do."""
    entries = [
        ("the voice", found.voice_enters_s),
        ("the drums", found.drums_enter_s),
        ("the bass", found.bass_enters_s),
        (f"the {loop}", found.riff_enters_s),
    ]
    at_once = [what for what, start_s in entries if start_s is not None and start_s < FROM_THE_START_S]
    later = sorted((start_s, what) for what, start_s in entries if start_s is not None and start_s >= FROM_THE_START_S)
    sentences = []
    if at_once:
        be = "is" if len(at_once) == 1 and at_once[0] != "the drums" else "are"
        sentences.append(f"{capitalised(words.joined(at_once))} {be} there from the start")
    if later:
        places = [f"{what} at {clock(start_s)}" for start_s, what in later]
        places[0] = places[0].replace(" at ", f" enter{'' if later[0][1] == 'the drums' else 's'} at ", 1)
        sentences.append(capitalised(words.joined(places)))
    if found.first_chorus_s is not None:
        sentences.append(f"The first chorus begins at {clock(found.first_chorus_s)}")
    lacking = [
        what for what, start_s in (("drums", found.drums_enter_s), ("bass", found.bass_enters_s)) if start_s is None
    ]
    if lacking:
        sentences.append(f"No {words.joined(lacking, 'or')} {'was' if lacking == ['bass'] else 'were'} found")
    return " ".join(f"{sentence}." for sentence in sentences)


def _brief_table(
    song: SongAnalysis, sections: Sequence[Section], names: Sequence[str], found: SectionProfile | None = None
) -> Table:
    """List when each section begins, how long it is and, where known, how loud and how much is sung."""
    beats = song.get(Beats)
    lines_s = beats.times_s[beats.downbeat_index] if beats is not None else np.zeros(0)

    def bars(section: Section) -> str:
        # A last chord that rings on, or a fade, has no beats to count bars by.
        if beats is None or not lines_s.size or beats.times_s[-1] < (section.start_s + section.end_s) / 2:
            return ABSENT
        inside = (lines_s > section.start_s - SAME_PLACE_S) & (lines_s < section.end_s - SAME_PLACE_S)
        return str(int(inside.sum()))

    columns: list[tuple[Column, list[str]]] = [
        (Column(heading="Section", share=1.6), list(names)),
        (Column(heading="Letter", share=0.7), [section.label for section in sections]),
        (Column(heading="From", align="right", share=0.8), [clock(section.start_s) for section in sections]),
        (Column(heading="To", align="right", share=0.8), [clock(section.end_s) for section in sections]),
        (Column(heading="Bars", align="right", share=0.7), [bars(section) for section in sections]),
    ]
    if found is not None:
        each = found.sections
        columns += [
            (Column(heading="LUFS", align="right", share=0.9), [_number(one.loudness_lufs, LUFS) for one in each]),
            (Column(heading="Drums", align="right", share=0.9), [_share(one.drums_fraction) for one in each]),
            (Column(heading="Sung", align="right", share=0.9), [_share(one.sung_fraction) for one in each]),
            (Column(heading="Vocal range", align="right", share=1.4), [_notes(one, song.spelling) for one in each]),
        ]
    told = [(column, cells) for column, cells in columns if set(cells) != {ABSENT}]
    return Table(
        columns=tuple(column for column, _ in told), rows=tuple(zip(*(cells for _, cells in told), strict=True))
    )


def _number(content: float | None, unit: Unit) -> str:
    return ABSENT if content is None else unit.number(content)


def _share(content: float | None) -> str:
    return ABSENT if content is None else FRACTION.format(content)


def _notes(section: ProfiledSection, spelling: Spelling) -> str:
    if section.lowest_midi is None or section.highest_midi is None:
        return ABSENT
    return f"{spelling.print(section.lowest_midi)}\N{EN DASH}{spelling.print(section.highest_midi)}"


def _full_table(found: SectionProfile, spelling: Spelling) -> Table:
    """List the numbers of each section."""

    def number(name: str, unit: Unit) -> Callable[[ProfiledSection], str]:
        return lambda section: _number(getattr(section, name), unit)

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
        ("Range", 1.25, lambda section: _notes(section, spelling)),
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
        low, high = words.percent_of(min(sure)), words.percent_of(max(sure))
        likely = low if low == high else f"{low} to {high}"
        named = {section.function for section in found.sections if section.function is not None}
        example = "chorus" if "chorus" in named else min(named, default="chorus")
        parts.append(f"Names such as {example} are read from the music: each is {likely} likely.")
    return " ".join(parts)
