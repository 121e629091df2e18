"""The network: a small convolutional front end and a temporal convolutional network over it.

References
----------
.. [1] Davies & Böck, "Temporal convolutional networks for musical audio beat tracking", EUSIPCO 2019.
.. [2] Böck & Davies, "Deconstruct, analyse, reconstruct: how to improve tempo, beat, and downbeat estimation",
   ISMIR 2020: two dilations side by side, and tempo learnt along with the beats.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import elu

from riffscope.dsp.rhythm.beat_features import HARMONIC_FEATURES
from riffscope.models.beat_net import CLASSES_PER_OCTAVE, MIN_BPM, TEMPO_CLASSES


class BeatNet(nn.Module):
    """Reads the scaled mel spectrum (batch, 80, n) and the harmonic change (batch, 8, n).

    Gives logits of beat and downbeat, (batch, 2, n), and of the tempo class, (batch, 64). With nine
    layers a frame sees 41 s to either side.

    Parameters
    ----------
    channels : int
        Width of all layers.
    layers : int
        Dilations 1, 2, 4 ... 2**(layers - 1), with twice as much beside.
    dropout : float
        In training.
    """

    def __init__(self, *, channels: int, layers: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.low = nn.Conv2d(1, 16, (5, 3), stride=(3, 1), padding=(0, 1))
        self.middle = nn.Conv2d(16, 32, (5, 3), stride=(3, 1), padding=(0, 1))
        self.high = nn.Conv2d(32, channels, (8, 1))
        self.harmony = nn.Conv1d(HARMONIC_FEATURES, 8, 5, padding=2)
        self.join = nn.Conv1d(channels + 8, channels, 1)
        self.narrow = nn.ModuleList()
        self.wide = nn.ModuleList()
        self.merge = nn.ModuleList()
        for layer in range(layers):
            dilation = 2**layer
            self.narrow.append(nn.Conv1d(channels, channels, 5, dilation=dilation, padding=2 * dilation))
            self.wide.append(nn.Conv1d(channels, channels, 5, dilation=2 * dilation, padding=4 * dilation))
            self.merge.append(nn.Conv1d(2 * channels, channels, 1))
        self.curves = nn.Conv1d(channels, 2, 1)
        self.tempo = nn.Linear(channels, TEMPO_CLASSES)
        # Whole channels are left out: neighbouring frames tell each other what single ones hide.
        self.dropout = nn.Dropout1d(dropout)

    def forward(self, mel: Tensor, change: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of the curves and of the tempo."""
        x = elu(self.low(mel[:, None]))  # 80 -> 26 bands
        x = elu(self.middle(x))  # 26 -> 8
        x = elu(self.high(x))[:, :, 0]
        x = self.join(self.dropout(torch.cat([x, elu(self.harmony(change))], dim=1)))
        gathered = torch.zeros_like(x)
        for narrow, wide, merge in zip(self.narrow, self.wide, self.merge, strict=True):
            both = torch.cat([elu(narrow(x)), elu(wide(x))], dim=1)
            step = merge(self.dropout(both))
            gathered = gathered + step
            x = x + step
        return self.curves(x), self.tempo(elu(gathered).mean(dim=2))


def tempo_class(bpm: Tensor) -> Tensor:
    """Return the place of tempi on the scale of classes, not rounded."""
    return torch.log2(bpm / MIN_BPM) * CLASSES_PER_OCTAVE
