"""The network: convolutions round the circle of pitch classes and along time, which treat every root alike.

What is learnt of one root is known of all twelve: a chord and its transposition are the same but for the register,
which the octaves, as channels, tell apart.

References
----------
.. [1] McFee & Bello, "Structured training for large-vocabulary chord recognition", ISMIR 2017: the chord, its notes and
   its bass learnt together.
.. [2] Cohen & Welling, "Group equivariant convolutional networks", ICML 2016.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import elu, pad

from riffscope.chord_names import QUALITIES
from riffscope.dsp.tonality.chord_features import NOTES, PICTURES

CLASSES_OF_PITCH = 12
OCTAVES = NOTES // CLASSES_OF_PITCH


class ChordNet(nn.Module):
    """Reads features (batch, 3, 72, n) of half beats.

    Gives logits of the chord (batch, 133, n): root + 12 * quality, and at the end no chord; of the bass (batch, 12, n)
    and of each pitch class (batch, 12, n).

    Parameters
    ----------
    channels : int
        Width of all layers.
    dilations : tuple of int
        How far apart, in half beats, what each block sees along time lies.
    dropout : float
        In training, of whole channels.
    """

    def __init__(self, *, channels: int, dilations: tuple[int, ...] = (1, 2, 4, 8, 16), dropout: float = 0.1) -> None:
        super().__init__()
        circle = (CLASSES_OF_PITCH, 1)
        self.dilations = dilations
        self.first = nn.Conv2d(PICTURES * OCTAVES, channels, circle)
        self.round = nn.ModuleList(nn.Conv2d(channels, channels, circle) for _ in dilations)
        self.along = nn.ModuleList(
            nn.Conv2d(channels, channels, (1, 5), dilation=(1, d), padding=(0, 2 * d)) for d in dilations
        )
        self.merge = nn.ModuleList(nn.Conv2d(channels, channels, 1) for _ in dilations)
        self.chord = nn.Conv2d(channels, len(QUALITIES), circle)
        self.none = nn.Conv1d(channels, 1, 1)
        self.bass = nn.Conv2d(channels, 1, circle)
        self.notes = nn.Conv2d(channels, 1, circle)
        self.dropout = nn.Dropout2d(dropout)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits of the chord, of the bass and of the pitch classes."""
        batch, _, _, steps = features.shape
        x = features.reshape(batch, PICTURES * OCTAVES, CLASSES_OF_PITCH, steps)
        x = elu(self.first(_circled(x)))
        for around, along, merge in zip(self.round, self.along, self.merge, strict=True):
            step = elu(along(elu(around(_circled(x)))))
            x = x + merge(self.dropout(step))
        x = elu(x)
        circled = _circled(x)
        chord = self.chord(circled).reshape(batch, len(QUALITIES) * CLASSES_OF_PITCH, steps)
        none = self.none(x.mean(dim=2))
        return torch.cat([chord, none], dim=1), self.bass(circled)[:, 0], self.notes(circled)[:, 0]


def _circled(x: Tensor) -> Tensor:
    """Let the pitch classes (batch, channels, 12, n) go on for one turn less one."""
    return pad(x, (0, 0, 0, CLASSES_OF_PITCH - 1), mode="circular")
