"""How songs are drummed: styles as patterns of one bar, with fills, and with hits dropped and added."""

from collections.abc import Iterable, Mapping

from benchmarks.mixes.score import Channel, Score

# General MIDI percussion.
KICK, SIDE_STICK, SNARE, CLAP = 36, 37, 38, 39
LOW_FLOOR_TOM, CLOSED_HAT, PEDAL_HAT, LOW_TOM = 41, 42, 44, 45
OPEN_HAT, LOW_MID_TOM, CRASH, HIGH_TOM = 46, 47, 49, 50
RIDE, MUTE_CONGA, MARACAS = 51, 62, 70

# The steps of a bar that each drum strikes: sixteenths, in 6/8 twelve to a bar.
STYLES: Mapping[str, Mapping[int, Iterable[int]]] = {
    "rock": {KICK: (0, 8, 10), SNARE: (4, 12), CLOSED_HAT: range(0, 16, 2)},
    "four": {KICK: (0, 4, 8, 12), CLAP: (4, 12), OPEN_HAT: (2, 6, 10, 14), CLOSED_HAT: range(0, 16, 2)},
    "half": {KICK: (0, 7), SNARE: (8,), CLOSED_HAT: range(0, 16, 2)},
    "funk": {KICK: (0, 3, 10), SNARE: (4, 12), SIDE_STICK: (7, 9, 15), CLOSED_HAT: range(16)},
    "metal": {KICK: range(16), SNARE: (4, 12), CRASH: (0,), RIDE: range(0, 16, 4)},
    "punk": {KICK: (0, 2, 8, 10), SNARE: (4, 12), OPEN_HAT: range(0, 16, 2)},
    "dnb": {KICK: (0, 10), SNARE: (4, 12), CLOSED_HAT: range(0, 16, 2), SIDE_STICK: (7, 9)},
    "brush": {SNARE: (4, 12), RIDE: range(0, 16, 4), KICK: (0,)},
    "latin": {KICK: (0, 6, 8, 14), SIDE_STICK: (3, 6, 10, 12), MARACAS: range(0, 16, 2), MUTE_CONGA: (4, 11)},
    "swing": {RIDE: (0, 4, 6, 8, 12, 14), PEDAL_HAT: (4, 12), KICK: (0, 8), SIDE_STICK: (12,)},
    "waltz": {KICK: (0,), SNARE: (4, 8), CLOSED_HAT: (0, 4, 8, 10)},
    "waltz_rock": {KICK: (0, 10), SNARE: (4,), CLOSED_HAT: range(0, 12, 2)},
    "waltz_swing": {RIDE: (0, 4, 6, 8), PEDAL_HAT: (4,), KICK: (0,)},
    "six_eight": {KICK: (0,), SNARE: (6,), CLOSED_HAT: range(0, 12, 2)},
    "six_eight_rock": {KICK: (0, 4, 10), SNARE: (6,), OPEN_HAT: (0, 6), CLOSED_HAT: range(0, 12, 2)},
    "none": {},
}
FILL_STEPS = 4
GOES_ON_IN_FILLS = {KICK, CRASH}
DROPPED = 0.22
HIT_BEATS, TIGHT = 0.1, 0.6


def play_bar(
    score: Score, style: str, begin_beat: float, *, meter: int, steps_per_beat: int, fill: bool, varied: bool
) -> None:
    """Play a bar of a style: with a fill on its last beat, with hits dropped and added, or plain."""
    pattern, rng = STYLES[style], score.rng
    steps = meter * steps_per_beat

    def strike(drum: int, step: int, velocity: float) -> None:
        beat = begin_beat + step / steps_per_beat
        score.play(Channel.DRUMS, beat, HIT_BEATS, drum, velocity, looseness=TIGHT)

    for drum, places in pattern.items():
        for step in places:
            yields = fill and step >= steps - FILL_STEPS and drum not in GOES_ON_IN_FILLS
            if step >= steps or yields or (varied and rng.random() < DROPPED):
                continue
            strike(drum, step, _velocity(drum, on_beat=step % steps_per_beat == 0))
    if fill and pattern:
        for place in range(FILL_STEPS):
            drum = int(rng.choice([SNARE, LOW_TOM, LOW_MID_TOM, HIGH_TOM, LOW_FLOOR_TOM]))
            strike(drum, steps - FILL_STEPS + place, 84 + 6 * place)
    if varied and pattern:
        for step in rng.choice(steps, 3, replace=False):
            strike(int(rng.choice([KICK, SNARE, CLOSED_HAT, OPEN_HAT])), int(step), 66)


def _velocity(drum: int, *, on_beat: bool) -> float:
    if drum == SIDE_STICK:
        return 48
    if drum in {KICK, SNARE}:
        return 100
    return 70 if on_beat else 52
