"""What a listener notices between songs: which measures are heard, how much each counts, and the words for it.

Not every difference that can be measured is heard: a true peak tells an engineer something, and a listener nothing.
Only the measures of `HEARD` open a comparison or come into its sentences; all the others stand in its full table. Of
measures that tell of the same thing, such as the span of a voice and its middle half, one is here.

Source: own. The weights are chosen by hand, not fitted: they order what people say first when two recordings are
compared.
"""

import math
from collections.abc import Mapping

from riffscope.model import value


@value
class Way:
    """One of the two ways in which a song can differ: ``slower``, and of three or more ``slowest``."""

    word: str
    most: str


@value
class Heard:
    """How a measure is heard.

    Attributes
    ----------
    weight : float
        How much it counts against other measures where both lie equally far beyond what can be told apart.
    phrase : str
        What is said of a song, with the word's place in braces: ``is {}``, ``has a {} bass``.
    less, more : Way
        What a smaller and a larger number sound like.
    noun : str
        What it is called where songs have it in common.
    told : str
        How a song's number is told where the phrase does not say what it is of: ``{} above its room``.
    """

    weight: float
    phrase: str
    less: Way
    more: Way
    noun: str
    told: str = "{}"

    def says(self, *, more: bool) -> str:
        """Say what sets one song off against another: ``has a lighter bass``."""
        return self.phrase.format((self.more if more else self.less).word)

    def says_most(self, *, more: bool) -> str:
        """Say what sets one song off against all others: ``has the lightest bass``."""
        phrase = self.phrase.replace("a {}", "{}")
        return phrase.format(f"the {(self.more if more else self.less).most}")

    def score(self, steps: float) -> float:
        """Rate a difference of so many just noticeable steps: twice as many steps are one more, as Weber has it."""
        return self.weight * math.log2(1 + abs(steps))


def _heard(weight: float, phrase: str, noun: str, less: str, more: str, told: str = "{}") -> Heard:
    return Heard(weight=weight, phrase=phrase, noun=noun, less=_way(less), more=_way(more), told=told)


def _way(words: str) -> Way:
    """Read a comparative with its superlative: ``slower/slowest``."""
    word, _, most = words.partition("/")
    return Way(word=word, most=most)


HEARD: Mapping[str, Heard] = {
    # What makes people move, or not: it is noticed first and remembered best.
    "tempo.bpm": _heard(3.0, "is {}", "tempo", "slower/slowest", "faster/fastest"),
    "tempo.swing_fraction": _heard(
        1.5, "is {}", "swing", "straighter/straightest", "more swung/most swung", told="offbeat at {}"
    ),
    "tempo.drift_percent": _heard(
        1.0, "has a {} tempo", "steadiness of the tempo", "steadier/steadiest", "looser/loosest", told="drift {}"
    ),
    "beats.beats_per_bar": _heard(1.1, "has {} beats in a bar", "meter", "fewer/fewest", "more/most"),
    # The voice holds the attention; how high it lies is heard before how far it goes.
    "vocal_range.median_midi": _heard(
        2.0, "is sung {}", "pitch of the voice", "lower/lowest", "higher/highest", told="median {}"
    ),
    "vocal_range.span_semitones": _heard(
        1.5, "has a {} vocal range", "vocal range", "narrower/narrowest", "wider/widest"
    ),
    "vocal_range.stepwise_fraction": _heard(
        1.0, "has a melody with {} steps", "share of steps in the melody", "fewer/fewest", "more/most"
    ),
    "vocal_tone.forwardness_lu": _heard(
        1.5,
        "has a {} voice in the mix",
        "level of the voice",
        "quieter/quietest",
        "louder/loudest",
    ),
    "vocal_tone.dryness_db": _heard(
        1.5, "has a {} voice", "room around the voice", "roomier/roomiest", "drier/driest", told="{} above its room"
    ),
    "vocal_tone.breathiness_db": _heard(
        1.0, "has a {} voice", "breath in the voice", "clearer/clearest", "breathier/breathiest", told="breath noise {}"
    ),
    "vocal_layers.layered_fraction": _heard(
        1.5, "has {} layered singing", "layers of voices", "less/least", "more/most"
    ),
    "vocal_layers.harmony_fraction": _heard(1.0, "has {} sung harmony", "sung harmony", "less/least", "more/most"),
    "vocal_activity.sung_fraction": _heard(1.0, "has {} singing", "share of singing", "less/least", "more/most"),
    # The level itself can be turned up or down by the listener; between songs of one playlist it is noticed at once.
    "loudness.integrated_lufs": _heard(2.0, "is {}", "loudness", "quieter/quietest", "louder/loudest"),
    "loudness.range_lu": _heard(
        1.0, "is {}", "dynamics", "more even/most even", "more dynamic/most dynamic", told="loudness range {}"
    ),
    "loudness.plr_lu": _heard(
        0.6, "has {} peaks", "peaks", "flatter/flattest", "sharper/sharpest", told="{} above the average"
    ),
    # The sound: the bass is felt, brightness and fullness make the first impression.
    "balance.bass_lu": _heard(2.0, "has a {} bass", "bass", "lighter/lightest", "heavier/heaviest"),
    "balance.tilt_db_per_octave": _heard(
        1.2, "is {}", "brightness", "darker/darkest", "brighter/brightest", told="spectral tilt {}"
    ),
    "density.active_bands_mean": _heard(2.0, "is {}", "fullness", "sparser/sparsest", "fuller/fullest"),
    "density.onsets_per_s": _heard(1.2, "is {}", "onset rate", "calmer/calmest", "busier/busiest", told="onsets {}"),
    "density.pumping_db": _heard(1.0, "has {} pumping", "pumping", "less/least", "more/most"),
    "stereo.width_fraction": _heard(1.0, "has a {} stereo image", "stereo width", "narrower/narrowest", "wider/widest"),
    # What repeats, and when things happen: noticed on the second hearing.
    "loops.coverage_fraction": _heard(
        1.2,
        "is {}",
        "share of the loop",
        "less repetitive/least repetitive",
        "more repetitive/most repetitive",
        told="loop in {} of the song",
    ),
    "loops.period_bars": _heard(1.2, "has a {} loop", "length of the loop", "shorter/shortest", "longer/longest"),
    "section_profile.voice_enters_s": _heard(
        1.0, "brings in the voice {}", "entry of the voice", "sooner/soonest", "later/latest"
    ),
    "section_profile.first_chorus_s": _heard(
        1.0, "reaches its chorus {}", "first chorus", "sooner/soonest", "later/latest"
    ),
}
