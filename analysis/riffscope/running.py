"""What is being done while a song is measured, in words: told from the steps that have ended."""

from riffscope import steps
from riffscope.song import ROOTS
from riffscope.steps import Step

# What takes long, in words, the longest first: of the steps that run side by side the first is shown.
WORK = {
    "stems": "separating the vocals",
    "loops": "looking for loops",
    "voice_track": "following the voice",
    "voice_detection": "listening for singing",
    "voice_sound": "listening to the voice",
    "vocal_tone": "listening to the voice",
    "vocal_layers": "listening for more voices",
    "beat_track": "finding the beat",
    "beat_activation": "listening for the beat",
    "riff_notes": "reading the riff",
    "chord_activation": "listening for chords",
    "chords": "naming the chords",
    "structure": "finding the sections",
}
OTHER_WORK = "measuring the sound"


class Running:
    """Which steps run, by those that have ended: all whose needs are met.

    Parameters
    ----------
    separates : bool
        Whether the vocals are separated: otherwise their step is over at once, and is not spoken of.
    """

    def __init__(self, *, separates: bool = True) -> None:
        self._ended: set[type] = set()
        self._work = {name: text for name, text in WORK.items() if separates or name != "stems"}
        self._by_name: dict[str, Step] = {step.name: step for step in steps.producers().values()}

    def end(self, name: str) -> None:
        """Take in that a step has ended."""
        if name in self._by_name:
            self._ended.add(self._by_name[name].produces)

    @property
    def work(self) -> str:
        """What is being done, in words: of what runs, that which takes longest."""
        met = {*self._ended, *ROOTS}
        for name, text in self._work.items():
            step = self._by_name.get(name)
            if step is not None and step.produces not in met and all(need.type in met for need in step.needs):
                return text
        return OTHER_WORK
