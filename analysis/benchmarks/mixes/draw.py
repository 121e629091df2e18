"""The draw: everything about song i of a seed, before a note of it is written.

What should come in even shares is *dealt*: each attribute has a deck of cards, and song i gets card i of its shuffled
deck, so that a row of songs as long as the deck holds every card once. The rest is drawn freely. A draw whose song
would be shorter than 50 s or longer than 75 s is thrown away.
"""

import itertools
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar, cast

import numpy as np

from benchmarks.mixes.layout import lay_out
from benchmarks.mixes.music import Key, Mode
from benchmarks.mixes.spec import (
    Arrangement,
    Band,
    BassLine,
    Form,
    Lead,
    Metre,
    Pump,
    Reverb,
    Section,
    Singer,
    Spec,
)
from benchmarks.mixes.timing import LEAD_IN_S, RELEASE_S, STRAIGHT, Change, Drift, Plan, Ritardando, beat_times

T = TypeVar("T")

SHORTEST_S, LONGEST_S, LEAST_SECTIONS = 50, 75, 3
SLOWEST_BPM, FASTEST_BPM, FASTEST_IN_SIX_BPM = 60, 190, 125
# General MIDI programs, from 0.
GUITARS = (29, 30)
PLUCKED = (24, 25, 26, 27, 28, 104, 45)
KEYS = (0, 4, 7, 11, 12, 16, 80, 81, 61, 38)
SYNTHS = (38, 80, 81, 4, 16)
SYNTH_BASS, ELECTRONIC_BASSES, BASSES = 38, (38, 39), (32, 33, 34, 36)
PADS, COMPERS = (48, 49, 50, 88, 89, 90, 16), (0, 4, 24, 27, 21, 81)
LEADS = {
    lead.name: lead
    for lead in (
        Lead(name="alto sax", program=65, lowest_midi=56, highest_midi=78),
        Lead(name="tenor sax", program=66, lowest_midi=48, highest_midi=70),
        Lead(name="flute", program=73, lowest_midi=62, highest_midi=86),
        Lead(name="square synth lead", program=80, lowest_midi=55, highest_midi=79),
        Lead(name="saw synth lead", program=81, lowest_midi=55, highest_midi=79),
        Lead(name="violin", program=40, lowest_midi=58, highest_midi=84),
        Lead(name="oboe", program=68, lowest_midi=60, highest_midi=82),
        Lead(name="harmonica", program=22, lowest_midi=60, highest_midi=80),
    )
}
# Instruments that carry a melody as a singer does, and are taken for one: winds, bows, brass, guitars, synthesisers.
MORE_LEADS = (
    *LEADS.values(),
    Lead(name="trumpet", program=56, lowest_midi=58, highest_midi=80),
    Lead(name="muted trumpet", program=59, lowest_midi=58, highest_midi=80),
    Lead(name="trombone", program=57, lowest_midi=45, highest_midi=67),
    Lead(name="french horn", program=60, lowest_midi=46, highest_midi=70),
    Lead(name="brass section", program=61, lowest_midi=53, highest_midi=77),
    Lead(name="synth brass", program=62, lowest_midi=50, highest_midi=76),
    Lead(name="string ensemble", program=48, lowest_midi=55, highest_midi=84),
    Lead(name="slow strings", program=49, lowest_midi=55, highest_midi=84),
    Lead(name="synth strings", program=50, lowest_midi=55, highest_midi=82),
    Lead(name="cello", program=42, lowest_midi=40, highest_midi=66),
    Lead(name="viola", program=41, lowest_midi=50, highest_midi=76),
    Lead(name="fiddle", program=110, lowest_midi=58, highest_midi=84),
    Lead(name="clarinet", program=71, lowest_midi=52, highest_midi=80),
    Lead(name="soprano sax", program=64, lowest_midi=58, highest_midi=82),
    Lead(name="pan flute", program=75, lowest_midi=62, highest_midi=86),
    Lead(name="shakuhachi", program=77, lowest_midi=60, highest_midi=84),
    Lead(name="whistle", program=78, lowest_midi=67, highest_midi=90),
    Lead(name="ocarina", program=79, lowest_midi=62, highest_midi=86),
    Lead(name="accordion", program=21, lowest_midi=55, highest_midi=81),
    Lead(name="rock organ", program=18, lowest_midi=50, highest_midi=78),
    Lead(name="electric guitar", program=27, lowest_midi=50, highest_midi=78),
    Lead(name="overdriven guitar", program=29, lowest_midi=50, highest_midi=78),
    Lead(name="distorted guitar", program=30, lowest_midi=50, highest_midi=78),
    Lead(name="calliope synth lead", program=82, lowest_midi=57, highest_midi=81),
    Lead(name="fifths synth lead", program=86, lowest_midi=50, highest_midi=76),
    Lead(name="bass and lead synth", program=87, lowest_midi=48, highest_midi=74),
    Lead(name="piano", program=0, lowest_midi=58, highest_midi=84),
    Lead(name="vibraphone", program=11, lowest_midi=58, highest_midi=84),
)
# Where nobody sings in a song that should be sung, the one so many further on is taken.
EVEN_STEP = 1000
# Where the lowest note of a singer may lie.
RANGES = {
    "bass": (38, 44),
    "baritone": (42, 47),
    "tenor": (46, 52),
    "alto": (52, 57),
    "mezzo": (55, 60),
    "soprano": (59, 65),
}
HIGHEST_SUNG_MIDI = 84
VOICES = ("vocadito_1", "vocadito_10", "vocadito_14")
METRES: dict[Metre, tuple[int, int]] = {"4/4": (4, 4), "3/4": (3, 4), "6/8": (2, 6)}
# So that a riff comes round often enough in a song of a minute.
LONGEST_PERIOD_S: dict[Form, float] = {
    "throughout": 25,
    "bridge_drop": 15,
    "choruses_only": 9,
    "verses_only": 10,
    "two_loops": 10,
}


class _Deck:
    """What song `index` of a seed is dealt, and what it draws."""

    def __init__(self, seed: int, index: int, attempt: int) -> None:
        self.seed, self.index = seed, index
        self.rng = np.random.default_rng([seed, index, 1 + attempt])

    def deal(self, what: str, cards: Sequence[T], *, index: int | None = None) -> T:
        """Return this song's card of a deck."""
        place = self.index if index is None else index
        shuffle = np.random.default_rng([self.seed, zlib.crc32(what.encode()), place // len(cards)])
        return cards[int(shuffle.permutation(len(cards))[place % len(cards)])]

    def deal_whether(self, what: str, yes: int, of: int) -> bool:
        """Tell whether this song has what so many of so many songs have."""
        return bool(self.deal(what, [1] * yes + [0] * (of - yes)))

    def deal_between(self, what: str, low: float, high: float) -> float:
        """Return a number of a range that is dealt in eleven parts."""
        part = self.deal(what, list(range(11)))
        return float(low + (high - low) * (part + self.rng.random()) / 11)

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of some choices."""
        return choices[int(self.rng.integers(len(choices)))]

    def uniform(self, low: float, high: float, digits: int) -> float:
        """Return a number of a range, rounded."""
        return round(float(self.rng.uniform(low, high)), digits)

    def happens(self, chance: float) -> bool:
        """Tell whether something of this chance is the case."""
        return bool(self.rng.random() < chance)


def _deck(**counts: int) -> list[str]:
    """Return cards, as many of each as is said."""
    return [name for name, count in counts.items() for _ in range(count)]


FORMS = cast(
    "list[Form]",
    _deck(throughout=5, bridge_drop=5, choruses_only=3, verses_only=2, two_loops=3, through_composed=2, chord_vamp=2),
)


def draw_spec(seed: int, index: int) -> Spec:
    """Draw song `index` of a seed."""
    return next(spec for attempt in itertools.count() if (spec := _draw(seed, index, attempt)))


def draw_instrumental(seed: int, index: int) -> Spec:
    """Draw song `index` of a seed, and let one of many instruments play what the singer would sing."""
    spec = draw_spec(seed, index)
    deck = _Deck(seed, index, spec.attempt)
    return replace(spec, arrangement="none", lead=deck.deal("any lead instrument", MORE_LEADS))


def draw_even(seed: int, index: int) -> Spec:
    """Draw song `index` of a seed that is sung, and give it what is rare in even shares.

    Half of such songs are mono, half are breathy, half pump, and two in five are dry: a set of it tells more of how
    these sound than one as songs usually are.
    """
    deck = _Deck(seed, index, 0)
    sung = (spec for number in itertools.count(index, EVEN_STEP) if (spec := draw_spec(seed, number)).lead is None)
    spec = next(each for each in sung if each.arrangement != "none")
    room = Reverb(
        wet_db=deck.uniform(-20, -5, 1), rt60_s=deck.uniform(0.5, 2.4, 2), predelay_s=deck.uniform(0, 0.04, 3)
    )
    breathiness = deck.uniform(0.15, 0.65, 2)
    pump = Pump(depth_db=deck.uniform(3, 10, 1), recovery_beats=deck.uniform(0.2, 0.45, 2))
    return replace(
        spec,
        index=index,
        channels=deck.deal("even channels", [1, 2]),
        pump=pump if deck.deal_whether("even pump", 1, 2) else None,
        singer=replace(
            spec.singer,
            reverb=None if deck.deal_whether("even dry", 2, 5) else room,
            breathiness=breathiness if deck.deal_whether("even breath", 1, 2) else 0.0,
        ),
    )


def _draw(seed: int, index: int, attempt: int) -> Spec | None:
    """Draw a song; None where it would be too short or too long. The order of the draws is part of the seed."""
    deck = _Deck(seed, index, attempt)
    form = deck.deal("form", FORMS)
    metre = deck.deal("metre", cast("list[Metre]", ["4/4"] * 17 + ["3/4"] * 3 + ["6/8"] * 2))
    meter, steps_per_beat = METRES[metre]
    bpm, riff_bars = _draw_tempo_and_period(deck, form, metre)
    bar_s = meter * 60 / bpm
    riff_b_bars = deck.pick([bars for bars in (1, 2, 4) if bars * bar_s <= 8] or [1]) if form == "two_loops" else 0
    swing = _draw_swing(deck, metre, bpm)
    main_drums, chorus_drums = _draw_drums(deck, metre, bpm, swing)
    leading_s = deck.uniform(0.4, 4, 2) if deck.deal_whether("leading", 5, 22) else 0.0
    trailing_s = deck.uniform(0.5, 5, 2) if deck.deal_whether("trailing", 5, 22) else 0.0
    target_s = float(deck.rng.uniform(54, 66))
    sections = _draw_sections(
        deck,
        form,
        bars=int((target_s - LEAD_IN_S - RELEASE_S - leading_s - trailing_s) / bar_s),
        bar_s=bar_s,
        riff_bars=riff_bars,
        riff_b_bars=riff_b_bars,
        drums=(main_drums, chorus_drums),
    )
    arrangement, lead = _draw_vocals(deck)
    plan = _draw_plan(deck, sections, bpm)
    electronic = main_drums in {"four", "dnb"} and deck.happens(0.6)
    power = not electronic and swing == STRAIGHT and deck.happens(0.35)
    riff_program = deck.pick(GUITARS if power else SYNTHS if electronic else PLUCKED + KEYS)
    lufs = round(deck.deal_between("loudness", -22, -7), 1)
    low = _draw_lowest_note(deck)
    reverb = _draw_reverb(deck)
    key = Key(tonic=int(deck.rng.integers(12)), mode=deck.deal("mode", cast("list[Mode]", ["major", "minor"] * 3)))
    band = _draw_band(deck, riff_program, electronic=electronic, power=power)
    pump = _draw_pump(deck)
    lead_db = deck.uniform(-6, 4, 1)
    singer = _draw_singer(deck, low, reverb)
    spec = Spec(
        seed=seed,
        index=index,
        attempt=attempt,
        form=form,
        metre=metre,
        meter=meter,
        steps_per_beat=steps_per_beat,
        bpm=bpm,
        swing=swing,
        plan=plan,
        sections=tuple(sections),
        key=key,
        riff_bars=riff_bars,
        riff_b_bars=riff_b_bars,
        band=band,
        pump=pump,
        arrangement=arrangement,
        lead=lead,
        lead_db=lead_db,
        singer=singer,
        channels=deck.deal("channels", [1] * 4 + [2] * 18),
        lufs=lufs,
        drive=deck.uniform(1.2, 2.4, 2) if lufs > -11 else 0,
        leading_s=leading_s,
        trailing_s=trailing_s,
    )
    return spec if SHORTEST_S <= _length_s(spec) <= LONGEST_S and len(sections) >= LEAST_SECTIONS else None


def _length_s(spec: Spec) -> float:
    beats_s = beat_times(
        spec.bar_count * spec.meter, spec.bpm, spec.plan, meter=spec.meter, rng=np.random.default_rng(0)
    )
    return float(beats_s[-1] + RELEASE_S + spec.leading_s + spec.trailing_s)


def _draw_tempo_and_period(deck: _Deck, form: Form, metre: Metre) -> tuple[float, int]:
    """Draw beats a minute and the riff's bars: a riff too long to come round often gets a faster song, or is cut."""
    meter, _ = METRES[metre]
    fastest = FASTEST_IN_SIX_BPM if metre == "6/8" else FASTEST_BPM
    bpm = float(np.exp(deck.deal_between("tempo", np.log(SLOWEST_BPM), np.log(fastest))))
    if form == "throughout":  # only here is there room for long riffs; they are dealt one by one to these songs
        before = sum(deck.deal("form", FORMS, index=index) == form for index in range(deck.index))
        bars = deck.deal("long period", [1, 2, 2, 3, 4, 4, 6, 8, 16, 16], index=before)
    else:
        bars = deck.deal("period", [1, 1, 2, 2, 2, 3, 4, 4, 4, 6, 8, 8])
    longest_s = LONGEST_PERIOD_S.get(form)
    if longest_s is None:
        bars = 0
    elif bars * meter * 60 / bpm > longest_s:
        slowest = bars * meter * 60 / longest_s
        if slowest < fastest * 0.95:
            bpm = float(np.exp(deck.rng.uniform(np.log(slowest * 1.01), np.log(fastest))))
        else:
            shorter = (1, 2, 2, 3, 4, 4, 6, 8)
            bars = deck.pick([each for each in shorter if each * meter * 60 / bpm <= longest_s] or [1])
    return round(bpm, deck.pick([0, 0, 1, 2])), bars


def _draw_swing(deck: _Deck, metre: Metre, bpm: float) -> float:
    if metre != "6/8" and deck.deal_whether("swing", 4, 22) and bpm < 170:
        return deck.uniform(0.58, 0.68, 3)
    return STRAIGHT


def _draw_drums(deck: _Deck, metre: Metre, bpm: float, swing: float) -> tuple[str, str]:
    """Draw the style of most sections, and that of choruses."""
    styles = _styles(metre, bpm, swings=swing > STRAIGHT)
    main = deck.deal("drums", ["none"] * 4 + ["style"] * 18)
    main = main if main == "none" else deck.pick(styles)
    return main, main if main == "none" or deck.happens(0.5) else deck.pick(styles)


def _styles(metre: Metre, bpm: float, *, swings: bool) -> list[str]:
    if metre == "6/8":
        return ["six_eight", "six_eight_rock"]
    if metre == "3/4":
        return ["waltz_swing", "waltz"] if swings else ["waltz", "waltz_rock"]
    if swings:
        return ["swing", "swing", "half", "brush"]
    if bpm > 150:
        return ["dnb", "punk", "metal", "rock", "four"]
    if bpm > 105:
        return ["rock", "four", "half", "funk", "latin", "rock", "punk"]
    return ["rock", "half", "funk", "brush", "latin", "four"]


def _draw_sections(
    deck: _Deck,
    form: Form,
    *,
    bars: int,
    bar_s: float,
    riff_bars: int,
    riff_b_bars: int,
    drums: tuple[str, str],
) -> list[Section]:
    """Lay the form out; in some songs the drums play alone for a while, in others the bridge has none."""
    place = deck.deal("drums alone", ["intro"] * 2 + ["break"] * 3 + ["outro"] * 2 + [""] * 15)
    if drums[0] == "none":
        place = ""
    alone_bars = max(2, round(float(deck.rng.uniform(4, 9)) / bar_s)) if place else 0
    sections = lay_out(form, bars - alone_bars, riff_bars=riff_bars, riff_b_bars=riff_b_bars, drums=drums, rng=deck.rng)
    if place:
        alone = Section(name=f"drum_{place}", bars=alone_bars, content="none", sung=False, drums=drums[0])
        where = {"intro": 0, "break": max(1, len(sections) - 2), "outro": len(sections)}[place]
        sections.insert(where, alone)
    bridge_drums = deck.pick(["none", drums[0]])
    return [
        Section(name=each.name, bars=each.bars, content=each.content, sung=each.sung, drums=bridge_drums)
        if each.name == "bridge"
        else each
        for each in sections
    ]


def _draw_vocals(deck: _Deck) -> tuple[Arrangement, Lead | None]:
    """Draw how voices are arranged, or that nobody sings, with or without an instrument in the lead."""
    cards = _deck(lead=6, doubled=3, panned_harmonies=3, oohs_in_gaps=3, mono_stack=3, none=1, none_with_lead=3)
    card = deck.deal("vocals", cards)
    if card == "none_with_lead":
        return "none", LEADS[deck.deal("lead instrument", sorted(LEADS))]
    return cast("Arrangement", card), None


def _draw_plan(deck: _Deck, sections: Sequence[Section], bpm: float) -> Plan:
    """Draw how the tempo goes. All ways are drawn, so that the rest of the song does not hang on which it is."""
    card = deck.deal("plan", _deck(constant=14, drift=4, rit=2, change=2))
    bars = [section.bars for section in sections]
    drift = Drift(percent=deck.uniform(0.8, 3, 2))
    ritardando = Ritardando(
        bars=min(sum(bars) // 3, int(deck.rng.integers(2, 5))), to_fraction=deck.uniform(0.65, 0.85, 2)
    )
    factor = deck.pick([deck.rng.uniform(0.76, 0.88), deck.rng.uniform(1.12, 1.3)])
    change = Change(bar=sum(bars[: (len(bars) + 1) // 2]), bpm=round(float(bpm * factor), 1))
    plans: dict[str, Plan] = {"constant": None, "drift": drift, "rit": ritardando, "change": change}
    return plans[card]


def _draw_lowest_note(deck: _Deck) -> int:
    kind = deck.deal("range", _deck(bass=2, baritone=4, tenor=4, alto=4, mezzo=4, soprano=4))
    return int(deck.rng.integers(*RANGES[kind], endpoint=True))


def _draw_reverb(deck: _Deck) -> Reverb | None:
    if not deck.deal("reverb", [0] * 7 + [1] * 15):
        return None
    return Reverb(
        wet_db=deck.uniform(-20, -5, 1), rt60_s=deck.uniform(0.5, 2.4, 2), predelay_s=deck.uniform(0, 0.04, 3)
    )


def _draw_band(deck: _Deck, riff_program: int, *, electronic: bool, power: bool) -> Band:
    lines: tuple[BassLine, ...] = ("doubles", "doubles", "roots")
    return Band(
        riff=riff_program,
        bass=deck.pick(ELECTRONIC_BASSES if electronic else BASSES),
        pad=deck.pick(PADS),
        comp=deck.pick(COMPERS),
        power=power,
        riff_base=36 if power or riff_program == SYNTH_BASS else deck.pick((36, 48, 48, 60)),
        density=deck.uniform(0.55, 0.95, 2),
        variation=deck.pick((0, 0.15, 0.3)),
        pads=deck.happens(0.75),
        comping=deck.happens(0.4),
        free_line=deck.happens(0.5),
        bass_line=deck.pick(lines) if deck.deal_whether("bass", 20, 22) else "none",
        bass_db=round(deck.deal_between("bass db", -9, 6), 1),
        drum_volume=int(deck.rng.integers(72, 112)),
        drums_varied=deck.happens(0.5),
        jitter_s=round(float(deck.rng.uniform(0, 0.002) if electronic else deck.rng.uniform(0.003, 0.012)), 4),
    )


def _draw_pump(deck: _Deck) -> Pump | None:
    if not deck.deal_whether("pump", 5, 22):
        return None
    return Pump(depth_db=deck.uniform(3, 10, 1), recovery_beats=deck.uniform(0.2, 0.45, 2))


def _draw_singer(deck: _Deck, low: int, reverb: Reverb | None) -> Singer:
    return Singer(
        source=deck.deal("voice", VOICES),
        formant=round(deck.deal_between("formant", 0.88, 1.18), 3),
        lowest_midi=low,
        highest_midi=min(HIGHEST_SUNG_MIDI, low + int(deck.rng.integers(10, 24))),
        level_db=round(deck.deal_between("voice level", -8, 6), 1),
        reverb=reverb,
        breathiness=deck.uniform(0.15, 0.65, 2) if deck.deal_whether("breath", 6, 22) else 0.0,
        harmony_everywhere=deck.happens(0.4),
    )
